"""Drafts: what a person typed, exactly as typed, saved as they type.

A draft is born with the idempotency key of the submission it will become. Each change raises its
sequence number, so that a late answer or a late event can never undo a newer one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import flet as ft

from app.services.backend import Backend, Offline, Problem
from app.services.device.store import Store
from contract.declarations import DraftSave, DraftView
from contract.hiding import fresh_id
from contract.problem import ProblemCode

DELAY = 0.6  # seconds without a keystroke before a save


class SaveState(StrEnum):
    """What the pill beside the title says."""

    CLEAN = "clean"  # nothing typed yet
    WAITING = "waiting"  # typed, not sent yet
    SAVING = "saving"
    SAVED = "saved"
    NOT_SAVED = "not_saved"  # the backend could not be reached; it is tried again
    CONFLICT = "conflict"  # another device saved a newer one
    SENT = "sent"  # the period was declared from elsewhere meanwhile


STOPPED = (SaveState.CONFLICT, SaveState.SENT)
"""Nothing is saved until the person has chosen."""


@ft.observable
@dataclass(eq=False)
class SaveMark:
    """The state of saving, apart from the answers so that showing it redraws nothing else."""

    state: SaveState = SaveState.CLEAN
    typed: int = 0
    """Counts what is typed while two devices differ, so that the comparison follows."""


@dataclass(eq=False)
class Draft:
    """Raw answers of one period by field path."""

    account_id: str
    period: str
    form_version: int
    answers: dict[str, str] = field(default_factory=dict)
    step: str = "amounts"
    sequence: int = 0
    key: str = field(default_factory=fresh_id)
    device: str = field(default_factory=lambda: "web-" + secrets.token_hex(4))
    corrects: str | None = None
    saved_version: int | None = None
    """Version of the form the saved draft was typed in, when it is not the present one."""

    def to_save(self, base: int | None) -> DraftSave:
        """The draft as it goes to the backend; `base`: what the backend held when it was typed."""
        return DraftSave(
            sequence=max(self.sequence, 1), base=base,
            form_version=self.form_version, step=self.step,
            answers={path: raw for path, raw in self.answers.items() if raw},
            key=self.key, device=self.device, corrects=self.corrects,
        )  # fmt: skip


def place_of(draft: Draft) -> str:
    """Where a draft is kept on the device."""
    return f"draft/{draft.account_id}/{draft.period}"


class DraftKeeper:
    """Saves one draft behind the typing."""

    def __init__(
        self, backend: Backend, draft: Draft, delay: float = DELAY, store: Store | None = None
    ) -> None:
        self.backend = backend
        self.draft = draft
        self.mark = SaveMark()
        self.conflict: DraftView | None = None
        self.aside: dict[str, str] = {}
        """What was not chosen between two devices, until it is sent or the page is closed."""
        self.sent_elsewhere = ""
        """Number of the declaration sent from elsewhere."""
        self._delay = delay
        self._store = store
        self._task: asyncio.Task[None] | None = None
        self._aside: asyncio.Task[None] | None = None
        self._saved = draft.sequence

    def saved_up_to(self, sequence: int) -> None:
        """Note what the backend already holds."""
        self._saved = sequence

    def type(self, path: str, raw: str) -> None:
        """Note what a field now holds, and save soon."""
        if self.draft.answers.get(path, "") == raw:
            return
        self.draft.answers[path] = raw
        self._changed()

    def replace(self, answers: dict[str, str]) -> None:
        """Set several answers at once (nothing this period, a restored form)."""
        self.draft.answers.update(answers)
        self._changed()

    def go(self, step: str) -> None:
        """Note the step the person is at."""
        if self.draft.step != step:
            self.draft.step = step
            if self.draft.answers:
                self._changed()

    def _changed(self) -> None:
        self.draft.sequence += 1
        if self.mark.state not in STOPPED:
            self.mark.state = SaveState.WAITING
            if self._task is None or self._task.done():
                self._task = asyncio.get_running_loop().create_task(self._soon())
            return
        if self._agrees():  # typed until it is what the other device saved: nothing to choose
            self.resolve(mine=False)
            return
        self.mark.typed += 1
        if self._store is not None:  # until the person chooses, it holds on the device
            self._aside = asyncio.get_running_loop().create_task(self.keep_here())

    async def _soon(self) -> None:
        pause = self._delay
        while self._saved < self.draft.sequence and self.mark.state not in STOPPED:
            await asyncio.sleep(pause)
            await self.save()
            pause = 5.0 if self.mark.state is SaveState.NOT_SAVED else self._delay

    async def save(self) -> bool:
        """Save now, if anything is unsaved. False when the backend does not hold the last word."""
        if self._saved >= self.draft.sequence:
            return self.mark.state not in STOPPED
        self.mark.state = SaveState.SAVING
        sent = self.draft.to_save(self._saved)
        if self._store is not None:  # on the device first: it holds without a network
            await self._store.put(place_of(self.draft), sent.model_dump_json().encode())
        try:
            await self.backend.save_draft(self.draft.account_id, self.draft.period, sent)
        except Offline:
            self.mark.state = SaveState.NOT_SAVED
            return False
        except Problem as problem:
            if problem.code is ProblemCode.DRAFT_CONFLICT:
                saved = problem.extra.get("saved")
                self.conflict = DraftView.model_validate(saved) if saved else None
                if self._agrees():  # the step alone differs, or two saves met: nothing to choose
                    self.resolve(mine=False)
                    await self._forget_here()
                    return True
                self.mark.state = SaveState.CONFLICT
            elif problem.code is ProblemCode.ALREADY_DECLARED:
                # Here it stays as typed: the person may make a correction of it.
                self.sent_elsewhere = str(problem.extra.get("latest", ""))
                self.mark.state = SaveState.SENT
            else:
                self.mark.state = SaveState.NOT_SAVED
            return False
        self._saved = max(self._saved, sent.sequence)
        await self._forget_here()
        done = self._saved >= self.draft.sequence
        self.mark.state = SaveState.SAVED if done else SaveState.WAITING
        return done

    async def keep_here(self) -> None:
        """Write what is typed on the device, without waiting for the backend."""
        if self._store is not None and self._saved < self.draft.sequence:
            kept = self.draft.to_save(self._saved).model_dump_json().encode()
            await self._store.put(place_of(self.draft), kept)

    def _agrees(self) -> bool:
        """True when the other device saved the very figures that are here."""
        other = self.conflict
        same = other is not None and other.corrects == self.draft.corrects
        return same and not self.differences()

    def differences(self) -> list[str]:
        """Paths of the answers that the two devices give differently."""
        there = self.conflict.answers if self.conflict is not None else {}
        here = self.draft.answers
        return [p for p in {**here, **there} if here.get(p, "") != there.get(p, "")]

    def resolve(self, mine: bool, but: Collection[str] = ()) -> None:
        """After a conflict: keep what this device holds (`mine`), or take what was saved; the
        contrary for the answers of `but`. What was not chosen is put aside."""
        paths, other = self.differences(), self.conflict
        self.conflict = None
        if other is not None:
            here, there = self.draft.answers, other.answers
            taken = [path for path in paths if mine is (path in but)]
            left = {p: (here if p in taken else there).get(p, "") for p in paths}
            self.aside = {path: raw for path, raw in left.items() if raw}
            self.draft.answers = {**here, **{path: there.get(path, "") for path in taken}}
            self.draft.sequence = max(self.draft.sequence, other.sequence)
            self._saved = other.sequence
            if len(taken) == len(paths):
                self.draft.step, self.draft.key = other.step, other.key
                self.draft.sequence = other.sequence
                self.mark.state = SaveState.SAVED
                return
        self.mark.state = SaveState.WAITING
        self._changed()

    def take_aside(self) -> None:
        """Exchange what was put aside with what is shown."""
        shown = {path: self.draft.answers.get(path, "") for path in self.aside}
        back, self.aside = self.aside, {path: raw for path, raw in shown.items() if raw}
        self.replace(back)

    async def forget(self) -> None:
        """Delete the draft, here and on the backend (it was sent, or thrown away)."""
        self.stop()
        self.draft.answers.clear()
        self.mark.state = SaveState.CLEAN
        await self._forget_here()
        path = f"/accounts/{self.draft.account_id}/drafts/{self.draft.period}"
        try:
            await self.backend.send(None, "DELETE", path)
        except (Offline, Problem):
            return  # sent drafts are removed by the backend; a stale one is offered again

    async def _forget_here(self) -> None:
        if self._store is not None and self._saved >= self.draft.sequence:
            await self._store.delete(place_of(self.draft))

    def stop(self) -> None:
        """End the pending save."""
        if self._task is not None:
            self._task.cancel()
            self._task = None  # what it ended with would hold it


def _received(here: DraftSave, view: DraftView | None) -> bool:
    """True when the backend holds what this device kept: only its answer was lost."""
    return view is not None and view.device == here.device and view.sequence >= here.sequence


def _answers(given: Mapping[str, str]) -> dict[str, str]:
    """Answers without the empty ones."""
    return {path: raw for path, raw in given.items() if raw}


class Drafts:
    """The drafts open in this page: one keeper per period, shared by the steps of a journey."""

    def __init__(self, backend: Backend, delay: float = DELAY, store: Store | None = None) -> None:
        self._backend = backend
        self._delay = delay
        self._store = store
        self._open: dict[tuple[str, str], DraftKeeper] = {}

    async def open(
        self, account_id: str, period: str, form_version: int, corrects: str | None = None,
        start: dict[str, str] | None = None,
    ) -> DraftKeeper:  # fmt: skip
        """The keeper of this period: open here, or saved, or new and holding `start`. Raises
        Offline or Problem."""
        place = (account_id, period)
        found = self._open.get(place)
        if found is not None and found.draft.corrects == corrects:
            return found
        draft = Draft(account_id, period, form_version, corrects=corrects)
        state = SaveState.CLEAN
        view: DraftView | None = None
        try:
            view = await self._backend.get(DraftView, f"/accounts/{account_id}/drafts/{period}")
        except Problem as problem:
            if problem.code is not ProblemCode.NOT_FOUND:
                raise
            draft.answers.update(start or {})
        except Offline:
            draft.answers.update(start or {})
        else:
            draft.sequence = view.sequence
            if view.corrects == corrects:
                draft.answers, draft.step, draft.key = dict(view.answers), view.step, view.key
                state = SaveState.SAVED
                if view.form_version != form_version:
                    draft.saved_version = view.form_version
            else:
                draft.answers.update(start or {})
        saved = draft.sequence
        state, clash = await self._newer_here(draft, state, view)
        keeper = DraftKeeper(self._backend, draft, self._delay, self._store)
        keeper.saved_up_to(saved)
        keeper.conflict = clash
        keeper.mark.state = state
        self._open[place] = keeper
        return keeper

    async def _newer_here(
        self, draft: Draft, state: SaveState, view: DraftView | None
    ) -> tuple[SaveState, DraftView | None]:
        """Take what this device holds, when the backend did not receive it yet; beside the draft
        of another device, when there is one."""
        raw = await self._store.get(place_of(draft)) if self._store is not None else None
        if raw is None:
            return state, None
        here = DraftSave.model_validate_json(raw)
        if here.corrects != draft.corrects or _received(here, view):
            return state, None
        known = here.base if here.base is not None else here.sequence - 1
        clash = view is not None and view.device != here.device and known < view.sequence
        if clash and view is not None and _answers(here.answers) == _answers(view.answers):
            return state, None
        draft.answers, draft.step, draft.key = dict(here.answers), here.step, here.key
        draft.sequence, draft.device = max(here.sequence, draft.sequence), here.device
        if here.form_version != draft.form_version:
            draft.saved_version = here.form_version
        return (SaveState.CONFLICT, view) if clash else (SaveState.NOT_SAVED, None)

    async def keep_here(self) -> None:
        """Write on the device all that is typed (before it locks)."""
        for keeper in list(self._open.values()):
            await keeper.keep_here()

    async def save_all(self) -> None:
        """Save everything now: this server is about to end."""
        for keeper in list(self._open.values()):
            await keeper.save()

    def close(self, account_id: str, period: str) -> None:
        """Forget a keeper whose declaration was sent."""
        keeper = self._open.pop((account_id, period), None)
        if keeper is not None:
            keeper.stop()

    def close_all(self) -> None:
        """The page is gone: stop every pending save."""
        for keeper in self._open.values():
            keeper.stop()
        self._open.clear()
