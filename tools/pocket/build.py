"""Assemble dist/pocket: `python -m tools.pocket.build [--quality 5] [--backend URL]`.

The folder needs nothing else: any web server hands it out. Nothing in it names another host.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import re
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from backend.web import squeeze
from backend.web.client import ASSETS, client_folder
from backend.web.client import client_files as web_files
from tools.pocket import wheels

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "pocket"
DIST = ROOT / "dist" / "pocket"
WORK = ROOT / "build" / "pocket"
LIMIT = 12_000_000  # bytes over the wire of a whole installation

# Parts of the standard library that nothing here imports: tools, servers, tests, other platforms.
STDLIB_DROPPED = re.compile(
    r"^(_pyrepl|doctest|ensurepip|idlelib|imaplib|lib2to3|mailbox|multiprocessing|optparse|pdb|"
    r"poplib|profile|cProfile|pstats|pydoc|pydoc_data|sqlite3|smtplib|socketserver|test|tkinter|"
    r"trace|turtle|turtledemo|unittest|venv|wsgiref|xmlrpc|zipapp|ftplib|nntplib|telnetlib|curses|"
    r"dbm|shelve|pyclbr|pickletools|tabnanny|timeit|webbrowser|antigravity|this|ctypes/macholib|"
    r"xml/sax|xml/dom)(/|\.py$)"
)
ENCODINGS = frozenset({
    "__init__", "aliases", "ascii", "cp1252", "cp850", "cp437", "charmap", "hex_codec", "idna",
    "iso8859_1", "iso8859_15", "latin_1", "mac_roman", "punycode", "raw_unicode_escape",
    "unicode_escape", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_7", "utf_8",
    "utf_8_sig", "undefined", "base64_codec",
})  # fmt: skip


def pack(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Files as one: length of the index, index [[path, size], …], contents. Not compressed, so
    that Brotli sees through it; read by worker.js."""
    kept = sorted(files)
    index = json.dumps([[name, len(content)] for name, content in kept]).encode()
    return len(index).to_bytes(4, "little") + index + b"".join(content for _, content in kept)


def app_files() -> Iterable[tuple[str, bytes]]:
    """The app, the contract, the law and their words, as they are; catalogs compiled."""
    for package in ("app", "contract", "regimes"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and path.suffix in {".py", ".toml", ".json"}:
                yield f"app/{path.relative_to(ROOT).as_posix()}", path.read_bytes()
    for path in (ROOT / "locales").rglob("*.po"):
        out = io.BytesIO()
        with path.open("rb") as file:
            write_mo(out, read_po(file))
        name = path.relative_to(ROOT).with_suffix(".mo").as_posix()
        yield f"app/{name}", out.getvalue()
    yield "app/quittance_boot.py", (SOURCE / "quittance_boot.py").read_bytes()


def package_files(found: list[Path]) -> Iterable[tuple[str, bytes]]:
    """The libraries, cut."""
    for name, content in wheels.contents(found):
        yield f"packages/{name}", content


def stdlib(archive: bytes) -> bytes:
    """Pyodide's standard library without what nothing imports, stored uncompressed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as kept,
    ):
        for item in sorted(source.infolist(), key=lambda i: i.filename):
            name = item.filename
            if name.endswith("/") or STDLIB_DROPPED.search(name):
                continue
            if name.startswith("encodings/") and Path(name).stem not in ENCODINGS:
                continue
            fixed = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            kept.writestr(fixed, source.read(item))
    return out.getvalue()


def client_files(client: Path) -> dict[str, bytes]:
    """The web client with what starts the pocket."""
    files = web_files(client)
    files["start.js"] = b"".join(
        path.read_bytes()
        for path in (ASSETS / "renderer.js", ASSETS / "language.js", SOURCE / "start.js")
    )
    return files


def python_files(client: Path) -> dict[str, bytes]:
    """Pyodide, its standard library, and our worker."""
    place = client / "pyodide"
    files = {
        name: (place / name).read_bytes()
        for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")
    }
    files["python_stdlib.zip"] = stdlib((place / "python_stdlib.zip").read_bytes())
    lock = json.loads((place / "pyodide-lock.json").read_text("utf-8"))
    files["pyodide-lock.json"] = json.dumps({"info": lock["info"], "packages": {}}).encode()
    for name in ("worker.js", "device.js"):
        files[name] = (SOURCE / name).read_bytes()
    return files


def asset_files() -> dict[str, bytes]:
    """Images and fonts that screens name, and the icons of an installed app."""
    left = {"back.js", "boot.js", "index.html", "keys.js", "language.js", "manifest.json",
            "page.js", "renderer.js", "rive.js"}  # fmt: skip
    return {
        path.relative_to(ROOT / "assets").as_posix(): path.read_bytes()
        for path in sorted((ROOT / "assets").rglob("*"))
        if path.is_file() and path.name not in left
    }


def manifest() -> bytes:
    """What makes the pocket installable."""
    told = json.loads((ROOT / "assets" / "manifest.json").read_text("utf-8"))
    told |= {"id": "./", "start_url": "./", "scope": "./", "categories": ["finance", "business"]}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def digest(content: bytes) -> str:
    """A short name for a content."""
    return hashlib.sha256(content).hexdigest()[:12]


def _together(files: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return whole.hexdigest()[:12]


RENDERER = re.compile(r"(canvaskit/(skwasm|canvaskit|chromium/)|main\.dart\.(js|mjs|wasm)$)")


def renderer_of(path: str) -> str:
    """The renderer that alone reads a file: skwasm, canvaskit, or "" for both. The variant of
    CanvasKit for a Chromium without WebGL, and licences, are never kept ahead: "none"."""
    if path.endswith(("canvaskit/chromium/canvaskit.js", "canvaskit/chromium/canvaskit.wasm")):
        return "none"
    if path.endswith(("NOTICES", "licences.txt")):  # read once in a lifetime
        return "none"
    if not RENDERER.search(path):
        return ""
    return "skwasm" if re.search(r"skwasm|main\.dart\.(mjs|wasm)$", path) else "canvaskit"


def assemble(backend: str = "", label: str = "") -> dict[str, bytes]:
    """Every file of the pocket by its path, before compression. `label` names the version."""
    client, python = client_files(client_folder()), python_files(client_folder())
    packs = {
        "packages": pack(package_files(wheels.download(WORK / "wheels"))),
        "app": pack(app_files()),
    }
    files: dict[str, bytes] = dict(asset_files())
    places = {"client": f"client-{_together(client)}/", "python": f"python-{_together(python)}/"}
    files |= {places["client"] + name: content for name, content in client.items()}
    files |= {places["python"] + name: content for name, content in python.items()}
    named = {f"{name}-{digest(content)}.pack": content for name, content in packs.items()}
    files |= named
    files["manifest.json"] = manifest()
    files["licences.txt"] = wheels.licences(wheels.download(WORK / "wheels"))
    index = (SOURCE / "index.html").read_text("utf-8")
    worker = (SOURCE / "sw.js").read_text("utf-8")
    build = digest("\0".join((_together(files), index, worker, backend, label)).encode())
    for mark, value in {
        "build": build, "client": places["client"], "python": places["python"],
        "packs": " ".join(named), "backend": backend, "start": places["client"] + "start.js",
    }.items():  # fmt: skip
        index = index.replace(f"@{mark}@", value)
    files["index.html"] = index.encode()
    listed = [
        [path, base64.b64encode(hashlib.sha256(content).digest()).decode(), len(content),
         renderer_of(path)]
        for path, content in sorted(files.items())
        if path not in {"favicon.png", "icon.png", "fonts/OFL.txt"}
    ]  # fmt: skip
    files["sw.js"] = worker.replace("@build@", build).replace(
        "@files@", json.dumps(listed, separators=(",", ":"))
    ).encode()  # fmt: skip
    files["build.json"] = json.dumps({"build": build, "backend": backend, "label": label}).encode()
    return files


def build(
    target: Path = DIST, quality: int = squeeze.BEST, backend: str = "", label: str = ""
) -> Path:
    """Write the pocket at `target`, whole or not at all; left alone when nothing changed."""
    files = assemble(backend, label)
    told = json.loads(files["build.json"]) | {"quality": quality}
    done = target / "build.json"
    if done.exists():
        was = json.loads(done.read_text("utf-8"))
        if {**was, "quality": quality} == told and was["quality"] >= quality:
            return target
    files["build.json"] = json.dumps(told).encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    fresh.chmod(0o755)
    try:
        _write(fresh, files, quality)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def _write(fresh: Path, files: dict[str, bytes], quality: int) -> None:
    for name, content in files.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    squeeze.squeeze(fresh, WORK / "squeezed", quality)


def wire(path: Path) -> int:
    """Bytes of a file as a browser that reads Brotli receives it."""
    small = Path(f"{path}.br")
    return (small if small.exists() else path).stat().st_size


def report(target: Path = DIST, kind: str = "skwasm") -> dict[str, int]:
    """Bytes over the wire of an installation, by part."""
    parts: dict[str, int] = {}
    for path in target.rglob("*"):
        name = path.relative_to(target).as_posix()
        if not path.is_file() or path.suffix in {".br", ".gz"} or name == "build.json":
            continue
        if renderer_of(name) not in {"", kind}:
            continue
        part = re.sub(r"-[0-9a-f]{12}", "", name.split("/")[0])
        part = part if part in {"client", "python", "packages.pack", "app.pack"} else "page"
        parts[part] = parts.get(part, 0) + wire(path)
    return dict(sorted(parts.items(), key=lambda item: -item[1]))


def main() -> int:
    """Build and say how large it is."""
    parser = argparse.ArgumentParser(description="Build the pocket.")
    parser.add_argument("--quality", type=int, default=squeeze.BEST, help="Brotli, 1 to 11")
    parser.add_argument("--backend", default="", help="address of the backend, when elsewhere")
    parser.add_argument("--label", default="", help="name of the version")
    args = parser.parse_args()
    began = time.monotonic()
    target = build(DIST, args.quality, args.backend, args.label)
    parts = report(target)
    for part, size in parts.items():
        print(f"{size:>12,}  {part}")
    total = sum(parts.values())
    print(f"{total:>12,}  bytes over the wire ({time.monotonic() - began:.0f} s) in {target}")
    return 0 if total <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
