"""What the service does by itself while it runs: reminders, penalties, plans, debits when asked.

On SQLite one process serves, and a loop in it does the jobs. On PostgreSQL any number of processes
serve, and a queue in the database (Procrastinate, backend/worker.py) gives each job to one of them.
Either way what a job does is claimed in the database first: done twice, it has effect once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import time

import structlog

from backend.banking.days import banking_day
from backend.clock import paris_moment
from backend.services import Services
from backend.usecases.collect import collect
from backend.usecases.decide import decide
from backend.usecases.delegations import watch_delegations
from backend.usecases.plans import watch_plans
from backend.usecases.remind import remind
from backend.usecases.retention import retain

log = structlog.get_logger("quittance.jobs")

EVERY = 900  # seconds


def collect_today(services: Services) -> int:
    """Send the day's debits and refunds to the bank, on a banking day from noon on, if the settings
    leave it to the service. How many there were."""
    day = services.clock.today()
    ready = banking_day(day) and services.clock.now() >= paris_moment(day, time(12))
    if not services.settings.collect_daily or not ready:
        return 0
    report = collect(services, day)
    return report.debits + report.refunds


JOBS: tuple[Callable[[Services], object], ...] = (
    decide,
    watch_plans,
    watch_delegations,
    remind,
    retain,
    collect_today,
)


def run_job(services: Services, job: Callable[[Services], object]) -> None:
    """Run one job now, measured and traced. Raises what it raises."""
    with services.metrics.job(job.__name__), services.traces.job(job.__name__):
        job(services)


async def run_jobs(services: Services) -> None:
    """Run every job, again and again, until cancelled. A failure is logged and tried again."""
    while True:
        for job in JOBS:
            try:
                await asyncio.to_thread(run_job, services, job)
            except Exception as error:
                log.error("job failed", job=job.__name__, error=type(error).__name__)
        await asyncio.sleep(EVERY)
