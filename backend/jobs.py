"""What the service does by itself while it runs. Each job may run in several processes at once:
what it does is claimed in the database first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from backend.services import Services
from backend.usecases.decide import decide
from backend.usecases.plans import watch_plans
from backend.usecases.remind import remind
from backend.usecases.retention import retain

log = structlog.get_logger("quittance.jobs")

EVERY = 900  # seconds
JOBS: tuple[Callable[[Services], object], ...] = (decide, watch_plans, remind, retain)


async def run_jobs(services: Services) -> None:
    """Run every job, again and again, until cancelled. A failure is logged and tried again."""
    while True:
        for job in JOBS:
            try:
                await asyncio.to_thread(job, services)
            except Exception as error:
                log.error("job failed", job=job.__name__, error=type(error).__name__)
        await asyncio.sleep(EVERY)
