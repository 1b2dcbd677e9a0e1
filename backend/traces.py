"""Traces (OpenTelemetry), when a collector of traces is set: a span for each request by template of
its route, each statement by its verb and table, each job by its name. No path, query, argument of a
statement, text of an error, address or person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?([a-z_.]+)", re.IGNORECASE)
DATABASES = {"postgresql": "postgresql", "sqlite": "sqlite"}


class Request:
    """What is known of a request once answered."""

    def __init__(self, span: Any = None, method: str = "") -> None:
        self._span = span
        self._method = method

    def end_request(self, route: str, status: int) -> None:
        """Name the span by the template of its route."""
        if self._span is None:
            return
        from opentelemetry.trace import Status, StatusCode

        self._span.update_name(f"{self._method} {route}")
        self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))


class Traces:
    """Nothing, until a collector of traces is set."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("quittance") if provider is not None else None

    @contextmanager
    def request(self, scope: Mapping[str, Any], headers: Mapping[str, str]) -> Iterator[Request]:
        """The span of a request, below the proxy's when it names one."""
        if self._tracer is None:
            yield Request()
            return
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        above = None
        if "quittance.client" not in scope:
            told = {"traceparent": headers.get("traceparent", "")}
            above = TraceContextTextMapPropagator().extract(told)
        with self._span(scope["method"], SpanKind.SERVER, above) as span:
            span.set_attribute("http.request.method", scope["method"])
            yield Request(span, scope["method"])

    @contextmanager
    def job(self, name: str) -> Iterator[None]:
        """The span of a job."""
        if self._tracer is None:
            yield
            return
        from opentelemetry.trace import SpanKind

        with self._span(f"job {name}", SpanKind.CONSUMER, None) as span:
            span.set_attribute("messaging.destination.name", name)
            yield

    @contextmanager
    def _span(self, name: str, kind: Any, above: Any) -> Iterator[Any]:
        from opentelemetry.trace import Status, StatusCode

        assert self._tracer is not None
        with self._tracer.start_as_current_span(
            name, context=above, kind=kind, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as error:
                # The kind alone: the text of an error may hold a figure.
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def watch_database(self, engine: Engine) -> None:
        """A span for each statement."""
        if self._tracer is None:
            return
        from opentelemetry.trace import SpanKind, Status, StatusCode

        tracer, system = self._tracer, DATABASES.get(engine.dialect.name, engine.dialect.name)

        def began(_c: Any, _cursor: Any, statement: str, _p: Any, context: Any, _m: bool) -> None:
            verb = statement.lstrip().partition(" ")[0].upper()[:20]
            found = TABLE.search(statement)
            table = found[1] if found else ""
            context.quittance_span = tracer.start_span(
                f"{verb} {table}".strip(), kind=SpanKind.CLIENT,
                attributes={"db.system.name": system, "db.operation.name": verb}
                | ({"db.collection.name": table} if table else {}),
            )  # fmt: skip

        def ended(_c: Any, _cursor: Any, _s: str, _p: Any, context: Any, _m: bool) -> None:
            span = getattr(context, "quittance_span", None)
            if span is not None:
                span.end()

        def failed(told: Any) -> None:
            span = getattr(told.execution_context, "quittance_span", None)
            if span is not None:
                span.set_attribute("error.type", type(told.original_exception).__name__)
                span.set_status(Status(StatusCode.ERROR))
                span.end()

        event.listen(engine, "before_cursor_execute", began)
        event.listen(engine, "after_cursor_execute", ended)
        event.listen(engine, "handle_error", failed)

    def close(self) -> None:
        """Send what waits, for a few seconds at most."""
        if self._provider is not None:
            self._provider.force_flush(3000)
            self._provider.shutdown()


def build_traces(url: str) -> Traces:
    """Traces sent to `url` (OTLP over HTTP), or none."""
    if not url:
        return Traces()
    # Imported here: most services send none.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "quittance"}))
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{url}/v1/traces", timeout=5))
    )
    return Traces(provider)
