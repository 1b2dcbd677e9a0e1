"""What the plain pages share."""

from __future__ import annotations

from contract.i18n import LANGUAGES, Words


def language_links(w: Words) -> str:
    """The same page in each other language, under its own name."""
    return " · ".join(
        f'<a href="?lang={code}" hreflang="{code}" lang="{code}">{found.name}</a>'
        for code, found in LANGUAGES.items()
        if code != w.locale
    )
