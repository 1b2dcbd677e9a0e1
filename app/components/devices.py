"""A device as people call it, from what its browser says of itself."""

from __future__ import annotations

from contract.i18n import Words

# The first found names it: the others are also said by those before.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS X", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_name(agent: str, words: Words) -> str:
    """« Firefox sur Android »; the agent itself when it is not a browser's; never empty."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "")
    system = next((name for sign, name in SYSTEMS if sign in agent), "")
    if browser and system:
        return words.t("{browser} sur {system}").format(browser=browser, system=system)
    return browser or system or agent or words.t("Appareil inconnu")
