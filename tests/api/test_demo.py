"""Ready accounts, relative to the day, made through the real use cases."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.demo import seed
from backend.storage.tables import Person, Submission
from contract.rates import shipped_rates
from tests.api.conftest import Build, copy_database
from tests.support.world import API, Opened, Someone, World

SLUGS = ["vendeuse", "artisan", "consultante", "reunion", "plateformes", "ceramiste"]
DOCTORS = ["etudiante", "remplacant", "secteur1", "secteur2"]


def enter(world: World, slug: str) -> Opened:
    answer = world.client.post(f"{API}/demo/sessions", json={"slug": slug})
    assert answer.status_code == 201, answer.text
    opened = answer.json()
    someone = Someone(world, opened["token"], opened["person"]["id"], opened["person"]["email"])
    (account,) = someone.get("/accounts").json()
    return Opened(someone, account["id"])


@pytest.fixture(scope="session")
def told() -> dict[str, Path]:
    """By kind of database, where the stories told once are kept, to be copied."""
    return {}


@pytest.fixture
def demo(
    build: Build, database_url: str, tmp_path: Path, told: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest,
) -> World:  # fmt: skip
    """A collector with its ready accounts: telling them takes seconds, copying them does not."""
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    name = database_url.partition("?")[0].rpartition("/")[2]
    if kind in told:
        shutil.copytree(told[kind], tmp_path, dirs_exist_ok=True)
        if kind == "postgresql":
            copy_database(request.getfixturevalue("postgres"), "template_demo", name)
        return build(demo=True)
    world = build(demo=True)
    seed(world.services)
    world.services.mailer.settle()
    if kind == "sqlite":
        with world.services.storage.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        world.services.storage.engine.dispose()  # a database in use is not copied
        copy_database(request.getfixturevalue("postgres"), name, "template_demo")
    told[kind] = tmp_path_factory.mktemp("told")
    shutil.copytree(tmp_path, told[kind], dirs_exist_ok=True)
    return world


def test_each_account_tells_its_story(demo: World) -> None:
    listed = demo.client.get(f"{API}/demo/accounts").json()
    mine = [a["slug"] for a in listed if a["regime"] == "auto-entrepreneur"]
    assert mine == SLUGS
    homes = {slug: enter(demo, slug).overview() for slug in SLUGS}
    for slug, home in homes.items():
        assert len(home["filed"]) >= 5, slug
        assert "fictif" in home["account"]["name"]
        assert any(p["state"] in {"to_declare", "late"} for p in home["periods"]), slug
    alerts = {slug: {a["code"] for a in home["alerts"]} for slug, home in homes.items()}
    assert any(code.startswith("acre") for code in alerts["vendeuse"])
    assert "late" in {p["state"] for p in homes["artisan"]["periods"]}
    assert homes["consultante"]["gauges"][0]["value"] != "0"
    assert homes["reunion"]["account"]["profile"]["department"] == "974"
    assert any(f["declaration"]["platform"] for f in homes["plateformes"]["filed"])


def test_a_journal_says_what_was_declared(demo: World) -> None:
    account = enter(demo, "ceramiste")
    noted = [e["data"] for e in account.get("/entries?kind=receipt").json()["entries"]]
    assert len(noted) == 365
    assert max(r["on"] for r in noted) == "2026-11-23"
    filed = {f["period"]: f["declaration"] for f in account.overview()["filed"]}
    assert len(filed) >= 23
    for month in ("2026-09", "2026-05"):
        for platform, figures in (
            (False, filed[month]["parts"][0]["turnover"]), (True, filed[month]["platform"]),
        ):  # fmt: skip
            sums: dict[str, Decimal] = {}
            for r in noted:
                if r["on"].startswith(month) and r.get("platform", False) is platform:
                    sums[r["category"]] = sums.get(r["category"], Decimal(0)) + Decimal(r["amount"])
            assert {c: Decimal(a) for c, a in figures.items()} == sums, (month, platform)


def test_the_doctors_tell_theirs(demo: World) -> None:
    homes = {slug: enter(demo, slug).overview() for slug in DOCTORS}
    alerts = {slug: {a["code"] for a in home["alerts"]} for slug, home in homes.items()}
    assert "rspm_step_near" in alerts["etudiante"]
    assert "rspm_exit_band" in alerts["remplacant"]
    for slug in ("secteur1", "secteur2"):
        home = homes[slug]
        assert any(not call["provisional"] for call in home["calls"]), slug
        assert all(call["collector"] == "urssaf" for call in home["calls"])
        # What was called is paid but what is called for the coming weeks, or paid in excess.
        paying = enter(demo, slug).get("/paying").json()
        called = [due for due in paying["dues"] if due["provisional"]]
        assert len(called) >= 8, slug
        assert Decimal(home["balance"]["balance"]) == Decimal(paying["open"]) - Decimal(
            paying["credit"]
        )


def test_the_demo_pays_in_several_ways(demo: World) -> None:
    states = {
        slug: {due["state"] for due in enter(demo, slug).get("/paying").json()["dues"]}
        for slug in ("vendeuse", "artisan", "consultante", "reunion", "secteur1")
    }
    assert states["vendeuse"] == states["artisan"] == states["reunion"] == {"paid"}
    assert states["consultante"] == {"paid", "rejected"}
    assert "ordered" in states["secteur1"]
    assert Decimal(enter(demo, "plateformes").get("/paying").json()["credit"]) > 0


def test_a_demo_account_can_be_used_at_once(demo: World) -> None:
    account = enter(demo, "vendeuse")
    receipt = account.declare("2026-10", vente="2500")
    assert account.get(f"/receipts/{receipt['number']}.pdf").status_code == 200


def test_the_same_day_is_seeded_once_and_made_again_on_demand(demo: World) -> None:
    def count(table: type) -> int:
        with demo.services.storage.read() as database:
            return database.scalar(select(func.count()).select_from(table)) or 0

    people, sent = count(Person), count(Submission)
    seed(demo.services)
    assert (count(Person), count(Submission)) == (people, sent)
    first = enter(demo, "artisan").id
    seed(demo.services, recreate=True)
    assert (count(Person), count(Submission)) == (2 * people, 2 * sent)
    assert enter(demo, "artisan").id != first


@pytest.mark.parametrize("day", ["2026-04-30", "2027-01-01"])
def test_any_day_has_its_stories(build: Build, day: str) -> None:
    world = build(demo=True)
    world.at(f"{day} 09:00")
    seed(world.services)
    for slug in SLUGS:
        home = enter(world, slug).overview()
        assert home["today"] == day
        assert len(home["filed"]) >= 3, slug


def test_no_demo_without_the_demo_mode(demo: World, build: Build) -> None:
    world = build()  # the same database, once the demo mode is off
    assert world.client.get(f"{API}/demo/accounts").json() == []
    answer = world.client.post(f"{API}/demo/sessions", json={"slug": "artisan"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


VRP = ["vrp-plafond", "vrp-frais", "vrp-manque"]


def test_the_vrp_tell_theirs(demo: World) -> None:
    accounts = {slug: enter(demo, slug) for slug in VRP}
    for slug, account in accounts.items():
        filed = account.get("/vrp/filings?year=2026").json()
        assert filed["linked"], slug
        assert len({f["siret"] for f in filed["filings"]}) == (3 if slug == "vrp-plafond" else 2)
        assert {f["month"] for f in filed["filings"]} == {f"2026-{m:02}" for m in range(1, 11)}
        kinds = [e["kind"] for e in account.get("/entries").json()["entries"]]
        assert kinds.count("month") >= 20
        wrong = [(a["code"], a["month"]) for a in filed["anomalies"]]
        assert wrong == ([("month_missing", "2026-04")] if slug == "vrp-manque" else []), slug
    (claim,) = accounts["vrp-frais"].get("/claims").json()
    assert (claim["state"], claim["amount"]) == ("proofs_asked", "857.72")
    assert accounts["vrp-plafond"].states()["2025"] == "to_declare"
    refunds = {slug: account.get("/refund").json() for slug, account in accounts.items()}
    assert {slug for slug, refund in refunds.items() if refund["iban"]} == {"vrp-plafond"}
    assert refunds["vrp-plafond"]["holder"] == "Sofia Arnaud (fictif)"


def test_the_ceiling_is_passed_as_in_the_example(build: Build) -> None:
    world = build(demo=True)
    world.at("2027-03-02 10:00")
    seed(world.services)
    account = enter(world, "vrp-plafond")
    entries = account.get("/entries").json()["entries"]
    rows = [{"id": e["id"], "kind": e["kind"], **e["data"]} for e in entries]
    regime = world.services.registry.get("vrp")
    profile = regime.Profile.model_validate(account.get().json()["profile"])
    rates = shipped_rates(regime)
    today = world.services.clock.today()
    period = next(p for p in regime.periods(profile, today, rates) if p.code == "2026")
    declaration = regime.from_journal(profile, rows, period, rates)
    assert declaration is not None
    shown = account.estimate("2026", declaration.model_dump(mode="json")).json()
    assert shown["due"] == "1168.86"
    assert account.send("2026", declaration.model_dump(mode="json")).status_code == 201
