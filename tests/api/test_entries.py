"""Entries: written once whatever the network does, never overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from regimes.registry import REGISTRY, build_registry
from tests.api.conftest import Build
from tests.support.toy_regime import REGIME as TOY
from tests.support.world import Opened, World


@pytest.fixture
def inventor(build: Build) -> Iterator[Opened]:
    registry = build_registry()
    registry.add(TOY)
    REGISTRY.add(TOY)
    yield build(registry).person().open("toy", {"start_date": "2024-01-10"})
    REGISTRY.remove(TOY.code)


def idea(on: str, base: int | None = None, deleted: bool = False, **more: Any) -> dict[str, Any]:
    return {"kind": "idea", "data": {"on": on, **more}, "base": base, "deleted": deleted}


def test_an_entry_is_kept_changed_and_deleted(inventor: Opened) -> None:
    first = inventor.call("PUT", "/entries/idea-0001", idea("2026-11-02", words="roue"))
    assert first.status_code == 200, first.text
    assert (first.json()["version"], first.json()["deleted"]) == (1, False)
    assert first.json()["data"] == {"on": "2026-11-02", "words": "roue"}
    changed = inventor.call("PUT", "/entries/idea-0001", idea("2026-11-03", base=1)).json()
    assert (changed["version"], changed["data"]) == (2, {"on": "2026-11-03"})
    listed = inventor.get("/entries?kind=idea").json()
    assert [e["id"] for e in listed["entries"]] == ["idea-0001"]
    gone = inventor.call("PUT", "/entries/idea-0001", idea("2026-11-03", base=2, deleted=True))
    assert gone.json()["deleted"] is True
    assert inventor.get("/entries").json()["entries"] == []
    since = inventor.get(f"/entries?after={listed['cursor']}").json()
    assert [(e["id"], e["deleted"]) for e in since["entries"]] == [("idea-0001", True)]
    assert inventor.get(f"/entries?after={since['cursor']}").json()["entries"] == []
    back = inventor.call("PUT", "/entries/idea-0001", idea("2026-11-03", base=3)).json()
    assert (back["version"], back["deleted"]) == (4, False)


def test_the_same_amount_written_otherwise_is_the_same_write(world: World) -> None:
    """12.50 is kept as 12.5: sent again because its answer was lost, it is no change."""
    account = world.person().account()
    body = {
        "kind": "receipt", "base": None, "deleted": False,
        "data": {"on": "2026-10-03", "amount": "12.50", "category": "vente"},
    }  # fmt: skip
    for _ in range(2):
        kept = account.call("PUT", "/entries/receipt-000001", body)
        assert (kept.status_code, kept.json()["version"]) == (200, 1)


def test_the_same_write_twice_is_one(inventor: Opened) -> None:
    for _ in range(2):
        kept = inventor.call("PUT", "/entries/idea-0001", idea("2026-11-02")).json()
        assert kept["version"] == 1
    for _ in range(2):
        kept = inventor.call("PUT", "/entries/idea-0001", idea("2026-11-04", base=1)).json()
        assert kept["version"] == 2
    for _ in range(2):
        kept = inventor.call(
            "PUT", "/entries/idea-0001", idea("2026-11-04", base=2, deleted=True)
        ).json()
        assert kept["version"] == 3


def test_two_devices_never_overwrite_one_another(inventor: Opened) -> None:
    inventor.call("PUT", "/entries/idea-0001", idea("2026-11-02"))
    inventor.call("PUT", "/entries/idea-0001", idea("2026-11-03", base=1, words="du téléphone"))
    refused = inventor.call("PUT", "/entries/idea-0001", idea("2026-11-05", base=1))
    assert refused.status_code == 409
    assert refused.json()["code"] == "entry-changed"
    assert refused.json()["extra"]["kept"][0]["data"]["words"] == "du téléphone"
    assert inventor.get("/entries").json()["entries"][0]["data"]["on"] == "2026-11-03"
    assert inventor.call("PUT", "/entries/idea-0001", idea("2026-11-09")).status_code == 409
    unknown = inventor.call("PUT", "/entries/idea-0002", idea("2026-11-09", base=1))
    assert unknown.status_code == 409


def test_a_batch_is_kept_whole_or_not_at_all(inventor: Opened) -> None:
    good = [{"id": f"idea-{n:04}", **idea(f"2026-10-{n:02}")} for n in range(1, 21)]
    bad = [*good[:10], {"id": "idea-9999", **idea("demain")}]
    refused = inventor.call("POST", "/entries/batch", {"entries": bad})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "entries.10.data.on"
    assert inventor.get("/entries").json()["entries"] == []
    kept = inventor.call("POST", "/entries/batch", {"entries": good})
    assert len(kept.json()) == 20
    again = inventor.call("POST", "/entries/batch", {"entries": good})
    assert [e["version"] for e in again.json()] == [1] * 20
    twice = inventor.call("POST", "/entries/batch", {"entries": [good[0], good[0]]})
    assert twice.json()["errors"][0]["code"] == "entry_twice"


def test_the_profession_checks_entries_together(inventor: Opened) -> None:
    inventor.call("PUT", "/entries/idea-0001", idea("2026-11-02"))
    twice = inventor.call("PUT", "/entries/idea-0002", idea("2026-11-02"))
    assert twice.status_code == 422
    assert twice.json()["errors"][0]["code"] == "idea_twice"
    future = inventor.call("PUT", "/entries/idea-0003", idea("2026-11-24"))
    assert future.json()["errors"] == [
        {"field": "idea-0003.on", "code": "idea_future", "params": {}}
    ]
    inventor.call("PUT", "/entries/idea-0001", idea("2026-11-02", base=1, deleted=True))
    assert inventor.call("PUT", "/entries/idea-0002", idea("2026-11-02")).status_code == 200
    free = {"kind": "sketch", "data": {"on": "2027-01-01"}}
    assert inventor.call("PUT", "/entries/sketch-01", free).status_code == 200


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"kind": "poem", "data": {}}, "kind", "entry_kind_unknown"),
        ({"kind": "idea", "data": {"on": "2026-11-02", "x": 1}}, "data.x", "extra_forbidden"),
        ({"kind": "sketch", "data": {"on": "2026-11-02", "words": "é" * 9000}}, "data",
         "entry_too_large"),
    ],
)  # fmt: skip
def test_what_is_not_an_entry_is_refused_by_name(
    inventor: Opened, body: dict[str, Any], field: str, code: str
) -> None:
    refused = inventor.call("PUT", "/entries/idea-0001", body)
    assert refused.status_code == 422
    assert (refused.json()["errors"][0]["field"], refused.json()["errors"][0]["code"]) == (
        field, code,
    )  # fmt: skip


def test_entries_are_of_their_owner_alone(inventor: Opened) -> None:
    inventor.call("PUT", "/entries/idea-0001", idea("2026-11-02"))
    other = inventor.someone.world.person("autre@example.org")
    assert other.get(f"{inventor.path}/entries").status_code == 404
    refused = other.call("PUT", f"{inventor.path}/entries/idea-0001", idea("2026-11-03", base=1))
    assert refused.status_code == 404
