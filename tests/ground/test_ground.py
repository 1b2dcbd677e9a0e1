"""The ground: lock files, imports, documents."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".toml", ".txt", ".in", ".md", ".html", ".js", ".json", ".po", ".typ", ".svg", ""}
# Written in two halves, so that this file is not its own fault.
REGISTRIES = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "deb.debian" + ".org")
PLACES = ("/ro" + "ot/", "/ho" + "me/", "/wo" + "rk/")


def tracked() -> list[Path]:
    """Files of the repository, as git lists them."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).exists()]


@pytest.mark.parametrize("words", [REGISTRIES, PLACES], ids=["registries", "machine paths"])
def test_no_file_names_a_registry_or_a_machine(words: tuple[str, ...]) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked()
        if path.suffix in TEXT and path.name != "axe.min.js"
        for word in words
        if word in path.read_text("utf-8", "replace")
    ]
    # An address of the app that begins alike is no place of a machine.
    assert [f for f in found if not re.search(r"(app|tests|docs)/.*: /ho" + "me/", f)] == []


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_locked_package_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / f"requirements/{name}.txt").read_text("utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text.split("\n", 1)[1])
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==[^ ]+", entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_every_direct_dependency_says_why() -> None:
    table = (ROOT / "docs/dependencies.md").read_text("utf-8")
    for name in ("run", "dev"):
        for line in (ROOT / f"requirements/{name}.in").read_text("utf-8").splitlines():
            package = re.split(r"[=<>]", line)[0].strip()
            if package and not package.startswith("-"):
                assert f"| {package} |" in table, package


def test_links_of_the_documents_lead_somewhere() -> None:
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8")):
            if (
                not target.startswith(("http://", "https://"))
                and not (path.parent / target).exists()
            ):
                broken.append(f"{path.name}: {target}")
    assert broken == []


def test_the_arrows_between_the_rooms() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


BLOCKED = """
import importlib.abc, sys
blocked = {"sqlalchemy", "fastapi", "cryptography", "argon2", "typst", "uvicorn", "psycopg",
           "structlog", "xlsxwriter", "segno", "backend", "concurrent.futures.process"}
class Wall(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in blocked or name.split(".")[0] in blocked:
            raise ImportError(f"{name} has no place here")
sys.meta_path.insert(0, Wall())
import threading
def refuse(self): raise RuntimeError("a thread was started")
threading.Thread.start = refuse
import pkgutil, importlib
for package in ("regimes", "contract", "app"):
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        importlib.import_module(module.name)
ours = {"regimes", "contract", "app"}
print("imported", len([m for m in sys.modules if m.split(".")[0] in ours]))
"""


def test_the_app_imports_without_the_server_and_without_threads() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) > 40


def test_a_name_taken_away_in_the_app_is_seen_by_the_types() -> None:
    """Importing every module sees what is imported by name; mypy sees the rest, if it is let."""
    types = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert "app" in types["packages"]
    [of_the_app] = [each for each in types["overrides"] if "app.*" in each["module"]]
    assert "ignore_errors" not in of_the_app
    seen = {"attr-defined", "name-defined", "import-not-found", "has-type"}
    assert seen & set(of_the_app["disable_error_code"]) == set()


def test_forms_are_data_without_flet() -> None:
    code = (
        "import sys\nclass Wall:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'flet': raise ImportError(name)\n"
        "sys.meta_path.insert(0, Wall())\n"
        "import app.forms.answers, app.forms.form, app.forms.text\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_help_of_the_command_is_quick_to_load() -> None:
    code = (
        "import sys\nfrom backend.cli import main\ntry:\n    main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'flet', 'fastapi', 'sqlalchemy', 'pydantic'} & set(sys.modules)\n"
        "print('HEAVY', sorted(heavy))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert "HEAVY []" in done.stdout, done.stdout + done.stderr[-500:]
