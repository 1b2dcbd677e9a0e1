"""What deploy/ holds is what it says: schemas, settings that exist, nothing of one cloud."""

from __future__ import annotations

import json
import re
import shlex
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from backend.api.middleware import LARGER, LARGEST
from backend.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
ROOT = DEPLOY.parent
MANIFESTS = [*sorted((DEPLOY / "kubernetes").glob("*.yaml")), DEPLOY / "kubernetes/secret.template"]
EVERY = [path for path in sorted(DEPLOY.rglob("*")) if path.is_file()]


def documents() -> list[tuple[str, dict[str, Any]]]:
    """Every Kubernetes object, with its file."""
    return [
        (path.name, found)
        for path in MANIFESTS
        for found in yaml.safe_load_all(path.read_text("utf-8"))
    ]


def of_kind(kind: str) -> list[dict[str, Any]]:
    """Objects of a kind."""
    return [found for _, found in documents() if found["kind"] == kind]


@pytest.mark.parametrize("place", range(len(documents())), ids=lambda n: documents()[n][1]["kind"])
@pytest.mark.parametrize("version", ["1.29", "1.34"])
def test_a_manifest_is_what_its_schema_says(place: int, version: str) -> None:
    kubernetes_validate.validate(documents()[place][1], version, strict=True)


def test_the_schema_would_say_no() -> None:
    (wrong,) = of_kind("Deployment")
    wrong["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.34", strict=True)


def test_the_compose_file_is_what_its_schema_says() -> None:
    schema = json.loads(
        (files("check_jsonschema.builtin_schemas") / "vendor/compose-spec.json").read_text("utf-8")
    )
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    jsonschema.validate(compose, schema)
    assert {"app1", "app2", "database", "nginx", "backup"} == set(compose["services"])
    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert set(service.get("depends_on", {})) <= set(compose["services"]), name
        named = [v.split(":")[0] for v in service.get("volumes", []) if not v.startswith(".")]
        assert set(named) <= set(compose["volumes"]), name
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(compose | {"services": {"x": {"imagee": "y"}}}, schema)


def test_every_setting_named_exists() -> None:
    known = {f"QUITTANCE_{name.upper()}" for name in Settings.model_fields}
    # Read before the settings, or by compose alone.
    known |= {"QUITTANCE_SECRETS_DIR", "QUITTANCE_VERSION"}
    known |= {"QUITTANCE_HTTP_PORT", "QUITTANCE_HTTPS_PORT"}
    for path in EVERY:
        named = set(re.findall(r"QUITTANCE_[A-Z0-9_]+", path.read_text("utf-8")))
        assert named <= known, path.name
    (secret, *_others) = of_kind("Secret")
    assert {name.upper() for name in secret["stringData"]} <= known


def test_what_names_another_object_names_one_that_is_there() -> None:
    names = {(found["kind"], found["metadata"]["name"]) for _, found in documents()}
    pods = [of_kind("Deployment")[0]["spec"]["template"]["spec"]]
    pods += [of_kind("CronJob")[0]["spec"]["jobTemplate"]["spec"]["template"]["spec"]]
    for pod in pods:
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        for volume in volumes.values():
            if "secret" in volume:
                assert ("Secret", volume["secret"]["secretName"]) in names
        for container in pod["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
            assert ("ConfigMap", container["envFrom"][0]["configMapRef"]["name"]) in names
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert pod["securityContext"]["runAsNonRoot"]
    (service,) = of_kind("Service")
    (deployment,) = of_kind("Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    (budget,) = of_kind("PodDisruptionBudget")
    assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()
    (ingress,) = of_kind("Ingress")
    (path,) = ingress["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"]["service"]["name"] == service["metadata"]["name"]
    (scaler,) = of_kind("HorizontalPodAutoscaler")
    assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]


def test_a_pod_has_time_to_drain() -> None:
    (config,) = of_kind("ConfigMap")
    (deployment,) = of_kind("Deployment")
    pod = deployment["spec"]["template"]["spec"]
    probe = pod["containers"][0]["readinessProbe"]
    draining = int(config["data"]["QUITTANCE_DRAIN_SECONDS"])
    assert draining > probe["periodSeconds"] * probe["failureThreshold"]
    assert pod["terminationGracePeriodSeconds"] > draining + 10


def test_nothing_names_a_registry_or_a_cloud() -> None:
    for path in EVERY:
        text = path.read_text("utf-8")
        for image in re.findall(r"(?:image: |ARG PYTHON=)(\S+)", text):
            assert "/" not in image, f"{path.name}: {image}"
        assert not re.search(r"amazonaws|azure|googleapis|gke|eks\b|gcr\.|docker\.io|quay", text)


def test_the_container_file_copies_what_is_there() -> None:
    lines = (DEPLOY / "Containerfile").read_text("utf-8").splitlines()
    sources = [
        source
        for line in lines if line.startswith("COPY ") and "--from" not in line
        for source in shlex.split(line)[1:-1]
    ]  # fmt: skip
    allowed = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    assert (ROOT / ".dockerignore").read_text("utf-8").splitlines() == allowed
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in allowed, source
    text = "\n".join(lines)
    assert re.search(r"^USER \d+:\d+$", text, re.MULTILINE)
    assert "HEALTHCHECK" in text
    assert "quittance press" in text


def test_nginx_lets_through_what_the_service_takes() -> None:
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    given = sorted(int(n) * 1024**2 for n in re.findall(r"client_max_body_size (\d+)m;", text))
    taken = sorted([LARGEST, *(size for _, size in LARGER)])
    assert all(here >= there for here, there in zip(given, taken, strict=True))
    # Nor much more: what is refused anyway is not carried.
    assert all(here <= there * 1.6 for here, there in zip(given, taken, strict=True))
