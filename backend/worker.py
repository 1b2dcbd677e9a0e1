"""The jobs on PostgreSQL: a queue in the database, each job done by one of the processes.

Procrastinate keeps its tables in a PostgreSQL schema of their own (`jobs`), apart from ours: it is
no record of anything, a backup leaves it out. Every quarter of an hour one process puts each job in
the queue, whatever their number; whichever is free does it. A job that fails is tried again, later
each time. A process that dies is silent: its job goes back to the queue.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

import structlog
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Status

from backend.jobs import JOBS, run_job
from backend.main import build_services
from backend.services import Services
from backend.settings import Settings, SettingsError
from backend.storage.queue import SCHEMA

log = structlog.get_logger("quittance.worker")

CRON = "*/15 * * * *"
KEPT = 24 * 30  # hours that the trace of a job is kept
RETRY = RetryStrategy(max_attempts=6, exponential_wait=4)  # 4 s, 16 s, … 68 minutes


def queue_of(services: Services) -> App:
    """The queue, with every job."""
    url = services.settings.database.replace("+psycopg", "", 1)
    connector = PsycopgConnector(
        conninfo=url, min_size=1, max_size=4,
        kwargs={"options": f"-c search_path={SCHEMA}", "application_name": "quittance-jobs"},
    )  # fmt: skip
    app = App(connector=connector)
    for job in JOBS:
        _add(app, services, job)
    return app


def _add(app: App, services: Services, job: Callable[[Services], object]) -> None:
    name = job.__name__

    def done(timestamp: int) -> None:
        try:
            run_job(services, job)
        except Exception as error:
            log.error("job failed", job=name, error=type(error).__name__)
            raise

    # One waits at most, one runs at a time, in the whole fleet.
    task = app.task(
        name=name, queue=SCHEMA, queueing_lock=name, lock=name, retry=RETRY
    )(done)  # fmt: skip
    app.periodic(cron=CRON)(task)


async def work(services: Services) -> None:
    """Do jobs until cancelled. A database that goes away is waited for."""
    while True:
        try:
            await _work(services)
        except Exception as error:
            log.error("queue lost", error=type(error).__name__)
        await asyncio.sleep(5)


async def _work(services: Services) -> None:
    app = queue_of(services)
    stalled = services.settings.worker_stalled_seconds
    async with app.open_async():
        await _begin(app)
        rescuing = asyncio.create_task(_rescue(app, stalled))
        try:
            await app.run_worker_async(
                queues=[SCHEMA], concurrency=1, install_signal_handlers=False,
                update_heartbeat_interval=stalled / 3, stalled_worker_timeout=stalled,
                shutdown_graceful_timeout=2, fetch_job_polling_interval=5.0,
            )  # fmt: skip
        finally:
            rescuing.cancel()


async def _begin(app: App) -> None:
    """A service that starts does not wait for the next quarter, unless another has just worked."""
    rows = await app.connector.execute_query_all_async(
        "SELECT DISTINCT job.task_name FROM procrastinate_jobs AS job "
        "JOIN procrastinate_events AS event ON event.job_id = job.id "
        "WHERE event.at > now() - interval '15 minutes'"
    )
    lately = {row["task_name"] for row in rows}
    for job in JOBS:
        if job.__name__ not in lately:
            with suppress(AlreadyEnqueued):
                await app.tasks[job.__name__].defer_async(timestamp=0)


async def _rescue(app: App, stalled: float) -> None:
    """Put back what dead workers left, and forget what was done long ago. Not a job itself: the
    worker that dies could be holding it."""
    while True:
        with suppress(ConnectorException):  # said by the worker; another process may be first too
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled):
                log.warning("job taken up again", job=job.task_name)
                try:
                    await app.job_manager.retry_job(job)
                except UniqueViolation:
                    # Another of the same waits, for this one to end: it does the work of both.
                    await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
            await app.job_manager.delete_old_jobs(KEPT, include_failed=True)
        await asyncio.sleep(stalled / 2)


def run_worker(settings: Settings) -> int:
    """`quittance worker`: the jobs, without serving anybody. Until SIGTERM; status 0."""
    if not settings.database.startswith("postgresql"):
        raise SettingsError(
            "A worker of its own needs PostgreSQL (QUITTANCE_DATABASE_URL): on SQLite `serve` does "
            "the jobs."
        )
    services = build_services(settings)
    try:
        asyncio.run(_until_told(services))
    finally:
        services.mailer.close()
        services.traces.close()
        services.storage.close()
    return 0


async def _until_told(services: Services) -> None:
    loop = asyncio.get_running_loop()
    working = asyncio.create_task(work(services))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, working.cancel)
    stop = None
    if services.settings.metrics:
        _, stop = services.metrics.serve(services.settings.metrics)
    with suppress(asyncio.CancelledError):
        await working
    if stop is not None:
        stop()
