"""create_app: the collector as an ASGI application."""

from __future__ import annotations

import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module

from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from starlette.routing import BaseRoute

import backend.api
from backend import openapi, problems
from backend.api.middleware import Guard
from backend.clock import Clock, FixedDayClock
from backend.files.store import build_store
from backend.keys import load_keys
from backend.mail import build_mailer
from backend.metrics import Metrics
from backend.ratebook import RateBook
from backend.routes import Routes
from backend.services import Services
from backend.settings import Settings, SettingsError
from backend.storage import every as _every  # noqa: F401 the tables must be known
from backend.storage.engine import Storage, build_engine
from backend.storage.migrate import migrate
from backend.storage.types import use_keys
from backend.traces import build_traces
from regimes.dated import RatesError
from regimes.regime import Registry
from regimes.registry import REGISTRY

VERSION = "1.0.0"


def open_database(settings: Settings) -> Engine:
    """The database of the settings, at its current schema. Raises SettingsError."""
    _make_folder(settings)
    try:
        engine = build_engine(settings.database)
        migrate(engine)
    except (OSError, OperationalError) as error:
        shown = make_url(settings.database).render_as_string(hide_password=True)
        kind = type(error.orig if isinstance(error, OperationalError) else error).__name__
        raise SettingsError(
            f"Cannot open the database {shown} ({kind}). "
            "See QUITTANCE_DATABASE_URL and QUITTANCE_DATA_DIR."
        ) from None
    return engine


def _make_folder(settings: Settings) -> None:
    """The data folder holds what people declare: it is for the eyes of this user only."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(
            f"Cannot make the folder {settings.data_dir} ({error.strerror}). "
            "Set QUITTANCE_DATA_DIR to another."
        ) from None


def build_services(
    settings: Settings, clock: Clock | None = None, registry: Registry | None = None
) -> Services:
    """Keys, database (migrated) and mail of this process. Raises SettingsError."""
    _make_folder(settings)
    keys = load_keys(settings)
    use_keys(keys)
    engine = open_database(settings)
    if clock is None:
        clock = FixedDayClock(settings.today) if settings.today else Clock()
    storage, registry = Storage(engine), registry or REGISTRY
    try:
        rates = RateBook(registry, storage, clock, settings.rates)
    except RatesError as error:
        storage.close()
        raise SettingsError(str(error)) from None
    metrics = Metrics()
    metrics.watch_database(storage.engine)
    traces = build_traces(settings.otlp_url)
    traces.watch_database(storage.engine)
    return Services(
        metrics=metrics,
        traces=traces,
        settings=settings,
        storage=storage,
        clock=clock,
        keys=keys,
        mailer=build_mailer(settings),
        files=build_store(settings),
        registry=registry,
        rates=rates,
    )


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Every route of the API, read once for the process. They stand in the application as they
    were written: included, FastAPI would make each a second time, at the first request."""
    found: list[BaseRoute] = []
    for module in sorted(pkgutil.iter_modules(backend.api.__path__), key=lambda m: m.name):
        loaded = import_module(f"backend.api.{module.name}")
        for name in ("router", "pages"):
            router = getattr(loaded, name, None)
            if isinstance(router, Routes):
                found += router.routes
    return tuple(found)


def create_app(
    settings: Settings, clock: Clock | None = None, registry: Registry | None = None
) -> FastAPI:
    """The collector. `clock` and `registry` are given by tests. Raises SettingsError."""
    services = build_services(settings, clock, registry)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        services.mailer.close()
        services.traces.close()
        services.storage.close()

    app = FastAPI(
        title="Quittance",
        version=VERSION,
        summary="The collector: accounts, declarations, receipts.",
        description=(
            "Independent project, not an official service. Errors are RFC 9457 documents with a "
            "stable code; any may also be 400 malformed-body, 403 wrong-origin, "
            "413 body-too-large, 500 internal-error or 503 unavailable (a database or a disk "
            "without room, or gone: ask again). Amounts are decimal texts in euros, moments are in "
            "UTC."
        ),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        license_info={"name": "MIT"},
    )
    app.state.services = services
    problems.install(app)
    openapi.install(app)
    app.router.routes.extend(_routes())
    app.add_middleware(Guard, services=services)
    return app
