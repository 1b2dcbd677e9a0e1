"""A collector as a real process, killed, cut and starved while people declare; then all is counted.

Every figure that was said saved must be there, every declaration exactly once, every receipt as it
was told, and the books in balance. `python -m tests.faults.run --kills 300` counts it at length.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default as default_policy
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx

from backend.main import build_services
from backend.settings import load_settings
from backend.verify import Report, verify
from tests.faults.devices import CONTEXT, Devices
from tests.faults.serve import move, run
from tests.support.relay import Relay

PASSWORD = "quatre chevaux mangent du foin"
SIRET = "73282932000074"
PEOPLE = 4
WINDOW = 0.1
"""Seconds after the request has left within which the process is killed."""
PATIENCE = 300
"""Seconds after which what a busy machine does slowly is held to hang."""
WRONG = (-3.0, -1.1, -0.05, 0.05, 0.6, 1.1, 3.0, 40.0)
"""Days by which the clock is set wrong."""


@dataclass
class Collector:
    """`quittance serve` on a free port, that can be killed and started again."""

    folder: Path
    settings: dict[str, str]
    process: BaseProcess | None = None
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What the process is told."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("QUITTANCE_")}
        return clean | {
            "QUITTANCE_DATA_DIR": str(self.folder), "QUITTANCE_PORT": "0",
            "QUITTANCE_ARGON2_MEMORY_KIB": "8", "QUITTANCE_REQUEST_STALE_SECONDS": "1",
            "QUITTANCE_LOG_LEVEL": "ERROR", "QUITTANCE_PRESS": "no", **self.settings,
        }  # fmt: skip

    @property
    def clock(self) -> Path:
        """The file that says how wrong its clock is."""
        return self.folder / "clock"

    def start(self) -> None:
        """Start, and wait until it is ready."""
        log = self.folder / "serve.log"
        log.write_bytes(b"")
        self.process = CONTEXT.Process(
            target=run, args=(self.environment, str(log), str(self.clock)), daemon=True
        )
        self.process.start()
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8"))
            if found:
                try:
                    httpx.get(found[0] + "/api/v1/ready", timeout=5).raise_for_status()
                    self.url = found[0]
                    return
                except httpx.HTTPError:
                    pass
            assert self.process.is_alive(), log.read_text("utf-8")
            time.sleep(0.02)  # a process has no event to offer
        raise AssertionError(log.read_text("utf-8"))

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.join()

    def starve(self, room: int | None) -> None:
        """No file may grow beyond `room` bytes (a full disk); None: the disk has room again."""
        assert self.process is not None
        assert self.process.pid is not None
        infinite = resource.RLIM_INFINITY
        limit = infinite if room is None else room
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (limit, infinite))


@dataclass
class Account:
    """Somebody with an account, and the periods still to declare."""

    token: str
    id: str
    periods: list[str]
    email: str


@dataclass
class Told:
    """What the client was told of one declaration."""

    account: Account
    period: str
    key: str
    body: dict[str, Any]
    receipt: dict[str, Any] | None = None


@dataclass
class Count:
    """What was done, and what went wrong: the second half must stay at zero."""

    kills: int = 0
    cuts: int = 0
    twice: int = 0
    late: int = 0
    starved: int = 0
    answered: int = 0
    """Declarations whose answer came back before the fault."""
    delayed: int = 0
    """Answers that came after those of a later request."""
    overtaken: int = 0
    """Drafts that came after the declaration they were typed for."""
    clock_moves: int = 0
    outbox_kills: int = 0
    """Devices killed while they signed, noted or typed."""
    networks: int = 0
    """Acts of a device over a network with a fault."""
    lost: int = 0
    doubled: int = 0
    drafts_lost: int = 0
    receipts_changed: int = 0
    differences: int = 0
    database: str = ""

    @property
    def clean(self) -> bool:
        """Nothing went wrong."""
        return not (
            self.lost or self.doubled or self.drafts_lost or self.receipts_changed
            or self.differences
        )  # fmt: skip

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.__dict__.items())


@dataclass
class Harness:
    """Runs the faults on one database."""

    folder: Path
    database: str = "sqlite"
    settings: dict[str, str] = field(default_factory=dict)
    seed: int = 2026
    crowd: int = PEOPLE

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.collector = Collector(self.folder, self.settings)
        self.count = Count(database=self.database)
        self.told: list[Told] = []
        self.accounts: list[Account] = []
        self.devices: Devices | None = None

    # -- calls -------------------------------------------------------------------------------------

    def call(
        self, method: str, path: str, body: Any = None, token: str = "", key: str = "",
        url: str = "",
    ) -> httpx.Response:  # fmt: skip
        """One request on a connection of its own. Raises httpx.HTTPError."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["Idempotency-Key"] = key
        return httpx.request(
            method, (url or self.collector.url) + "/api/v1" + path, headers=headers, timeout=20,
            content=None if body is None else json.dumps(body).encode(),
        )  # fmt: skip

    def settle(
        self, method: str, path: str, body: Any = None, token: str = "", key: str = ""
    ) -> httpx.Response:
        """Ask until an answer says what became of it, as the app's outbox does."""
        limit = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self.call(method, path, body, token, key)
            except httpx.HTTPError:
                answer = None
            running = answer is not None and answer.status_code == 409 and (
                answer.json()["code"] == "request-in-progress"
            )  # fmt: skip
            if answer is not None and answer.status_code < 500 and not running:
                return answer
            assert time.monotonic() < limit, "no answer"
            time.sleep(0.1)

    # -- people ------------------------------------------------------------------------------------

    def people(self) -> None:
        """People with confirmed addresses, each with an account of two years."""
        for number in range(self.crowd):
            email = f"personne{number}-{self.seed}@exemple.fr"
            made = self.call(
                "POST", "/persons", {"email": email, "password": PASSWORD, "locale": "fr"}
            )
            assert made.status_code == 201, made.text
            token = made.json()["token"]
            done = self.call("POST", "/email-confirmations", {"token": self._letter(email)})
            assert done.status_code == 204, done.text
            year = time.gmtime().tm_year - 2
            opened = self.call(
                "POST", "/accounts",
                {
                    "regime": "auto-entrepreneur", "siret": SIRET, "name": "Essai",
                    "profile": {
                        "start_date": f"{year}-01-01", "categories": ["vente"],
                        "nature": "commerciale", "department": "75",
                        "periodicity": [{"since": f"{year}-01-01", "value": "monthly"}],
                    },
                },
                token,
            )  # fmt: skip
            assert opened.status_code == 201, opened.text
            self.accounts.append(Account(token, opened.json()["id"], [], email))
            self._refill(self.accounts[-1])

    def fresh(self, account: Account) -> None:
        """A clock set forward ends sessions: sign in again, as a person would."""
        if self.settle("GET", "/sessions", token=account.token).status_code == 401:
            opened = self.settle(
                "POST", "/sessions", {"email": account.email, "password": PASSWORD}
            )
            assert opened.status_code == 201, opened.text
            account.token = opened.json()["token"]

    def _letter(self, to: str) -> str:
        """The token of the letter that asks `to` to confirm the address."""
        for path in (self.folder / "outbox").glob("*.eml"):
            letter = message_from_bytes(path.read_bytes(), policy=default_policy)
            body = letter.get_body(("plain",)) if letter["To"] == to else None
            found = re.search(r"/confirm\?token=([\w-]+)", body.get_content() if body else "")
            if found:
                return found[1]
        raise AssertionError("no letter asks to confirm the address")

    def _refill(self, account: Account) -> None:
        found = self.settle("GET", f"/accounts/{account.id}/overview", token=account.token).json()
        account.periods = [
            p["code"] for p in found["periods"] if p["state"] in {"open", "late"}
        ]  # fmt: skip

    # -- one declaration under a fault -------------------------------------------------------------

    def declare(self, fault: str) -> None:
        """Type, save, sign and send one declaration, under one fault; then settle it."""
        account = self.random.choice([a for a in self.accounts if a.periods])
        period = account.periods.pop(self.random.randrange(len(account.periods)))
        told = self.drawn(account, period)
        typed = told.body["declaration"]["parts"][0]["turnover"]["vente"]
        saved = self._draft(account, period, told.key, typed)
        answers = self._under(fault, told)
        good = [a for a in answers if a is not None and a.status_code in (200, 201)]
        first = good[0].json() if good else None
        self.count.answered += first is not None
        self._draft_kept(told, saved, first is not None)
        path = f"/accounts/{account.id}/declarations/{period}"
        final = self.settle("PUT", path, told.body, account.token, told.key)
        if final.status_code not in (200, 201):
            self.count.lost += 1
            return
        told.receipt = final.json()
        if any(answer.json() != told.receipt for answer in good):
            self.count.receipts_changed += 1
        self.told.append(told)

    def drawn(self, account: Account, period: str) -> Told:
        """Figures at random for a period, as they would be signed."""
        typed = f"{self.random.randrange(1, 5_000_00) / 100:.2f}"
        key = f"key-of-a-draft-{self.random.getrandbits(64):016x}"
        start, end = _days(period)
        figures = {
            "parts": [{"start": start, "end": end, "turnover": {"vente": typed}}], "platform": {},
        }  # fmt: skip
        shown = self.settle(
            "POST", f"/accounts/{account.id}/estimates",
            {"period": period, "declaration": figures}, account.token,
        )  # fmt: skip
        assert shown.status_code == 200, shown.text
        body = {
            "declaration": figures, "fingerprint": shown.json()["fingerprint"],
            "rates_version": shown.json()["rates_version"],
            "form_version": shown.json()["form_version"], "corrects": None,
        }  # fmt: skip
        return Told(account, period, key, body)

    def _draft(self, account: Account, period: str, key: str, typed: str) -> int:
        """Save what is typed in two steps; sometimes the older one comes late. The sequence that
        the screen showed saved."""
        path = f"/accounts/{account.id}/drafts/{period}"

        def step(sequence: int, text: str) -> dict[str, Any]:
            return {
                "sequence": sequence, "form_version": FORM_VERSION, "answers": {"vente": text},
                "key": key,
            }  # fmt: skip

        steps = [(1, typed[:1]), (2, typed)]
        if self.random.random() < 0.3:
            steps.reverse()
            self.count.late += 1
        shown = 0
        for sequence, text in steps:
            answer = self.settle("PUT", path, step(sequence, text), account.token)
            if answer.status_code == 200:
                shown = max(shown, answer.json()["sequence"])
        return shown

    def _draft_kept(self, told: Told, saved: int, declared: bool) -> None:
        """What was said saved is there, or it was declared."""
        base = f"/accounts/{told.account.id}"
        kept = self.settle("GET", f"{base}/drafts/{told.period}", token=told.account.token)
        typed = told.body["declaration"]["parts"][0]["turnover"]["vente"]
        if kept.status_code == 200:
            view = kept.json()
            # Nothing was said saved where another device's draft stood: it still does.
            if saved and (view["sequence"] != saved or view["answers"] != {"vente": typed}):
                self.count.drafts_lost += 1
            return
        sent = self.settle(
            "GET", f"{base}/declarations/{told.period}", token=told.account.token
        ).json()
        if not sent:
            self.count.drafts_lost += 1
        assert not declared or sent, "told received, and not there"

    def send(self, told: Told, url: str = "") -> httpx.Response | None:
        """Send a declaration once; None when no answer came."""
        path = f"/accounts/{told.account.id}/declarations/{told.period}"
        try:
            return self.call("PUT", path, told.body, told.account.token, told.key, url)
        except httpx.HTTPError:
            return None

    def _under(self, fault: str, told: Told) -> list[httpx.Response | None]:
        if fault == "kill":
            self.count.kills += 1
            wait = self.random.random() * WINDOW
            timer = threading.Timer(wait, self.collector.kill)
            timer.start()
            answer = self.send(told)
            timer.join()
            self.collector.kill()
            self.collector.start()
            return [answer]
        if fault == "cut":
            self.count.cuts += 1
            relay = Relay(self._port)
            relay.fault(self.random.choice(["cut", "500", "drop"]), b"PUT ")
            answer = self.send(told, relay.url)
            relay.close()
            return [answer]
        if fault == "twice":
            self.count.twice += 1
            with ThreadPoolExecutor(3) as pool:
                return list(pool.map(lambda _: self.send(told), range(3)))
        if fault == "late":
            return self._late(told)
        if fault == "held":
            return self._held(told)
        if fault == "clock":
            return self._moved(told)
        self.count.starved += 1
        self.collector.starve(self._largest())
        answer = self.send(told)
        self.collector.starve(None)
        return [answer]

    def _late(self, told: Told) -> list[httpx.Response | None]:
        """The answer waits on the way; the request sent again is answered before it."""
        self.count.delayed += 1
        relay = Relay(self._port)
        relay.fault("late", b"PUT ")
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(self.send, told, relay.url)
            _until(lambda: relay.stored == 1)
            second = self.send(told)
            relay.release()
            answers = [first.result(), second]
        relay.close()
        return answers

    def _held(self, told: Told) -> list[httpx.Response | None]:
        """A save of the draft waits on the way, and arrives after the declaration."""
        self.count.overtaken += 1
        path = f"/accounts/{told.account.id}/drafts/{told.period}"
        body = {
            "sequence": 9, "form_version": FORM_VERSION, "answers": {"vente": "1"},
            "key": told.key,
        }  # fmt: skip
        relay = Relay(self._port)
        relay.fault("held", b"PUT ")
        with ThreadPoolExecutor(1) as pool:
            save = pool.submit(
                self.call, "PUT", path, body, told.account.token, "", relay.url
            )  # fmt: skip
            _until(lambda: relay.held == 1)
            answer = self.send(told)
            relay.release()
            late = save.result()
        relay.close()
        if late.status_code == 200:  # typed for what is sent already: never brought back
            self.count.drafts_lost += 1
        return [answer]

    def _moved(self, told: Told) -> list[httpx.Response | None]:
        """The clock is set wrong before the declaration or while it is received, the process
        killed or not, and set right again."""
        self.count.clock_moves += 1
        wrong = self.random.choice(WRONG) * 86400 + self.random.uniform(-1000, 1000)
        dies = self.random.random() < 0.5
        if self.random.random() < 0.5:
            move(self.collector.clock, wrong)
            self.fresh(told.account)
        timers = [
            threading.Timer(self.random.random() * WINDOW, move, (self.collector.clock, wrong))
        ]
        if dies:
            timers.append(threading.Timer(self.random.random() * WINDOW, self.collector.kill))
        for timer in timers:
            timer.start()
        answers = [self.send(told)]
        for timer in timers:
            timer.join()
        if dies:
            if self.random.random() < 0.5:
                move(self.collector.clock, 0)
            self.collector.start()
        self.fresh(told.account)
        answers.append(self.send(told))
        move(self.collector.clock, 0)
        self.fresh(told.account)
        return answers

    @property
    def _port(self) -> int:
        return int(self.collector.url.rsplit(":", 1)[1])

    def _largest(self) -> int:
        files = [p for p in self.folder.iterdir() if p.is_file() and "sqlite" in p.name]
        return min(p.stat().st_size for p in files if p.suffix != ".sqlite3-shm")

    # -- the whole ---------------------------------------------------------------------------------

    def run(self, kills: int) -> Count:
        """Kill `kills` times, with the other faults in between; then count everything."""
        self.collector.start()
        try:
            self.people()
            others = ["cut", "twice", "late", "held", "clock"]
            others += ["starve"] if self.database == "sqlite" else []
            for turn in range(max(kills, len(others))):
                if turn < kills:
                    self._renew()
                    self.declare("kill")
                    self._renew()
                    self._played().round()
                    if (turn + 1) % 20 == 0:
                        print(f"{self.count}", file=sys.stderr, flush=True)
                if turn < len(others) or turn % 2 == 0:
                    self._renew()
                    self.declare(others[(turn if turn < len(others) else turn // 2) % len(others)])
            self.audit()
        finally:
            if self.devices is not None:
                self.devices.close()
            self.collector.kill()
        self.count.differences = len(self.verified().differences)
        return self.count

    def _renew(self) -> None:
        """New people once these have declared everything."""
        if not any(account.periods for account in self.accounts):
            self.accounts.clear()
            self.seed += 1
            self.people()

    def _played(self) -> Devices:
        """Two devices of somebody who still has something to declare."""
        if self.devices is None or not self.devices.account.periods:
            if self.devices is not None:
                self.devices.close()
            self.devices = Devices(self, next(a for a in self.accounts if a.periods))
        return self.devices

    def audit(self) -> None:
        """Every declaration told received exists once, with the receipt that was told."""
        for told in self.told:
            self.fresh(told.account)
            found = self.settle(
                "GET", f"/accounts/{told.account.id}/declarations/{told.period}",
                token=told.account.token,
            ).json()  # fmt: skip
            self.count.lost += not found
            self.count.doubled += len(found) > 1
            self.count.receipts_changed += bool(found) and found[0] != told.receipt

    def verified(self) -> Report:
        """The chains, the assessments and the ledger, computed again."""
        names = {k: v for k, v in self.collector.environment.items() if k.startswith("QUITTANCE_")}
        before = {k: os.environ.get(k) for k in names}
        os.environ.update(names)
        try:
            services = build_services(load_settings())
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name)
                else:
                    os.environ[name] = value
        try:
            return verify(services)
        finally:
            services.mailer.close()
            services.storage.close()


FORM_VERSION = 1


def _until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.002)


def _days(period: str) -> tuple[str, str]:
    import calendar

    year, month = (int(part) for part in period.split("-"))
    return f"{period}-01", f"{period}-{calendar.monthrange(year, month)[1]}"
