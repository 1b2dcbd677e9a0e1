"""Health, measures and traces: what an operator sees, and nothing of anybody."""

from __future__ import annotations

import asyncio
import threading
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from backend.clock import PARIS, ManualClock
from backend.jobs import collect_today, run_job
from backend.main import create_app
from backend.settings import Settings
from backend.usecases.remind import remind
from tests.support.world import SIRETS, Opened, World

CANARY = "canari.serin@example.org"


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A collector on SQLite; a parameter of the test gives settings."""
    settings = Settings(
        data_dir=tmp_path, argon2_memory_kib=8, press=False, **getattr(request, "param", {})
    )
    clock = ManualClock(datetime(2026, 11, 23, 12, tzinfo=PARIS))
    app = create_app(settings, clock)
    with TestClient(app, base_url="http://127.0.0.1:8550") as client:
        yield World(app, settings, clock, client)


def _declares(world: World) -> Opened:
    account = world.person(CANARY).account(start_date="2026-01-10")
    account.declare("2026-09", vente="48159.26")
    assert account.get("/declarations/2026-09").status_code == 200
    return account


def _figures(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_measures_count_by_template_and_name_nobody(world: World) -> None:
    account = _declares(world)
    world.client.get(f"/api/v1/accounts/{account.id}x/overview")
    run_job(world.services, remind)
    url, stop = world.services.metrics.serve("127.0.0.1:0")
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            text = answer.read().decode()
    finally:
        stop()
    found = _figures(text)
    route = "/api/v1/accounts/{account_id}/declarations/{period}"
    labels = {"method": "PUT", "route": route, "status": "201", "via": "network"}
    assert found["quittance_requests_total", tuple(sorted(labels.items()))] == 1
    del labels["status"]
    assert found["quittance_request_seconds_count", tuple(sorted(labels.items()))] == 1
    assert found["quittance_declarations_total", (("regime", "auto-entrepreneur"),)] == 1
    assert found["quittance_jobs_total", (("job", "remind"), ("outcome", "done"))] == 1
    assert found["quittance_database_connections", (("state", "in_use"),)] == 0
    for secret in (account.id, account.someone.id, CANARY, "48159", SIRETS[0], "2026-09"):
        assert secret not in text


def test_a_job_that_fails_is_counted(world: World) -> None:
    def broken(_services: object) -> None:
        raise RuntimeError(CANARY)

    with pytest.raises(RuntimeError):
        run_job(world.services, broken)
    value = world.services.metrics.registry.get_sample_value
    assert value("quittance_jobs_total", {"job": "broken", "outcome": "failed"}) == 1
    assert value("quittance_job_last_success_timestamp_seconds", {"job": "broken"}) is None


def test_debits_are_a_job_only_when_asked_and_when_banks_work(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, argon2_memory_kib=8, press=False, collect_daily=True)
    clock = ManualClock(datetime(2026, 11, 23, 11, 59, tzinfo=PARIS))
    services = create_app(settings, clock).state.services
    seen: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("backend.jobs.collect", lambda _s, day: seen.append(day) or _Report())
        assert collect_today(services) == 0
        clock.set(datetime(2026, 11, 23, 12, 0, tzinfo=PARIS))
        assert collect_today(services) == 3
        clock.set(datetime(2026, 11, 22, 12, 0, tzinfo=PARIS))  # a Sunday
        assert collect_today(services) == 0
    assert [str(day) for day in seen] == ["2026-11-23"]
    services.storage.close()


class _Report:
    debits, refunds = 2, 1


def test_a_process_told_to_end_says_so_and_refuses_windows(world: World) -> None:
    assert world.client.get("/api/v1/ready").status_code == 200
    world.services.draining.set()
    refused = world.client.get("/api/v1/ready")
    assert (refused.status_code, refused.json()["code"]) == (503, "not-ready")
    assert world.client.get("/api/v1/health").status_code == 200
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    scope = {
        "type": "websocket", "path": "/ws", "headers": [], "client": ("127.0.0.1", 1),
        "extensions": {"websocket.http.response": {}}, "query_string": b"", "root_path": "",
    }  # fmt: skip
    asyncio.run(world.app(scope, receive, send))
    assert told[0] == {"type": "websocket.http.response.start", "status": 503, "headers": []}
    told.clear()
    asyncio.run(world.app({**scope, "extensions": {}}, receive, send))
    assert told == [{"type": "websocket.close", "code": 1012}]


class _Receiver(HTTPServer):
    """A collector of traces (OTLP over HTTP)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.bodies: list[bytes] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Take(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        import gzip

        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        assert self.path == "/v1/traces"
        self.server.bodies.append(body)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


def test_traces_reach_their_collector_without_anybody(tmp_path: Path) -> None:
    receiver = _Receiver()
    settings = Settings(data_dir=tmp_path, argon2_memory_kib=8, press=False, otlp_url=receiver.url)
    clock = ManualClock(datetime(2026, 11, 23, 12, tzinfo=PARIS))
    app = create_app(settings, clock)
    above = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with TestClient(app, base_url="http://127.0.0.1:8550") as client:
        world = World(app, settings, clock, client)
        account = _declares(world)
        client.get("/api/v1/health?email=" + CANARY, headers={"traceparent": above})
        run_job(world.services, remind)
    receiver.shutdown()
    receiver.server_close()
    raw = b"".join(receiver.bodies)
    for secret in (
        account.id,
        account.someone.id,
        CANARY,
        "48159",
        SIRETS[0],
        "2026-09",
        "camille",
    ):
        assert secret.encode() not in raw
    spans = [
        span
        for body in receiver.bodies
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    by_name = {span.name: span for span in spans}
    declared = by_name["PUT /api/v1/accounts/{account_id}/declarations/{period}"]
    attributes = {a.key: a.value for a in declared.attributes}
    assert attributes["http.response.status_code"].int_value == 201
    below = {span.name for span in spans if span.parent_span_id == declared.span_id}
    assert "INSERT submissions" in below
    assert by_name["GET /api/v1/health"].trace_id.hex() == above.split("-")[1]
    assert "job remind" in by_name


def test_without_a_collector_no_trace_is_made(world: World) -> None:
    _declares(world)
    assert world.services.traces._tracer is None
