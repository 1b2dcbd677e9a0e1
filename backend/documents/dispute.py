"""The whole file of a dispute as one PDF: every step in order, the proofs inside the file."""

from __future__ import annotations

from datetime import date

from backend.documents.sheet import Sheet, facts, sheet_pdf, text
from backend.settings import Settings
from contract.decisions import DisputeView
from contract.i18n import N_, Words

STAGES = {
    "complaint": N_("Réclamation"),
    "mediator": N_("Médiateur"),
    "commission": N_("Commission de recours amiable"),
}
KINDS = {
    "opened": N_("Ouverture"),
    "added": N_("Complément"),
    "escalated": N_("Étape suivante"),
    "answered": N_("Réponse"),
}
OUTCOMES = {
    "accepted": N_("Acceptée"),
    "partial": N_("Acceptée en partie"),
    "refused": N_("Refusée"),
}
TITLES = {"complaint": N_("Réclamation"), "remission": N_("Demande de remise")}


def dispute_pdf(view: DisputeView, name: str, today: date, settings: Settings, w: Words) -> bytes:
    """The file of a dispute in the language of `w`."""
    title = f"{w.t(TITLES[view.kind])} {view.number}"
    sections = [
        facts(
            w.t("Dossier"),
            (w.t("Nom"), name),
            (w.t("Numéro"), view.number),
            (w.t("Ouvert le"), w.moment(view.opened_at)),
            (w.t("Étape"), w.t(STAGES[view.stage])),
            (w.t("Concerne"), view.about),
            (w.t("Réponse attendue le"), w.date(view.expected_by) if view.state == "open" else ""),
        )
    ]
    for step in view.steps:
        who = w.t("Vous") if step.author == "person" else w.t("Le service")
        told = [f"{who}, {w.moment(step.at)}"]
        if step.outcome:
            told.append(w.t(OUTCOMES[step.outcome]))
        told += [f"{file.name} (SHA-256 {file.sha256})" for file in step.files]
        heading = f"{w.t(STAGES[step.stage])} : {w.t(KINDS[step.kind])}"
        sections.append(text(heading, *step.body.splitlines(), after=told))
    sheet = Sheet(
        title=title, kind=w.t("Dossier complet"), heading=title, day=today, number=view.number,
        sections=sections, facts=view.model_dump(mode="json"),
    )  # fmt: skip
    return sheet_pdf(sheet, settings, w)
