"""Note a receipt in three taps, change it, take it away."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import flet as ft
from pydantic import ValidationError

from app.components.buttons import primary, quiet, secondary
from app.components.cards import card
from app.components.heard import total
from app.components.load import use_load
from app.components.pick import pick_files
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import body, heading, small
from app.forms.answers import Choice, Date, Money, Possible, Text, YesNo
from app.forms.form import Condition, Field, Form, Step
from app.forms.render import FormModel, StepView, fault_summary
from app.screens.journal import Book, no_journal, open_book
from app.services.backend import BackendError, Problem
from app.services.circles import weakly
from app.services.container import Services, use_services
from app.services.files import give_file
from app.services.journal import Noted, change, note, remove
from app.theme import S
from app.words import N_
from contract.hiding import fresh_id
from contract.i18n import Words
from contract.problem import ProblemCode
from regimes.journal import EARLIEST, METHOD_LABELS, Receipt

PURPOSE = "receipt"
METHODS = tuple(Possible(code, label) for code, label in METHOD_LABELS.items() if code)


def receipt_form(activities: list[tuple[str, str]], today: date, withholding: bool = True) -> Form:
    """The questions of a receipt: three that matter, then what the book of receipts asks, and
    whether a platform withheld on it, where that happens."""
    first = [
        Field("amount", N_("Montant encaissé"), Money(declared=False, some=True)),
        Field("on", N_("Date de l’encaissement"), Date(earliest=EARLIEST, latest=today)),
    ]
    if len(activities) > 1:
        options = tuple(Possible(code, label) for code, label in activities)
        first.insert(1, Field("category", N_("Activité"), Choice(options=options)))
    details = (
        Field("client", N_("Client"), Text(), required=False),
        Field("nature", N_("Nature de la prestation ou de la vente"), Text(),
              required=False),
        Field("reference", N_("Référence de la facture"), Text(), required=False),
        Field("method", N_("Mode de règlement"), Choice(options=METHODS),
              required=False,
              hint=N_("Le livre des recettes met les espèces à part.")),
        Field("platform", N_("Une plateforme a-t-elle déjà retenu les cotisations ?"),
              YesNo(), required=False,
              hint=N_("Alors ce montant n’est pas déclaré de nouveau ; il compte pour "
                      "les plafonds.")),
        Field("refund", N_("Est-ce un remboursement à un client ?"), YesNo(),
              required=False, when=(Condition("platform", ("yes",), negated=True),),
              hint=N_("Le montant est alors déduit de la période. Usage courant, que "
                      "l’Urssaf n’a pas confirmé par écrit.")),
        Field("note", N_("Note"), Text(longest=500), required=False),
    )  # fmt: skip
    asked = tuple(
        question if withholding or question.path != "refund" else replace(question, when=())
        for question in details
        if withholding or question.path != "platform"
    )
    return Form(
        "receipt", 1,
        (
            Step("receipt", N_("Encaissement"), tuple(first)),
            Step("details", N_("Détails"), asked),
        ),
    )  # fmt: skip


def raw_of(receipt: Receipt, words: Words) -> dict[str, str]:
    """The answers that give this receipt again."""
    answer = Money(declared=False)
    return {
        "amount": answer.write(abs(receipt.amount), words),
        "on": Date().write(receipt.on, words),
        "category": receipt.category,
        "client": receipt.client,
        "nature": receipt.nature,
        "reference": receipt.reference,
        "method": receipt.method,
        "note": receipt.note,
        "platform": "yes" if receipt.platform else "",
        "refund": "yes" if receipt.amount < 0 else "",
    }


def to_receipt(
    values: dict[str, Any], activities: list[tuple[str, str]], kept: Receipt | None, file: str
) -> Receipt:
    """The receipt of these answers; what is not asked stays as it was. Raises ValidationError."""
    amount: Decimal = values["amount"]
    category = values.get("category") or (
        kept.category if kept is not None and kept.category else activities[0][0]
    )
    return Receipt.model_validate(
        {
            "on": values["on"],
            "amount": -amount if values.get("refund") == "yes" else amount,
            "category": category,
            "client": values.get("client", ""),
            "nature": values.get("nature", ""),
            "reference": values.get("reference", ""),
            "method": values.get("method", ""),
            "note": values.get("note", ""),
            "platform": values.get("platform") == "yes",
            "attachment": file,
            "bank": kept.bank if kept is not None else "",
            "origin": kept.origin if kept is not None else "",
        }
    )


@ft.observable
@dataclass(eq=False)
class Keep:
    """What to keep of the receipt being typed."""

    euros: Decimal | None = None


@dataclass(eq=False)
class Work:
    """A receipt being typed: lives as long as the screen."""

    book: Book
    noted: Noted | None
    activities: list[tuple[str, str]]
    model: FormModel
    id: str = field(default_factory=fresh_id)
    keep: Keep = field(default_factory=Keep)
    file: str = ""
    said: str = ""
    """What is told above a form that was filled in advance."""

    def typed(self, _path: str, _raw: str) -> None:
        """Compute again what to keep."""
        euros = self.compute()
        if self.keep.euros != euros:
            self.keep.euros = euros

    def compute(self) -> Decimal | None:
        """Euros to keep of this receipt, None while it cannot be told."""
        try:
            found = self.receipt()
        except ValidationError:
            return None
        if found is None:
            return None
        journal = self.book.journal
        if self.noted is not None:
            journal = type(journal)(journal.account, dict(journal.notes))
            journal.notes.pop(self.noted.id, None)
        return self.book.counter.keep_of(found, journal)

    def receipt(self) -> Receipt | None:
        """The receipt of the present answers, None when one that matters is missing. Raises
        ValidationError."""
        values = self.model.journey.values()
        needed = {"amount", "on"} | ({"category"} if len(self.activities) > 1 else set())
        if not needed <= values.keys():
            return None
        kept = self.noted.receipt if self.noted is not None else None
        return to_receipt(values, self.activities, kept, self.file)


def _open(services: Services, book: Book, noted: Noted | None) -> Work:
    words = services.words
    counter = book.counter
    activities = counter.speaks.activities(counter.profile)
    today = counter.overview.today
    if noted is not None and noted.receipt.category not in dict(activities):
        # An activity that the account left: the receipt keeps it unless another is chosen.
        label = book.labels.get(noted.receipt.category, noted.receipt.category)
        activities = [*activities, (noted.receipt.category, label)]
    if noted is not None:
        raw = raw_of(noted.receipt, words)
    else:
        raw = {"on": Date().write(today, words)}
        latest = next(iter(book.journal.newest_first()), None)
        if latest is not None and latest.receipt.category in dict(activities):
            raw["category"] = latest.receipt.category
        raw |= services.cache.pop("journal:prefill", {})
    model = FormModel(
        receipt_form(activities, today, counter.speaks.withholding), raw, services=services
    )
    work = Work(book, noted, activities, model)
    if noted is None:
        work.said = services.cache.pop("journal:prefill_note", "")
    work.file = noted.receipt.attachment if noted is not None else ""
    model.on_type = weakly(work.typed)
    work.keep.euros = work.compute()
    return work


@ft.component
def NewReceipt() -> ft.Control:
    """A new receipt."""
    return Editor("")


@ft.component
def EditReceipt() -> ft.Control:
    """A receipt that is noted already."""
    return Editor(str(ft.use_route_params()["id"]))


@ft.component
def Editor(name: str) -> ft.Control:
    """The screen around the form."""
    services = use_services()
    words = services.words
    account = services.session.account

    async def fetch() -> Work | str | None:
        book = await open_book(services)
        if book is None or not book.labels:
            return "none"
        if name and name not in book.journal.notes:
            return "lost"
        return _open(services, book, book.journal.notes.get(name))

    loaded = use_load(services, fetch, [account.id if account else "", name])
    title = words.t("Encaissement") if name else words.t("Ajouter un encaissement")
    if loaded.value is None:
        return scaffold(services, title, [loaded.other(services)], back="/journal")
    if loaded.value == "none":
        return no_journal(services, title)
    if loaded.value == "lost":
        return scaffold(
            services, title,
            [banner(words.t("Cet encaissement n’est plus dans le journal."), "info")],
            back="/journal",
        )  # fmt: skip
    return Typing(loaded.value)


@ft.component
def Typing(work: Work) -> ft.Control:
    """The form, what to keep, and the buttons."""
    services = use_services()
    words = services.words
    more, set_more = ft.use_state(work.noted is not None or bool(work.said))
    bad, set_bad = ft.use_state(())
    error, set_error = ft.use_state(None)
    saving, set_saving = ft.use_state(False)
    model = work.model
    model.services = services
    essential, details = model.journey.form.steps
    noted = work.noted

    async def save(_event: Any = None) -> None:
        if saving:
            return
        faults = model.check(essential)
        late = model.check(details)
        if late:
            set_more(True)
        faults = [*faults, *late]
        set_bad(tuple(faults))
        receipt = None if faults else work.receipt()
        if receipt is None:
            return
        set_saving(True)
        set_error(None)
        told = ""
        euros = work.keep.euros
        if euros is not None and euros > 0 and noted is None:
            told = words.t("Mettez {amount} de côté.").format(amount=words.money(euros))
        sent = work.book.counter.sent_for(receipt.on)
        if sent is not None:
            told = words.t(
                "La période est déjà déclarée ({period}) : corrigez-la depuis l’historique pour "
                "que le changement compte."
            ).format(period=words.period(sent.start, sent.end))
        journal = work.book.journal
        try:
            if noted is None:
                done = await note(services.backend, journal, receipt, work.id)
            else:
                done = await change(services.backend, journal, noted, receipt)
        except BackendError as problem:
            set_saving(False)
            set_error(problem)
            return
        services.cache["journal:undo"] = done
        services.cache["journal:told"] = told
        services.go("/journal")

    async def delete(_event: Any) -> None:
        if noted is None or saving:
            return
        set_saving(True)
        try:
            services.cache["journal:undo"] = await remove(
                services.backend, work.book.journal, noted
            )
        except BackendError as problem:
            set_saving(False)
            set_error(problem)
            return
        services.cache["journal:told"] = ""
        services.go("/journal")

    lines: list[ft.Control] = []
    if error is not None:
        changed = isinstance(error, Problem) and error.code is ProblemCode.ENTRY_CHANGED
        if changed:
            lines.append(
                banner(
                    words.t("Il a été modifié sur un autre appareil : rouvrez-le depuis le "
                            "journal pour voir sa dernière version."),
                    "warning", words.t("Modifié ailleurs"),
                    [secondary(words.t("Ouvrir le journal"), lambda _e: services.go("/journal"))],
                    live=True,
                )
            )  # fmt: skip
        else:
            lines.append(failure(services, error, save))
    if bad:
        lines.append(fault_summary(services, list(bad)))
    if noted is not None and noted.receipt.origin:
        lines.append(small(words.t("Importé de {origin}").format(origin=noted.receipt.origin)))
    if work.said:
        lines.append(banner(work.said, "info", live=True))
    lines.append(StepView(model, essential, model.shape))
    lines.append(KeepNote(work.keep, words))
    if more:
        lines.append(heading(words.t("Détails"), 2))
        lines.append(StepView(model, details, model.shape))
        lines.append(Proof(work, words.locale))
    else:
        lines.append(
            ft.Row(
                [quiet(words.t("Ajouter le client, une photo, une note…"),
                       lambda _e: set_more(True), ft.Icons.EXPAND_MORE)],
                wrap=True,
            )
        )  # fmt: skip
    buttons: list[ft.Control] = [
        primary(
            words.t("Enregistrement…") if saving else words.t("Enregistrer"), save,
            ft.Icons.CHECK, disabled=saving,
        )
    ]  # fmt: skip
    if noted is not None:
        buttons.append(
            secondary(words.t("Supprimer"), delete, ft.Icons.DELETE_OUTLINE, disabled=saving)
        )
    return scaffold(
        services,
        words.t("Encaissement") if noted is not None else words.t("Ajouter un encaissement"),
        lines,
        footer=ft.Row(buttons, wrap=True, spacing=S),
        back="/journal",
    )


@ft.component
def KeepNote(keep: Keep, words: Words) -> ft.Control:
    """What to put aside of this receipt, as it is typed."""
    if keep.euros is None:
        return ft.Container()
    if keep.euros <= 0:
        said = words.t("Rien à mettre de côté sur ce montant.")
    else:
        said = words.t("À mettre de côté : {amount}").format(amount=words.money(keep.euros))
    return total("keep", card([body(said, strong=True)]), bool(use_services().page.web))


@ft.component
def Proof(work: Work, locale: str) -> ft.Control:
    """A photo or a PDF that proves the receipt."""
    services = use_services()
    words = services.words
    error, set_error = ft.use_state(None)
    file, set_file = ft.use_state(work.file)
    account = work.book.journal.account

    async def add(_event: Any) -> None:
        picked = await pick_files(services)
        if not picked:
            return
        name = "".join(c for c in picked[0].name if c.isprintable() and c not in "/\\")[-120:]
        try:
            kept = await services.backend.attach(
                account, PURPOSE, name or "justificatif", picked[0].content
            )
        except BackendError as problem:
            set_error(problem)
            return
        work.file = kept.id
        set_error(None)
        set_file(kept.id)

    async def see(_event: Any) -> None:
        try:
            await give_file(services, f"/accounts/{account}/attachments/{file}", "justificatif")
        except BackendError as problem:
            set_error(problem)

    def drop(_event: Any) -> None:
        work.file = ""
        set_file("")

    lines: list[ft.Control] = []
    if error is not None:
        lines.append(failure(services, error))
    if file:
        lines.append(
            ft.Semantics(
                live_region=True, container=True,
                content=body(words.t("Un justificatif est joint."), strong=True),
            )
        )  # fmt: skip
        lines.append(
            ft.Row(
                [
                    secondary(
                        words.t("Télécharger le justificatif"), see, ft.Icons.DOWNLOAD_OUTLINED
                    ),
                    quiet(words.t("Retirer le justificatif"), drop),
                ],
                wrap=True,
            )
        )
    else:
        lines.append(
            ft.Row(
                [secondary(words.t("Joindre une photo ou un PDF"), add, ft.Icons.ATTACH_FILE)],
                wrap=True,
            )
        )
    return ft.Column(lines, spacing=S, tight=True)


__all__ = ["EditReceipt", "NewReceipt", "raw_of", "receipt_form", "to_receipt"]
