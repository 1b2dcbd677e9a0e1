"""Requests made from the description of the API, valid and not, and the judgement of the answers.

An answer passes when it is no failure of ours and is what the description promises: its status,
its type, its headers and its body. Half of the requests are made to fit their schema, half to miss
it; three quarters of the paths lead to things that exist.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.errors import SchemathesisError
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.scene import ENDING, Scene
from tests.support.world import API

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance,
]  # fmt: skip


@dataclass
class Sender:
    """Sends generated requests as someone, about what they have."""

    scene: Scene
    seen: Counter[int] = field(default_factory=Counter)

    def operations(self) -> dict[str, APIOperation]:
        """Every operation described, by its name."""
        described = self.scene.owner.world.app.openapi()
        found = schemathesis.openapi.from_dict(described).get_all_operations()
        return {o.definition.raw["operationId"]: o for o in (result.ok() for result in found)}

    def fuzz(self, operation: APIOperation, examples: int, seed: int | None = None) -> None:
        """Ask for one operation `examples` times. Raises what is wrong, with the shortest request
        that shows it. Without `seed` the requests are the same each time."""
        name = operation.definition.raw["operationId"]

        @settings(
            max_examples=examples, deadline=None, database=None,
            derandomize=seed is None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )  # fmt: skip
        @given(_cases(operation), st.integers(0, 3))
        def ask(case: schemathesis.Case, known: int) -> None:
            self.ask(name, case, known > 0)

        if seed is not None:
            from hypothesis import seed as seeded

            ask = seeded(seed)(ask)
        ask()

    def ask(self, name: str, case: schemathesis.Case, known: bool) -> None:
        """Send one request and judge the answer."""
        if known:
            for parameter in case.path_parameters or {}:
                if parameter in self.scene.names:
                    case.path_parameters[parameter] = self.scene.names[parameter]
        answer = self.send(case)
        self.seen[answer.status_code] += 1
        if answer.status_code == 503:  # said so, and documented: not a failure
            case.validate_response(answer, checks=CHECKS[1:])
        else:
            case.validate_response(answer, checks=CHECKS)
        if answer.status_code == 429:  # what is counted by the hour is forgotten in two
            self.scene.owner.world.clock.advance(minutes=120)
        if answer.status_code in {401, 429} or name in ENDING:
            self.scene.come_back(self.scene.owner)

    def send(self, case: schemathesis.Case) -> httpx.Response:
        """The request itself. Its session is ours: what the schema says of one is left out."""
        world = self.scene.owner.world
        told: dict[str, Any] = case.as_transport_kwargs(world.settings.url)
        headers = {k: str(v) for k, v in (told.get("headers") or {}).items()}
        headers.pop("User-Agent", None)
        headers["Authorization"] = f"Bearer {self.scene.owner.token}"
        headers.setdefault("Idempotency-Key", "key-of-a-hostile-hand")
        body = told.get("data")
        if told.get("json") is not None:
            return world.client.request(
                told["method"], told["url"], params=told.get("params"),
                headers=_sendable(headers), json=told["json"], follow_redirects=False,
            )  # fmt: skip
        return world.client.request(
            told["method"], told["url"], params=told.get("params"), headers=_sendable(headers),
            content=_bytes(body), follow_redirects=False,
        )  # fmt: skip


def _sendable(headers: dict[str, str]) -> dict[str, str]:
    """Headers that HTTP can carry: no client could send the others."""
    return {
        k: v for k, v in headers.items()
        if k.isascii() and v.isprintable() and v == v.strip() and v.isascii()
    }  # fmt: skip


def _bytes(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    return body.encode("utf-8", "replace") if isinstance(body, str) else repr(body).encode()


def _cases(operation: APIOperation) -> st.SearchStrategy[schemathesis.Case]:
    kinds = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        try:
            strategy = operation.as_strategy(mode)
            strategy.validate()
        except SchemathesisError:  # an operation without input cannot be asked wrongly
            continue
        kinds.append(strategy)
    return st.one_of(kinds)


def address(operation: APIOperation) -> str:
    """Method and path, for people."""
    return f"{operation.method.upper()} {operation.path.removeprefix(API)}"
