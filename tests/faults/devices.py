"""Two devices on one account, over wires with faults, killed while they sign, note and type.

What a screen had shown as kept is on the service, waits on the device, or is told as refused with
both sides; nothing is received twice, and nothing of one device overwrites the other's unseen.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import random
import shutil
import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.device import live
from tests.support.relay import Relay

if TYPE_CHECKING:
    from tests.faults.harness import Account, Harness

Shown = dict[str, Any] | None
"""What a screen showed; None when the device died before."""

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.device", "tests.faults.serve"])

PATIENCE = 300
"""Seconds after which a device is held to hang."""
WINDOW = 0.12
"""Seconds after an act has begun within which the device is killed."""
NETWORKS = ("", "", "down", "drop", "cut", "500", "late")
SETTLED = ("clean", "saved", "sent")


def money(told: object) -> str:
    """An amount as it is compared: 12.50 and 12.5 are one."""
    return f"{Decimal(str(told)):.2f}"


class Handset:
    """A device of somebody: a process, its folder, and the wire to the service."""

    def __init__(self, folder: Path, account: Account, port: int) -> None:
        self.folder = folder
        self.account = account
        self.relay = Relay(port)
        self.process: BaseProcess | None = None
        self.wire: Connection | None = None
        self.start()

    def start(self) -> None:
        """Start on what the folder holds."""
        self.wire, other = CONTEXT.Pipe()
        self.process = CONTEXT.Process(
            target=live, args=(str(self.folder), self.relay.url, self.account.id, other),
            daemon=True,
        )  # fmt: skip
        self.process.start()
        other.close()
        assert self.wire.poll(PATIENCE)
        assert self.wire.recv() == "ready"

    def ask(self, do: str, **asked: Any) -> None:
        """Begin an act."""
        assert self.wire is not None
        self.wire.send({"do": do, "token": self.account.token, **asked})

    def answer(self) -> Shown:
        """What the screen showed in the end; None when the device died before."""
        assert self.wire is not None
        try:
            assert self.wire.poll(PATIENCE), "a device that hangs"
            shown: dict[str, Any] = self.wire.recv()
        except (EOFError, OSError):
            return None
        return shown

    def act(self, do: str, **asked: Any) -> dict[str, Any]:
        """An act that nothing disturbs."""
        self.ask(do, **asked)
        shown = self.answer()
        assert shown is not None, "a device that died by itself"
        return shown

    def kill(self) -> None:
        """End it as an empty battery would."""
        if self.process is not None:
            self.process.kill()
            self.process.join()

    def again(self) -> None:
        """Killed, if it was not, and started again."""
        self.kill()
        assert self.wire is not None
        self.wire.close()
        self.start()

    def close(self) -> None:
        """End it, and forget what it holds."""
        self.kill()
        if self.wire is not None:
            self.wire.close()
        self.relay.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Devices:
    """Plays the rounds of two devices on one account, and counts in the harness."""

    harness: Harness
    account: Account
    handsets: list[Handset] = field(init=False)
    notes: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Version and amount of each entry that the service holds."""
    typing: str = ""
    """The period whose draft the two devices type in."""

    def __post_init__(self) -> None:
        folder = self.harness.folder / f"devices-{self.account.id}"
        self.handsets = [
            Handset(folder / str(number), self.account, self._port) for number in range(2)
        ]

    @property
    def _port(self) -> int:
        return int(self.harness.collector.url.rsplit(":", 1)[1])

    @property
    def _random(self) -> random.Random:
        return self.harness.random

    def close(self) -> None:
        """End both devices."""
        for one in self.handsets:
            one.close()

    # -- one round -----------------------------------------------------------------------------

    def round(self) -> None:
        """One act of one device or of both at once, under a fault, one of them killed; then all
        is settled and compared with what was shown."""
        for one in self.handsets:
            one.relay.target = self._port
        self.harness.fresh(self.account)
        act = self._random.choice([self._sign, self._note, self._edit, self._type])
        pair = self._random.sample(self.handsets, 2)
        actors = pair if self._random.random() < 0.6 else pair[:1]
        act(actors)

    def _disturbed(self, actors: list[Handset], asked: list[dict[str, Any]]) -> list[Shown]:
        """Begin what is asked of each actor under a fault; one of them dies meanwhile."""
        for one in actors:
            mode = self._random.choice(NETWORKS)
            if mode == "down":
                one.relay.cut()
            elif mode:
                one.relay.fault(mode, b"P")
            self.harness.count.networks += bool(mode)
        victim = self._random.choice(actors)
        timers = [threading.Timer(self._random.random() * WINDOW, victim.kill)]
        timers += [
            threading.Timer(self._random.random() * WINDOW, one.relay.release) for one in actors
        ]
        for one, what in zip(actors, asked, strict=True):
            one.ask(**what)
        for timer in timers:
            timer.start()
        shown = [one.answer() for one in actors]
        for timer in timers:
            timer.join()
        self.harness.count.outbox_kills += 1
        if self._random.random() < 0.3:  # the other one too, or with the network still away
            for one in actors:
                one.again()
        victim.again()
        for one in actors:
            one.relay.mend()
        return shown

    def _flushed(self, one: Handset) -> dict[str, Any]:
        """Everything that waits on a device, sent or told as refused."""
        limit = time.monotonic() + PATIENCE
        while True:
            told = one.act("flush")
            if not told["ready"] and not told["notes_ready"]:
                return told
            assert time.monotonic() < limit, f"it waits for ever: {told}"
            time.sleep(0.02)

    # -- signing -------------------------------------------------------------------------------

    def _sign(self, actors: list[Handset]) -> None:
        account = self.account
        if not account.periods:
            return
        period = account.periods.pop(self._random.randrange(len(account.periods)))
        drawn = [self.harness.drawn(account, period) for _ in actors]
        due_date = dt.date.fromisoformat(drawn[0].body["declaration"]["parts"][0]["end"])
        signed = [
            {
                "account_id": account.id, "period": period, "kind": "declare", "key": told.key,
                "submit": told.body, "due": "0", "due_date": due_date,
                "signed_at": dt.datetime.now(dt.UTC),
            }
            for told in drawn
        ]  # fmt: skip
        shown = self._disturbed(actors, [{"do": "sign", "signed": one} for one in signed])
        told = [self._flushed(one) for one in self._random.sample(actors, len(actors))]
        refused = [money(figure) for one in told for figure in one["refused"]]
        found = self._declared(period)
        if not found and all(one is None for one in shown):  # nobody was told: signed again
            actors[0].act("sign", signed=signed[0])
            self._flushed(actors[0])
            found = self._declared(period)
        if not found:
            self.harness.count.lost += 1
            return
        self.harness.count.doubled += len(found) > 1
        figure = money(found[0]["declaration"]["parts"][0]["turnover"]["vente"])
        for mine, showed in zip(drawn, shown, strict=True):
            typed = money(mine.body["declaration"]["parts"][0]["turnover"]["vente"])
            if showed and showed.get("receipt") and showed["receipt"] != found[0]:
                self.harness.count.receipts_changed += 1
            if typed == figure:
                mine.receipt = found[0]
                self.harness.told.append(mine)
            elif showed and "refused" not in showed and typed not in refused:
                self.harness.count.lost += 1  # shown as signed, and neither received nor refused
        for one in actors:
            one.act("back", period=period)

    def _declared(self, period: str) -> list[dict[str, Any]]:
        path = f"/accounts/{self.account.id}/declarations/{period}"
        found: list[dict[str, Any]] = self.harness.settle(
            "GET", path, token=self.account.token
        ).json()
        return found

    # -- noting --------------------------------------------------------------------------------

    def _amount(self) -> str:
        return money(str(Decimal(self._random.randrange(1, 5_000_00)) / 100))

    def _write(self, name: str, amount: str, base: int | None) -> dict[str, Any]:
        on = (dt.date.today() - dt.timedelta(days=400)).isoformat()
        data = {"on": on, "amount": amount, "category": "vente"}
        return {"do": "note", "name": name, "data": data, "base": base}

    def _note(self, actors: list[Handset]) -> None:
        names = [f"note-{self._random.getrandbits(48):012x}" for _ in actors]
        amounts = [self._amount() for _ in actors]
        shown = self._disturbed(
            actors, [self._write(n, a, None) for n, a in zip(names, amounts, strict=True)]
        )
        for one in actors:
            self._flushed(one)
        kept = self._kept()
        for name, amount, showed in zip(names, amounts, shown, strict=True):
            if name in kept:
                self.harness.count.doubled += kept[name] != (1, amount)
                self.notes[name] = kept[name]
            elif showed:
                self.harness.count.lost += 1
        self._same_notes(kept)

    def _edit(self, actors: list[Handset]) -> None:
        if not self.notes:
            return self._note(actors)
        name = self._random.choice(sorted(self.notes))
        base, before = self.notes[name]
        amounts = [self._amount() for _ in actors]
        shown = self._disturbed(actors, [self._write(name, a, base) for a in amounts])
        told = {id(one): self._flushed(one) for one in self._random.sample(actors, len(actors))}
        version, amount = self._kept()[name]
        if version - base > 1 or (version == base and amount != before):
            self.harness.count.doubled += 1
        refused = []
        for one, mine, showed in zip(actors, amounts, shown, strict=True):
            waits = [n for n in told[id(one)]["notes_refused"] if n["id"] == name]
            if mine == amount:
                continue
            said = showed is not None and "refused" in showed
            if showed and not said and not waits:
                self.harness.count.lost += 1  # shown as kept, and overwritten unseen
            refused += [(one, mine, note) for note in waits]
        for one, mine, note in refused:  # then each person decides, having seen both
            both = money(note["amount"]) == mine and [
                (seen["version"], money(seen["amount"])) for seen in note["kept"]
            ] == [(version, amount)]
            self.harness.count.lost += not both
            insist = self._random.random() < 0.5
            one.act("decide", name=name, insist=insist)
            self._flushed(one)
            if insist:
                version, amount = version + 1, mine
        self.notes[name] = (version, amount)
        self._same_notes(self._kept())
        return None

    def _kept(self) -> dict[str, tuple[int, str]]:
        path = f"/accounts/{self.account.id}/entries"
        found = self.harness.settle("GET", path, token=self.account.token).json()["entries"]
        return {e["id"]: (e["version"], money(e["data"]["amount"])) for e in found}

    def _same_notes(self, kept: dict[str, tuple[int, str]]) -> None:
        """Every entry is as the two devices left it."""
        for name, expected in self.notes.items():
            if kept.get(name) != expected:
                self.harness.count.lost += 1
                if name in kept:
                    self.notes[name] = kept[name]

    # -- typing --------------------------------------------------------------------------------

    def _type(self, actors: list[Handset]) -> None:
        if self.typing not in self.account.periods:
            if not self.account.periods:
                return
            self.typing = self._random.choice(self.account.periods)
        period = self.typing
        for one in actors:
            one.act("look", period=period)
        figures = [self._amount() for _ in actors]
        shown = self._disturbed(
            actors, [{"do": "type", "period": period, "answers": {"vente": f}} for f in figures]
        )
        saved = [s is not None and s["state"] == "saved" for s in shown]
        if sum(saved) > 1:  # both typed over the same draft: one of them overwrote the other
            self.harness.count.drafts_lost += 1
        now = [one.act("look", period=period) for one in actors]
        there = self._draft(period)
        for figure, showed, after in zip(figures, shown, now, strict=True):
            found = {there, after["answers"].get("vente"), (after["other"] or {}).get("vente")}
            if showed and figure not in found:
                self.harness.count.drafts_lost += 1
        for one in actors:
            self._agree(one, period)

    def _agree(self, one: Handset, period: str) -> None:
        """The person chooses where two devices differ; the choice is what the service holds."""
        seen = one.act("look", period=period)
        if seen["state"] == "not_saved":
            seen = one.act("save", period=period)
        if seen["state"] == "conflict":
            mine = self._random.random() < 0.5
            wanted = seen["answers"] if mine else seen["other"]
            if seen["other"].get("vente") != self._draft(period):
                self.harness.count.drafts_lost += 1  # the other side was not shown as it is
            seen = one.act("choose", period=period, mine=mine)
            if wanted.get("vente") != self._draft(period):
                self.harness.count.drafts_lost += 1
        assert seen["state"] in SETTLED, seen

    def _draft(self, period: str) -> str | None:
        path = f"/accounts/{self.account.id}/drafts/{period}"
        found = self.harness.settle("GET", path, token=self.account.token)
        if found.status_code != 200:
            return None
        raw: str | None = found.json()["answers"].get("vente")
        return raw
