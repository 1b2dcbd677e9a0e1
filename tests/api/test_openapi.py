"""The description of the API is complete: walked operation by operation."""

from __future__ import annotations

import pkgutil
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter

import contract
from backend.main import _routes, create_app
from backend.openapi import EXAMPLES, examples
from backend.problems import TITLES
from backend.settings import Settings
from contract.base import Wire
from contract.problem import MEDIA_TYPE, ProblemCode, ProblemDocument
from regimes.auto_entrepreneur import REGIME

OPEN = set(
    tomllib.loads(Path(__file__).with_name("authorisation.toml").read_text("utf-8"))["anyone"]
)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("openapi")
    return create_app(Settings(data_dir=folder)).openapi()


def wire() -> list[ModuleType]:
    """Every module of the words that cross the wire."""
    return [
        import_module(f"contract.{module.name}")
        for module in pkgutil.iter_modules(contract.__path__)
    ]


def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {o["operationId"]: o for path in schema["paths"].values() for o in path.values()}


def test_it_is_openapi_3_1_with_every_operation_named_once(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    count = sum(len(path) for path in schema["paths"].values())
    assert count == len(operations(schema)) >= 35
    assert all(path.startswith("/api/v1/") for path in schema["paths"])


def test_every_operation_says_what_it_does_and_how_it_refuses(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema).items():
        assert operation.get("description"), name
        refusals = {s: r for s, r in operation["responses"].items() if s >= "400"}
        assert "422" in refusals, name
        for status, response in refusals.items():
            assert list(response["content"]) == [MEDIA_TYPE], (name, status)
            content = response["content"][MEDIA_TYPE]
            assert content["schema"] == {"$ref": "#/components/schemas/ProblemDocument"}
            assert content["examples"], (name, status)
            for code, example in content["examples"].items():
                told = ProblemDocument.model_validate(example["value"])
                assert (told.code, str(told.status)) == (code, status)


def test_every_operation_that_needs_a_session_says_so(schema: dict[str, Any]) -> None:
    assert set(schema["components"]["securitySchemes"]) == {"bearer", "cookie"}
    found = operations(schema)
    assert {name for name, o in found.items() if "security" not in o} == OPEN
    assert found["people-me"]["security"] == [{"bearer": []}, {"cookie": []}]


def test_what_takes_an_address_an_iban_or_a_password_asks_for_the_present_one(
    schema: dict[str, Any],
) -> None:
    """A session left open, or stolen, moves neither the money nor the way in. Whoever has no
    session yet shows another secret: the password itself, or what a message carried."""
    told = {}
    for name, operation in operations(schema).items():
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        reference = (body or {}).get("schema", {}).get("$ref", "")
        if reference and "security" in operation:
            model = schema["components"]["schemas"][reference.rpartition("/")[2]]
            fields = {
                field for field, kind in model["properties"].items()
                if kind.get("type") != "boolean"  # whether to write by e-mail
            }  # fmt: skip
            if fields & {"email", "iban", "password", "new_password"}:
                told[name] = "current_password" in fields
    assert {"payments-sign", "payments-refund", "claims-iban", "people-email"} <= set(told)
    assert [name for name, asks in told.items() if not asks] == []


def test_every_body_has_an_example_that_its_model_takes(schema: dict[str, Any]) -> None:
    models: dict[str, type[BaseModel]] = {}
    for module in wire():
        for name, thing in vars(module).items():
            if isinstance(thing, type) and issubclass(thing, BaseModel):
                models[name] = thing
    bodies = 0
    for name, operation in operations(schema).items():
        if "requestBody" not in operation:
            continue
        bodies += 1
        if "application/json" not in operation["requestBody"]["content"]:
            continue  # the bytes of a file
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        model = reference.rpartition("/")[2]
        assert issubclass(models[model], Wire), name
        assert schema["components"]["schemas"][model]["examples"], name
    assert bodies >= 14
    for model, example in examples().items():
        models[model].model_validate(example)


def test_the_examples_of_the_profession_are_real(schema: dict[str, Any]) -> None:
    TypeAdapter(REGIME.Profile).validate_python(EXAMPLES["AccountCreate"]["profile"])
    TypeAdapter(REGIME.Declaration).validate_python(EXAMPLES["Submit"]["declaration"])


def test_every_problem_code_has_a_status_and_a_title() -> None:
    assert set(TITLES) == set(ProblemCode)
    assert all(400 <= status < 600 and title for status, title in TITLES.values())


def test_the_model_of_problems_is_built_once() -> None:
    told = [
        route.response_fields[status]
        for route in _routes()
        if isinstance(route, APIRoute)
        for status, entry in route.responses.items()
        if MEDIA_TYPE in entry.get("content", {})
    ]
    assert len(told) > 200
    assert len({id(field) for field in told}) == 1


def test_every_answer_has_an_example_that_its_model_takes(schema: dict[str, Any]) -> None:
    without, checked = [], 0
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                content = response.get("content", {}).get("application/json")
                if not status.startswith("2") or content is None:
                    continue
                shape = content["schema"]
                name = shape.get("$ref", shape.get("items", {}).get("$ref", "")).split("/")[-1]
                model = schema["components"]["schemas"].get(name, {})
                if not model.get("examples"):
                    without.append(f"{method} {path} {status}: {name}")
                for module in wire():
                    kind = getattr(module, name, None)
                    if kind is not None:
                        kind.model_validate(model["examples"][0])
                        checked += 1
    assert without == []
    assert checked > 20
