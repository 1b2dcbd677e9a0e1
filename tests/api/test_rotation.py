"""Keys change while the service runs; a kill loses nothing; a former key can then be forgotten."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import insert, select, text

from backend.cli import main
from backend.dsn.sample import NIR, SIRETS, Sent, dsn
from backend.events import mandate_signed
from backend.keys import FILE
from backend.rotation import Rotation, retire, rotate, sealed_tables
from backend.settings import SettingsError
from backend.storage.contact import PushSubscription
from backend.storage.device_keys import DeviceKey
from backend.storage.factor import Factor, ProviderSession
from backend.storage.tables import Account, Base, Mandate, Refund, Session
from backend.storage.vrp import DsnFiling
from backend.usecases.dsn import import_dsn
from backend.verify import verify
from tests.api.conftest import Build
from tests.api.test_archive import PNG
from tests.support.world import Opened, World

IBAN = "FR7630006000011234567890189"
Fault = Callable[[str], None]


@pytest.fixture
def vrp(world: World) -> Opened:
    """An account with something in every encrypted column, a file, a document, filings."""
    account = world.person().open("vrp", {"start_date": "2024-01-01"}, SIRETS[0], "Camille Démo")
    assert account.call("PUT", "/refund/nir", {"nir": NIR}).status_code == 200
    answer = account.call(
        "PUT", "/entries/emp-of-a-test-1",
        {"kind": "employer", "data": {"siret": SIRETS[0], "name": "A", "start": "2026-01-05"}},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    import_dsn(world.services, lambda: io.BytesIO(dsn(Sent())), None)
    declared = account.someone.account()
    draft = {
        "sequence": 1, "form_version": 1, "step": "amounts", "answers": {"parts.0.vente": "12"},
        "key": "key-of-the-draft-01", "device": "phone",
    }  # fmt: skip
    assert declared.call("PUT", "/drafts/2026-09", draft).status_code == 200
    receipt = declared.declare("2026-10", vente="1000")
    someone, now = account.someone, world.clock.now()
    for kept in (account, declared):
        sent = world.client.post(
            f"/api/v1/accounts/{kept.id}/attachments?purpose=proof&name=recu.png", content=PNG,
            headers={
                "Authorization": f"Bearer {someone.token}",
                "Content-Type": "application/octet-stream",
            },
        )  # fmt: skip
        assert sent.status_code == 201, sent.text
    assert declared.get(f"/receipts/{receipt['number']}.pdf").status_code == 200
    with world.services.storage.write() as database:
        database.get_one(Account, account.id).iban = IBAN
        mandate = {
            "account_id": account.id, "rum": "R1", "ics": "I", "holder": "C", "iban": IBAN,
            "share": 100, "state": "active", "signed_at": now, "signature": {}, "salt": "ab" * 32,
        }  # fmt: skip
        signed = Mandate(**mandate)
        database.add(signed)
        database.flush()
        mandate_signed(database, signed)
        for number in range(450):  # more than two batches
            database.add(
                Refund(
                    account_id=account.id, state="sent", amount_cents=1, holder="C",
                    iban=f"{IBAN}{number}", reference=f"T{number}", asked_at=now,
                )
            )  # fmt: skip
        session = database.scalars(select(Session.id)).first()
        database.add(
            PushSubscription(
                person_id=someone.id, endpoint_hash="e", subscription="{}", created_at=now
            )
        )
        database.add(Factor(person_id=someone.id, secret="JBSWY3DPEHPK3PXP", created_at=now))
        database.add(
            ProviderSession(session_id=session, issuer="https://id.example", subject="s",
                            id_token="header.claims.signature")
        )  # fmt: skip
        database.add(
            DeviceKey(
                id="d1", person_id=someone.id, session_id=session, device="", proof_hash="p",
                half="half", tries=0, created_at=now, opened_at=now,
            )
        )  # fmt: skip
        database.execute(
            insert(Base.metadata.tables["refund_accounts"]),
            {"account_id": account.id, "iban": IBAN, "holder": "Camille", "changed_at": now},
        )
    return account


def everywhere(world: World) -> str:
    """The whole database, as it lies."""
    with world.services.storage.read() as database:
        return "\n".join(
            str(tuple(row))
            for name in Base.metadata.tables
            for row in database.connection().exec_driver_sql(f"SELECT * FROM {name}")
        )


def opened(world: World) -> list[Any]:
    """Everything sealed, in clear."""
    found: list[Any] = []
    with world.services.storage.read() as database:
        for table, names in sealed_tables():
            for name in names:
                column = Base.metadata.tables[table.name].c[name]
                values = sorted(str(v) for v in database.scalars(select(column)) if v is not None)
                assert values, f"{table.name}.{name} is not in this test"
                if table.name != "mark_secrets":
                    found.append(values)
    return found


def names(world: World) -> list[str]:
    return [line.split()[0] for line in (world.settings.keys / FILE).read_text().splitlines()]


def filings(account: Opened) -> Any:
    answer = account.get("/vrp/filings?year=2026")
    assert answer.status_code == 200, answer.text
    return answer.json()


def marks(world: World) -> list[str]:
    with world.services.storage.read() as database:
        return list(database.scalars(select(DsnFiling.nir_mark).order_by(DsnFiling.id)))


def test_everything_is_sealed_again_and_the_former_key_can_go(world: World, vrp: Opened) -> None:
    old, before, filed, former = (
        world.services.keys.key_id,
        opened(world),
        filings(vrp),
        marks(world),
    )
    assert filed["linked"]
    assert len(filed["filings"]) == 1
    report = rotate(world.services)
    assert report.made
    assert report.key != old == report.unused[0]
    assert not report.unreadable
    assert report.sealed["refunds.iban"] == 450
    assert report.sealed["files"] == 3
    assert report.sealed["marks"] == len(former)
    # The process that served all along follows, without being told.
    assert world.services.keys.key_id == report.key
    assert opened(world) == before
    assert filings(vrp) == filed
    assert not set(marks(world)) & set(former)
    assert vrp.get("/refund").json()["nir"].endswith("8491")
    assert verify(world.services).differences == []
    assert old not in everywhere(world)
    files = [f for f in world.settings.files.rglob("*") if f.is_file()]
    assert len(files) == 3
    assert all(f.read_bytes().startswith(report.key.encode() + b":") for f in files)
    retire(world.services, old)
    assert names(world) == [report.key]
    assert (opened(world), filings(vrp)) == (before, filed)
    # A number filed afterwards is found too, beside those of before.
    import_dsn(world.services, lambda: io.BytesIO(dsn(Sent(month="2026-04"))), None)
    assert len(filings(vrp)["filings"]) == 2


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("place", ["marks", "accounts.nir", "refunds.iban", "files"])
def test_a_rotation_cut_short_goes_on(world: World, vrp: Opened, place: str) -> None:
    old, before, filed = world.services.keys.key_id, opened(world), filings(vrp)

    def die(where: str) -> None:
        if where == place:
            raise Killed

    with pytest.raises(Killed):
        rotate(world.services, each=die)
    assert (opened(world), filings(vrp)) == (before, filed)
    assert verify(world.services).differences == []
    with pytest.raises(SettingsError, match="still needed by"):
        retire(world.services, old)
    report = rotate(world.services)
    assert not report.made
    assert len(names(world)) == 2
    assert report.unused == [old]
    assert (opened(world), filings(vrp)) == (before, filed)
    assert old not in everywhere(world)
    again = rotate(world.services)
    assert again.made
    assert again.sealed["refunds.iban"] == 450


def test_what_is_written_meanwhile_is_not_lost(world: World, vrp: Opened) -> None:
    """A row changed, one added and a file taken away between two batches of the rotation."""
    told: list[str] = []

    def meanwhile(where: str) -> None:
        if told:
            return
        told.append(where)
        with world.services.storage.write() as database:
            refund = database.scalars(select(Refund).where(Refund.reference == "T449")).one()
            refund.iban = "FR76changed"
            database.get_one(Account, vrp.id).nir = None
        (file,) = vrp.get("/attachments").json()
        assert vrp.call("DELETE", f"/attachments/{file['id']}").status_code == 204

    report = rotate(world.services, each=meanwhile)
    assert told
    with world.services.storage.read() as database:
        iban = database.scalar(select(Refund.iban).where(Refund.reference == "T449"))
        assert iban == "FR76changed"
        assert database.get_one(Account, vrp.id).nir is None
    assert len([f for f in world.settings.files.rglob("*") if f.is_file()]) == 2
    assert report.sealed["files"] == 2


def test_fingerprints_of_before_the_secrets_are_found_and_renewed(
    world: World, vrp: Opened
) -> None:
    """An older version made them under the key itself."""
    legacy = world.services.keys.mark(NIR[:13])
    with world.services.storage.write() as database:
        database.execute(text("DELETE FROM mark_secrets"))
        rows = database.scalars(select(DsnFiling)).all()
        for row in rows:
            database.add(
                DsnFiling(
                    return_id=row.return_id, nir_mark=legacy, month="2026-05", gross_cents=100,
                    capped_cents=100, uncapped_cents=0, csg_cents=0,
                )
            )  # fmt: skip
    assert [f["month"] for f in filings(vrp)["filings"]] == ["2026-05"]
    rotate(world.services)
    assert [f["month"] for f in filings(vrp)["filings"]] == ["2026-05"]
    assert legacy not in marks(world)


def test_only_fingerprints_may_change_and_only_forward(world: World, vrp: Opened) -> None:
    for change in ("month = '2020-01'", "nir_mark = 'x'", "mark_generation = 3",
                   "nir_mark = '', gross_cents = 1"):  # fmt: skip
        with pytest.raises(Exception, match="append-only"), world.services.storage.write() as d:
            d.execute(text(f"UPDATE dsn_filings SET {change}"))


def test_what_cannot_be_opened_is_told_and_left(world: World, vrp: Opened) -> None:
    with world.services.storage.write() as database:
        database.execute(text("UPDATE mandates SET iban = 'k9:AAAA'"))
    report = rotate(world.services)
    assert report.unreadable == ["mandates.iban"]
    with world.services.storage.read() as database:
        assert database.scalar(text("SELECT iban FROM mandates")) == "k9:AAAA"
    assert rotate(world.services).made  # it holds nobody up


def test_the_command(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    world = build()
    world.person().account()
    request.addfinalizer(
        structlog.reset_defaults
    )  # the command writes its log where pytest listens
    monkeypatch.setenv("QUITTANCE_DATA_DIR", str(world.settings.data_dir))
    monkeypatch.setenv("QUITTANCE_DATABASE_URL", world.settings.database)
    (old,) = names(world)
    line = tmp_path / "line"
    line.write_text(f"k2026 provided {base64.b64encode(b'x' * 32).decode()}\n")
    assert main(["rotate-keys", "--key", str(line)]) == 0
    told = capsys.readouterr().out
    assert "k2026 seals now" in told
    assert f"--retire {old}" in told
    assert names(world) == ["k2026", old]
    assert world.services.keys.key_id == "k2026"  # who serves meanwhile follows
    assert (world.settings.keys / FILE).stat().st_mode & 0o077 == 0
    assert main(["rotate-keys", "--key", str(line)]) == 0  # the same key again: nothing changes
    assert names(world) == ["k2026", old]
    assert main(["rotate-keys", "--retire", "k2026"]) == 2
    assert main(["rotate-keys", "--retire", "nobody"]) == 2
    assert main(["rotate-keys", "--retire", old]) == 0
    assert names(world) == ["k2026"]
    line.write_text("k2026 provided " + base64.b64encode(b"y" * 32).decode())
    other = tmp_path / "other"
    other.write_text("no key at all")
    assert main(["rotate-keys", "--key", str(other)]) == 2
    assert main(["rotate-keys", "--key", str(tmp_path / "absent")]) == 2
    assert names(world) == ["k2026"]


def test_one_rotation_at_a_time(world: World) -> None:
    world.person().account()
    with world.services.storage.write() as database:
        for account in database.scalars(select(Account)):
            account.nir = NIR

    def another(_where: str) -> None:
        with pytest.raises(SettingsError, match="Another rotation"):
            rotate(world.services)

    assert isinstance(rotate(world.services, each=another), Rotation)
