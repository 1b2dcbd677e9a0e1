"""The pinned wheels of the pocket: downloaded through pip, checked by hash, cut to what runs."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "pocket.txt"
PLATFORM = "pyemscripten_2026_0_wasm32"
PYTHON = "3.14"

# What no screen of a browser runs: other servers, tools, tests, typing stubs, and distribution
# metadata but the name and version that libraries ask for.
DROPPED = re.compile(
    r"(^|/)(tests?|testing|fastapi|__pycache__)/|\.(pyi|pyx|pxd|c|h|typed|pem|rst)$"
    r"|^flet/(cli|pytest_plugin)\.py$|^pydantic/(v1|deprecated/copy_internals)/|^pydantic/mypy\.py$"
    r"|^anyio/(_backends/_trio|pytest_plugin|to_process|to_interpreter)\.py$"
    r"|^babel/(messages/(frontend|extract|setuptools_frontend)\.py)"
    r"|\.dist-info/(?!METADATA$)|^idna/(cli|__main__|uts46data)\.py$|^msgpack/fallback\.py$"
)
LOCALES = frozenset(
    {"root", "fr", "fr_FR", "en", "en_001", "en_150", "en_GB", "es", "es_ES", "pt", "pt_PT", "ar",
     "ar_MA"}
)  # fmt: skip
# Names of languages, countries, units, currencies and zones, which no screen says.
UNSAID = frozenset({
    "unit_patterns", "unit_display_names", "compound_unit_patterns", "currency_names",
    "currency_names_plural", "meta_zones", "time_zones", "languages", "territories", "scripts",
    "variants", "date_fields", "compact_decimal_formats", "compact_currency_formats",
    "interval_formats", "territory_zones", "zone_territories", "windows_zone_mapping",
    "territory_languages", "territory_currencies", "zone_aliases", "likely_subtags",
})  # fmt: skip
ZONES = frozenset({"Europe/Paris", "UTC", "Etc/UTC"})


def download(folder: Path) -> list[Path]:
    """The wheels of the lock file, from the index that pip is set to. Raises CalledProcessError."""
    wanted = pinned()
    done = folder / "lock.txt"
    if not done.exists() or done.read_text("utf-8") != LOCK.read_text("utf-8"):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.whl"):
            old.unlink()
        subprocess.run(
            [
                sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet",
                "--require-hashes", "--no-deps", "--only-binary=:all:", "--platform", PLATFORM,
                "--python-version", PYTHON, "--implementation", "cp", "--abi", "cp314",
                "--abi", "none", "--dest", str(folder), "--requirement", str(LOCK),
            ],
            check=True,
        )  # fmt: skip
        done.write_text(LOCK.read_text("utf-8"), "utf-8")
    found = sorted(folder.glob("*.whl"))
    if len(found) != len(wanted):
        raise RuntimeError(f"{len(found)} wheels for {len(wanted)} pinned in {LOCK.name}")
    return found


def pinned() -> dict[str, str]:
    """Version by name, as the lock file pins them."""
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", LOCK.read_text("utf-8"), re.MULTILINE))


def kept(name: str) -> bool:
    """True for a file of a wheel that the pocket ships."""
    if DROPPED.search(name) or name.endswith("/"):
        return False
    if name.startswith("babel/locale-data/"):
        return Path(name).stem in LOCALES
    if name.startswith("tzdata/zoneinfo/") and not name.endswith(".py"):
        return name.removeprefix("tzdata/zoneinfo/") in ZONES
    return True


def contents(wheels: list[Path], keep: Callable[[str], bool] = kept) -> Iterator[tuple[str, bytes]]:
    """Every file shipped, by its path in site-packages."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in sorted(archive.namelist()):
                if keep(name):
                    content = archive.read(name)
                    if name.endswith(".dat"):
                        content = _said(content)
                    elif name.endswith(".dist-info/METADATA"):
                        content = content.partition(b"\n\n")[0] + b"\n"  # not the page about it
                    yield name, content


def _said(content: bytes) -> bytes:
    """Babel's data of a language without what is never said: emptied, so that it is still there."""
    told = pickle.loads(content)  # of the wheel whose hash is pinned
    return pickle.dumps({k: {} if k in UNSAID else v for k, v in told.items()}, 2)


def licences(wheels: list[Path]) -> bytes:
    """The licences of the libraries shipped, one after the other."""
    pieces: list[str] = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in sorted(archive.namelist()):
                if re.search(r"\.dist-info/(licenses/.*|(LICEN[CS]E|COPYING|NOTICE)[^/]*)$", name):
                    if name.endswith("/"):
                        continue
                    text = archive.read(name).decode("utf-8", "replace").strip()
                    pieces.append(f"{wheel.name.split('-')[0]}: {Path(name).name}\n\n{text}\n")
    pieces.append("Pyodide: Mozilla Public License 2.0, https://pyodide.org\n")
    return ("\n" + "=" * 78 + "\n").join(pieces).encode()
