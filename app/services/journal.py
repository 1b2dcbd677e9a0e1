"""The journal of receipts of one account: what is noted, and how it is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from app.services.backend import Backend
from contract.entries import BATCH, Entry, EntryIn, EntryWrite
from contract.hiding import fresh_id
from regimes.journal import LABEL_RULE, RECEIPT, LabelRule, Receipt
from regimes.regime import Model

MOST_BODY = 900_000  # bytes of one import; the collector takes no larger body


@dataclass(frozen=True, slots=True)
class Noted:
    """A receipt as kept, and the version that a change must be made on."""

    id: str
    version: int
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Undo:
    """What puts the journal back: receipts by identifier as they were (None: they were not there),
    with the versions they have now."""

    account: str
    done: str
    """What was done: added, changed, removed or imported."""
    before: tuple[tuple[str, int, Receipt | None], ...]


@dataclass
class Journal:
    """The living receipts of an account, and the rules by which lines of a bank are sorted."""

    account: str
    notes: dict[str, Noted] = field(default_factory=dict)
    rules: dict[str, tuple[str, int, LabelRule]] = field(default_factory=dict)
    unreadable: int = 0
    """Entries that this version of the app does not read: kept, and not shown."""

    def take(self, entry: Entry) -> None:
        """Note an entry as the backend keeps it."""
        if entry.kind == RECEIPT:
            self.notes.pop(entry.id, None)
            if not entry.deleted:
                found = _read(Receipt, entry)
                if isinstance(found, Receipt):
                    self.notes[entry.id] = Noted(entry.id, entry.version, found)
                else:
                    self.unreadable += 1
        elif entry.kind == LABEL_RULE and not entry.deleted:
            rule = _read(LabelRule, entry)
            if isinstance(rule, LabelRule):
                self.rules[rule.label] = (entry.id, entry.version, rule)

    def newest_first(self) -> list[Noted]:
        """Every receipt, newest first; of one day, as they were noted."""
        return sorted(self.notes.values(), key=lambda n: n.receipt.on, reverse=True)

    def receipts(self) -> list[Receipt]:
        """Every receipt."""
        return [noted.receipt for noted in self.notes.values()]

    def known(self) -> dict[str, Receipt]:
        """Receipts by identifier."""
        return {name: noted.receipt for name, noted in self.notes.items()}


def _read(model: type[Model], entry: Entry) -> Model | None:
    try:
        return model.model_validate(entry.data)
    except ValidationError:
        return None  # written by a newer app: not ours to drop


def data_of(model: Model) -> dict[str, object]:
    """An entry's data: what differs from nothing said."""
    found: dict[str, object] = model.model_dump(mode="json", exclude_defaults=True)
    return found


async def open_journal(backend: Backend, account: str) -> Journal:
    """Read the journal. Raises BackendError."""
    journal = Journal(account)
    for entry in (await backend.entries(account)).entries:
        journal.take(entry)
    return journal


async def note(backend: Backend, journal: Journal, receipt: Receipt, wanted: str = "") -> Undo:
    """Add a receipt. `wanted`, made once, makes a second try harmless. Raises BackendError."""
    name = wanted or fresh_id()
    kept = await backend.put_entry(
        journal.account, name, EntryWrite(kind=RECEIPT, data=data_of(receipt))
    )
    journal.take(kept)
    return Undo(journal.account, "added", ((name, kept.version, None),))


async def change(backend: Backend, journal: Journal, noted: Noted, receipt: Receipt) -> Undo:
    """Change a receipt. Raises BackendError; entry-changed when it was changed elsewhere."""
    write = EntryWrite(kind=RECEIPT, data=data_of(receipt), base=noted.version)
    kept = await backend.put_entry(journal.account, noted.id, write)
    journal.take(kept)
    return Undo(journal.account, "changed", ((noted.id, kept.version, noted.receipt),))


async def remove(backend: Backend, journal: Journal, noted: Noted) -> Undo:
    """Take a receipt away. Raises BackendError."""
    write = EntryWrite(kind=RECEIPT, data=data_of(noted.receipt), base=noted.version, deleted=True)
    kept = await backend.put_entry(journal.account, noted.id, write)
    journal.take(kept)
    return Undo(journal.account, "removed", ((noted.id, kept.version, noted.receipt),))


async def undo(backend: Backend, journal: Journal, what: Undo) -> None:
    """Put the journal back as it was before `what`, all of it or nothing. Raises BackendError."""
    kept = await backend.put_entries(
        journal.account,
        [
            EntryIn(
                id=name, kind=RECEIPT, base=version, deleted=receipt is None,
                data=data_of(receipt) if receipt is not None else {},
            )
            for name, version, receipt in what.before
        ],
    )  # fmt: skip
    for entry in kept:
        journal.take(entry)


class TooMany(ValueError):
    """More receipts than one import takes."""


async def take_in(
    backend: Backend,
    journal: Journal,
    ids: Sequence[str],
    receipts: Sequence[Receipt],
    rules: Iterable[LabelRule],
) -> Undo:
    """Add the receipts of a statement and remember its rules: all of it, or nothing. `ids`, made
    once for these receipts, make a second try harmless. Raises BackendError or TooMany."""
    writes = [
        EntryIn(id=name, kind=RECEIPT, data=data_of(receipt))
        for name, receipt in zip(ids, receipts, strict=True)
    ]
    for rule in rules:
        known = journal.rules.get(rule.label)
        if known is not None and known[2] == rule:
            continue
        name, version = (known[0], known[1]) if known is not None else (rule_id(rule.label), None)
        data = {**data_of(rule), "receipt": rule.receipt}
        writes.append(EntryIn(id=name, kind=LABEL_RULE, data=data, base=version))
    size = sum(len(write.model_dump_json()) + 1 for write in writes)
    if len(writes) > BATCH or size > MOST_BODY:
        raise TooMany
    kept = await backend.put_entries(journal.account, writes)
    for entry in kept:
        journal.take(entry)
    return Undo(
        journal.account,
        "imported",
        tuple((entry.id, entry.version, None) for entry in kept if entry.kind == RECEIPT),
    )


def rule_id(label: str) -> str:
    """The identifier of the rule of a label: the same on every device, so that there is one."""
    import hashlib

    return "rule-" + hashlib.sha256(label.encode()).hexdigest()[:24]


def matches(noted: Noted, query: str, labels: Mapping[str, str]) -> bool:
    """Whether a receipt answers a search: every word is somewhere in it."""
    from app.imports.cells import plain

    receipt = noted.receipt
    said = plain(
        " ".join(
            (
                receipt.client, receipt.nature, receipt.reference, receipt.note, receipt.origin,
                labels.get(receipt.category, ""), f"{receipt.amount:.2f}".replace(".", ","),
                f"{receipt.amount:.2f}", f"{receipt.on:%d/%m/%Y}",
            )
        )
    )  # fmt: skip
    return all(word in said for word in plain(query).split())
