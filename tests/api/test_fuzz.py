"""The whole API under requests nobody means to send: no failure, no answer that is not described.

QUITTANCE_FUZZ_API is the number of requests an operation (50; `make fuzz` sends 1000), and
QUITTANCE_FUZZ_PART which operations are asked ("1/2": the first of two processes; all of them).
"""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest

from backend.usecases.operators import add_operator
from tests.api.conftest import Build
from tests.fuzz.requests import Sender
from tests.support.scene import Scene, scene_of

EXAMPLES = int(os.environ.get("QUITTANCE_FUZZ_API", "50"))
SEED = None if EXAMPLES <= 50 else int(os.environ.get("QUITTANCE_SEED", random.randrange(2**32)))

PART, PARTS = map(int, os.environ.get("QUITTANCE_FUZZ_PART", "1/1").split("/"))

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@pytest.mark.parametrize("database_url", BOTH if SEED is not None else BOTH[:1], indirect=True)
def test_no_request_fails_us_nor_gets_an_answer_that_is_not_described(build: Build) -> None:
    scene: Scene = scene_of(build(card_provider="sandbox"))
    add_operator(scene.world.services, scene.owner.address)
    sender = Sender(scene)
    failures = []
    asked: Counter[str] = Counter()
    every = list(sender.operations().items())
    first, last = (len(every) * part // PARTS for part in (PART - 1, PART))
    for name, operation in every[first:last]:
        before = sum(sender.seen.values())
        try:
            sender.fuzz(operation, EXAMPLES, SEED)
        except Exception as error:  # hypothesis raises groups
            failures.append(f"{name}: {_told(error)}")
        asked[name] = sum(sender.seen.values()) - before
        if SEED is not None:  # the whole takes hours: say how far it is
            print(f"{name} requests={asked[name]} failures={len(failures)}", flush=True)
    print(f"operations={len(asked)} requests={sum(asked.values())} statuses={dict(sender.seen)} "
          f"seed={SEED} failures={len(failures)}")  # fmt: skip
    assert failures == []
    assert min(asked.values()) >= 1


def _told(error: Exception) -> str:
    parts = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
    return " | ".join(f"{type(p).__name__} {p}"[:1500] for p in parts)
