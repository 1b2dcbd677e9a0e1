"""The pocket's build: the exact wheels import the app, icons and packs hold what is used."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from backend.web import icons
from tools.pocket import build, wheels

ROOT = Path(__file__).parents[2]
NATIVE = ("pydantic_core", "msgpack")  # built for the browser: here, the same versions for this one

# Runs with nothing on its path but the standard library, the wheels' files and the app.
IMPORTS = """
import sys
sys.path[:] = [p for p in sys.path if "site-packages" not in p] + sys.argv[1].split("|")
import asyncio, importlib, pkgutil, socket, sysconfig, threading, zoneinfo
sysconfig.get_config_vars()  # this machine's own, before it pretends to be a browser
had = set(sys.modules)
sys.platform = "emscripten"

def refused(*_, **__):
    raise AssertionError("neither threads nor sockets in a browser")

for name in ("ssl", "multiprocessing", "sqlite3"):
    sys.modules[name] = None  # importing it fails, as there
threading.Thread.start = refused
socket.socket.connect = refused
for name in ("flet_js", "quittance_js"):
    sys.modules[name] = type(sys)(name)
for package in ("regimes", "contract", "app"):
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, package + "."):
        importlib.import_module(module.name)
import flet.messaging.pyodide_connection
from contract.i18n import words
from decimal import Decimal
assert words("fr").money(Decimal("1234.5")).endswith("€")
assert words("en").t("Se connecter") == "Sign in", words("en").t("Se connecter")
from regimes.registry import REGISTRY
from contract.rates import shipped_rates
for code in REGISTRY.codes():
    shipped_rates(REGISTRY.get(code))
print(",".join(sorted({m.partition(".")[0] for m in set(sys.modules) - had})))
"""


@pytest.fixture(scope="module")
def shipped() -> list[Path]:
    """The wheels of the lock file."""
    return wheels.download(build.WORK / "wheels")


def test_the_app_imports_under_the_exact_wheels_of_the_pocket(
    shipped: list[Path], tmp_path: Path
) -> None:
    pins = {name.replace("-", "_"): pin for name, pin in wheels.pinned().items()}
    for name, content in (*build.package_files(shipped), *build.app_files()):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    site = Path(sysconfig.get_paths()["platlib"])
    for name in NATIVE:
        assert version(name) == pins[name]
        for module in (site / name).glob("*.so"):
            (tmp_path / "packages" / name / module.name).symlink_to(module)
        if name == "msgpack":  # this Python may have no compiled one
            (tmp_path / "packages" / name / "fallback.py").symlink_to(site / name / "fallback.py")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORTS, f"{tmp_path}/packages|{tmp_path}/app"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not {"httpcore", "certifi", "oauthlib", "backend"} & set(
        done.stdout.strip().split(",")
    ), "imported for nothing on a phone"


def test_the_lock_holds_hashes_and_no_address() -> None:
    text = wheels.LOCK.read_text("utf-8")
    assert not re.search(r"https?://|--index", text.replace("any index", ""))
    entries = re.split(r"(?m)^(?=[a-z])", text)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    run = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    for name, pin in wheels.pinned().items():
        assert f"{name}=={pin}" in run, f"{name} is not the one that the service runs"


def test_every_icon_that_the_app_draws_is_in_the_font() -> None:
    whole = (build.client_folder() / "assets/fonts/MaterialIcons-Regular.otf").read_bytes()
    cut = icons.subset(whole, icons.used() | icons.CLIENT)
    assert len(cut) < len(whole) / 20
    points = {name: point for point, name in TTFont(build.io.BytesIO(whole)).getBestCmap().items()}
    kept = set(TTFont(build.io.BytesIO(cut)).getBestCmap())
    assert {points[icons.glyph(name)] for name in icons.used()} <= kept
    with pytest.raises(KeyError, match="no_such_icon"):
        icons.subset(whole, {"no_such_icon"})


def test_a_pack_reads_back_and_the_app_is_packed_as_it_is() -> None:
    packed = build.pack(build.app_files())
    length = int.from_bytes(packed[:4], "little")
    offset, files = 4 + length, {}
    for name, size in json.loads(packed[4:offset]):
        files[name] = packed[offset : offset + size]
        offset += size
    assert offset == len(packed)
    for path in (ROOT / "app").rglob("*.py"):
        assert files[f"app/{path.relative_to(ROOT).as_posix()}"] == path.read_bytes()
    assert not [name for name in files if "backend" in name.split("/")[1]]
    assert [name for name in files if name.endswith(".mo")]


def test_each_renderer_is_kept_by_the_browsers_that_use_it() -> None:
    assert build.renderer_of("client-0/main.dart.wasm") == "skwasm"
    assert build.renderer_of("client-0/main.dart.mjs") == "skwasm"
    assert build.renderer_of("client-0/canvaskit/skwasm.js") == "skwasm"
    assert build.renderer_of("client-0/main.dart.js") == "canvaskit"
    assert build.renderer_of("client-0/canvaskit/canvaskit.wasm") == "canvaskit"
    assert build.renderer_of("client-0/canvaskit/chromium/canvaskit.wasm") == "none"
    assert build.renderer_of("client-0/flutter.js") == ""
    assert build.renderer_of("app-0.pack") == ""
