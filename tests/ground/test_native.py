"""What `flet build` reads: the entry point, what goes on a phone and what stays out."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FLET = PROJECT["tool"]["flet"]


def tracked() -> set[str]:
    """Names at the root of the project that version control knows."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    )
    if done.returncode:
        pytest.skip("not a clone: nothing says which files are the project's")
    return {name.split("/")[0] for name in done.stdout.split("\0") if name}


def test_the_entry_point_is_where_the_packager_looks() -> None:
    # It takes the stem of the name, beside the root of the app.
    assert (ROOT / FLET["app"]["path"] / f"{Path(FLET['app']['module']).stem}.py").is_file()
    assert (ROOT / "assets" / "icon.png").is_file()


def test_only_the_app_and_what_it_reads_go_on_a_phone() -> None:
    kept = {name for name in tracked() if not name.startswith(".")} - set(FLET["app"]["exclude"])
    assert kept == {
        "app", "assets", "contract", "locales", "regimes", "main.py", "pyproject.toml", "LICENSE",
    }  # fmt: skip


def test_a_phone_gets_no_server() -> None:
    names = {line.split("=")[0].split(">")[0].split("[")[0] for line in
             PROJECT["project"]["dependencies"]}  # fmt: skip
    assert names == {"flet", "httpx", "pydantic", "babel", "tzdata"}
    assert not any("[web]" in line for line in PROJECT["project"]["dependencies"])


def test_a_phone_gets_its_keystore_at_the_version_of_flet() -> None:
    flet = next(line for line in PROJECT["project"]["dependencies"] if line.startswith("flet=="))
    version = flet.removeprefix("flet==")
    for system in ("android", "ios"):
        assert FLET[system]["dependencies"] == [
            f"flet-secure-storage=={version}", f"flet-local-auth=={version}",
        ]  # fmt: skip
    assert "target_arch" not in FLET["android"], "one that its Python lacks stops the build"
    assert FLET["android"]["permission"]["android.permission.USE_BIOMETRIC"] is True
    assert FLET["ios"]["info"]["NSFaceIDUsageDescription"]


def test_links_open_the_app_on_both_systems() -> None:
    assert FLET["android"]["deep_linking"] == FLET["ios"]["deep_linking"] == FLET["deep_linking"]
    assert set(FLET["permissions"]) == {"camera"}, "a permission more is a question more"
