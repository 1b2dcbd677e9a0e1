"""Two processes collect at once: each order is debited once, each file holds each debit once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from xml.etree import ElementTree as ET

from sqlalchemy import select

from backend.storage.tables import DebitOrder, LedgerTransaction, Payment
from tests.support.world import PASSWORD, World

ACCOUNTS = 6
CODE = """
import sys
from datetime import date
from backend.main import build_services
from backend.settings import load_settings
from backend.usecases.collect import collect
services = build_services(load_settings())
print("ready", flush=True)
sys.stdin.readline()
report = collect(services, date(2026, 11, 27))
print(report.debits, report.refunds, flush=True)
"""
IBAN = "FR7630006000011234567890189"


def test_two_processes_at_once_collect_once(world: World) -> None:
    someone = world.person()
    for number in range(ACCOUNTS):
        siret = next(s for s in (f"356000000{n:05}" for n in range(1, 99999))
                     if sum(map(int, s)) % 5 == 0 and int(s[-5:]) % 97 == number)  # fmt: skip
        account = someone.account(siret=siret)
        account.call(
            "POST",
            "/mandates",
            {"iban": IBAN, "holder": "C", "agreed": True, "current_password": PASSWORD},
        )
        account.declare("2026-10", vente=str(1000 + number))
        assert account.call("PUT", "/dues/declaration.2026-10/order", {}).status_code == 200
    url = world.settings.database_url.get_secret_value()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("QUITTANCE_")},
        "QUITTANCE_DATA_DIR": str(world.settings.data_dir), "QUITTANCE_DATABASE_URL": url,
        "QUITTANCE_DEMO": "true",
    }  # fmt: skip
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", CODE], env=environment, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    for run in runs:
        assert run.stdout is not None
        while run.stdout.readline().strip() != "ready":
            assert run.poll() is None
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("\n")
        run.stdin.flush()
    made = 0
    for run in runs:
        told, _ = run.communicate(timeout=60)
        assert run.returncode == 0
        made += int(told.split()[-2])
    assert made == ACCOUNTS
    with world.services.storage.read() as database:
        payments = database.scalars(select(Payment)).all()
        booked = database.scalars(
            select(LedgerTransaction).where(LedgerTransaction.kind == "payment")
        ).all()
        states = set(database.scalars(select(DebitOrder.state)))
    assert len(payments) == len(booked) == ACCOUNTS
    assert states == {"sent"}
    seen: Counter[str] = Counter()
    for path in world.settings.bank.glob("pain008-*.xml"):
        seen.update(
            node.text or "" for node in ET.parse(path).iter() if node.tag.endswith("}EndToEndId")
        )
    assert set(seen) == {payment.reference for payment in payments}
    assert set(seen.values()) == {1}
    assert not list(world.settings.bank.glob(".*"))
