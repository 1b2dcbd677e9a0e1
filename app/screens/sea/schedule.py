"""The schedule: quarterly calls, what the log does to them, a calendar to keep."""

from __future__ import annotations

import flet as ft

from app.components.buttons import secondary
from app.components.cards import card, fact
from app.components.shell import scaffold
from app.components.terms import words_here
from app.components.text import body, heading, small
from app.screens.sea.common import effect_card, not_ready, use_log
from app.services.container import use_services
from app.services.sea import SeaBook
from regimes.fisherman.calendar import instalments


@ft.component
def Schedule() -> ft.Control:
    """Calls by year, the present one first."""
    services = use_services()
    words = services.words
    loaded = use_log(services)
    title = words.t("Échéancier")
    if loaded.value is None:
        return not_ready(services, title, loaded)
    book: SeaBook = loaded.value
    lines: list[ft.Control] = [effect_card(book.effect(), book.today.year, words)]
    years = sorted({call.on.year for call in book.overview.calls}, reverse=True)
    for year in [y for y in years if y >= book.today.year - 1]:
        _, basis = instalments(book.profile, book.history(), year, book.rates)
        rows: list[ft.Control] = [heading(str(year), 2)]
        for call in (c for c in book.overview.calls if c.on.year == year):
            name = words.t("{date} : {label}").format(
                date=words.day_month(call.on), label=words.t(call.label)
            )
            rows.append(fact(name, words.money(call.amount), strong=not call.provisional))
        rows.append(small(words.t(basis)))
        lines.append(card(rows))
    if not years:
        lines.append(body(words.t("Aucun appel pour l’instant.")))
    lines += [
        small(
            words.t(
                "L’échéancier de l’année suivante se fait en décembre. Chaque période notée change "
                "la régularisation, pas les appels déjà faits. Dates à confirmer."
            )
        ),
        secondary(words.t("Fichier de calendrier et rappels"),
                  lambda _e: services.go("/reminders"), ft.Icons.EVENT_OUTLINED),
    ]  # fmt: skip
    lines += words_here("appel_provisionnel", "regularisation", "echeancier")
    return scaffold(services, title, lines, back="/mer")
