"""What this process measures, as Prometheus reads it: counts and times by template of a route or by
name of a job. Never a path, a person, an account or an amount.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger("quittance.metrics")

FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
LONG = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The measures of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = Counter(
            "quittance_requests_total", "Requests answered.",
            ["method", "route", "status", "via"], registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "quittance_request_seconds", "Time to answer a request.", ["method", "route", "via"],
            buckets=FAST, registry=self.registry,
        )  # fmt: skip
        self._declarations = Counter(
            "quittance_declarations_total", "Declarations and corrections received.",
            ["regime"], registry=self.registry,
        )  # fmt: skip
        self._jobs = Counter(
            "quittance_jobs_total", "Jobs run by this process.", ["job", "outcome"],
            registry=self.registry,
        )  # fmt: skip
        self._job_seconds = Histogram(
            "quittance_job_seconds", "Time of a job.", ["job"], buckets=LONG,
            registry=self.registry,
        )  # fmt: skip
        self._job_done = Gauge(
            "quittance_job_last_success_timestamp_seconds", "When a job last ended well here.",
            ["job"], registry=self.registry,
        )  # fmt: skip
        self.windows = Gauge(
            "quittance_windows_open", "Windows connected to this process.", registry=self.registry
        )
        self._sessions = Gauge(
            "quittance_sessions",
            "Sessions of the app kept here: a window closed is kept a while for its return.",
            registry=self.registry,
        )
        self.draining = Gauge(
            "quittance_draining", "1 once this process was told to end.", registry=self.registry
        )

    def request(
        self, method: str, route: str, status: int, seconds: float, inside: bool = False
    ) -> None:
        """Count one request. `inside`: the app of the same process asked."""
        via = "app" if inside else "network"
        method = method if method in METHODS else "other"
        self._requests.labels(method, route, status or 499, via).inc()
        self._seconds.labels(method, route, via).observe(seconds)

    def declared(self, regime: str) -> None:
        """Count one declaration that was received, not its replays."""
        self._declarations.labels(regime).inc()

    @contextmanager
    def job(self, name: str) -> Iterator[None]:
        """Time a job, and count how it ends."""
        began = perf_counter()
        outcome = "failed"
        try:
            yield
            outcome = "done"
            self._job_done.labels(name).set_to_current_time()
        finally:
            self._jobs.labels(name, outcome).inc()
            self._job_seconds.labels(name).observe(perf_counter() - began)

    def watch_sessions(self, count: Callable[[], int]) -> None:
        """Read the number of sessions when asked."""
        self._sessions.set_function(count)

    def watch_database(self, engine: Engine) -> None:
        """Read the connections of the pool when asked, and the queue of jobs on PostgreSQL."""
        self.registry.register(_Pool(engine))
        if engine.dialect.name == "postgresql":
            self.registry.register(_Queue(engine))

    def serve(self, address: str) -> tuple[str, Callable[[], None]]:
        """Answer `/metrics` at `host:port` (0: a free port), on a thread of its own. The address,
        and how to stop. Raises OSError when it is taken."""
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        server, thread = start_http_server(int(port), host, self.registry)

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join(5)

        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{server.server_port}/metrics", stop


class _Pool(Collector):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterable[GaugeMetricFamily]:
        found = GaugeMetricFamily(
            "quittance_database_connections", "Connections of the pool.", labels=["state"]
        )
        pool: Any = self._engine.pool
        for state, read in (("in_use", "checkedout"), ("idle", "checkedin")):
            if hasattr(pool, read):
                found.add_metric([state], float(getattr(pool, read)()))
        return [found]


class _Queue(Collector):
    """Jobs waiting, running and failed, of the whole fleet: each process says the same."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterable[GaugeMetricFamily]:
        found = GaugeMetricFamily(
            "quittance_queue_jobs", "Jobs in the queue, all processes together.", labels=["status"]
        )
        # What the queue has none of is told too: an alert looks at numbers, not at absences.
        counts = dict.fromkeys(("todo", "doing", "failed"), 0)
        try:
            with self._engine.connect() as connection:
                connection.execute(text("SET LOCAL statement_timeout = '2s'"))
                rows = connection.execute(
                    text("SELECT status::text, count(*) FROM jobs.procrastinate_jobs "
                         "WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1")
                )  # fmt: skip
                counts |= dict(rows.tuples().all())
        except SQLAlchemyError as error:
            log.warning("queue not counted", error=type(error).__name__)
            return []
        for status, count in counts.items():
            found.add_metric([status], float(count))
        return [found]

    def describe(self) -> Iterable[GaugeMetricFamily]:
        # Asked for at registration: the database may not be reachable yet.
        return [GaugeMetricFamily("quittance_queue_jobs", "Jobs in the queue.", labels=["status"])]
