"""The client's folder, made once in the user's cache: cut, named by its content, compressed.

`quittance serve` makes it in the background at its first start, first quickly, then at the best
compression; `quittance press` makes it beforehand. Servers of the same version share it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from backend.web import icons
from backend.web.client import ASSETS, client_files, client_folder

QUICK, BEST = 6, 11
KEPT = 3  # folders of versions kept: a window may still ask for a file of the one before
# The app's own fonts are there at the first frame, and stand in for the engine's default one.
FONTS = {
    "Quittance Sans": "fonts/QuittanceSans.ttf",
    "Quittance Sans Strong": "fonts/QuittanceSansStrong.ttf",
    "Roboto": "fonts/QuittanceSans.ttf",
    "MaterialIcons": "fonts/MaterialIcons-Regular.otf",
}
# Letters that they lack (Greek, Cyrillic, Vietnamese) come when a text first has one: the engine
# then asks for a part of Noto Sans by name, and this font answers for each.
OTHERS = "assets/fonts/roboto.woff2"
ARABIC = "assets/fonts/QuittanceArabic.ttf"
"""The same for a word in Arabic letters, in a language written otherwise."""
INSIDE = {"renderer.js", "language.js", "boot.js"}
"""Scripts that the page carries in itself."""
SPARE = {"keys.js", "page.js", "back.js"}
"""Scripts of ours that travel without their comments."""
SMALL = (
    "assets/FontManifest.json", *dict.fromkeys(f"assets/{place}" for place in FONTS.values()),
    "rive.js",
)  # fmt: skip
SCRIPTS = {
    "skwasm": ("main.dart.mjs", "canvaskit/skwasm.js"), "canvaskit": ("canvaskit/canvaskit.js",),
}  # fmt: skip
LARGE = ("main.dart.wasm", "main.dart.js", "canvaskit/skwasm.wasm", "canvaskit/canvaskit.wasm")


def name() -> str:
    """Name of the folder of this version: `client-` and a hash of all that goes into it."""
    seen = hashlib.sha256(version("flet-web").encode())
    seen.update("\0".join(sorted(icons.used() | icons.CLIENT)).encode())
    for path in sorted((*ASSETS.rglob("*"), *Path(__file__).parent.glob("*.py"))):
        if path.is_file():
            seen.update(path.name.encode() + path.read_bytes())
    return f"client-{seen.hexdigest()[:16]}"


@dataclass(frozen=True)
class Client:
    """A folder of the cache. `index` is the page that opens it."""

    root: Path
    name: str

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.root / self.name

    @property
    def ready(self) -> bool:
        """True once it is whole; it may still be compressed better."""
        return (self.folder / "client.json").is_file()

    @property
    def best(self) -> bool:
        """True when nothing is left to gain."""
        with suppress(OSError, ValueError):
            told = json.loads((self.folder / "client.json").read_text("utf-8"))
            return bool(told["quality"] >= BEST)
        return False


def found(cache: Path) -> Client:
    """The client of this version in a folder of caches, made or not."""
    return Client(cache / "client", name())


def press(client: Client, quality: int = BEST) -> None:
    """Make the folder, or compress it better. Whoever reads it meanwhile reads whole files."""
    from backend.web.squeeze import squeeze

    client.root.mkdir(parents=True, exist_ok=True)
    if not client.ready:
        fresh = Path(tempfile.mkdtemp(prefix=".client.", dir=client.root))
        try:
            _write(fresh, client.name)
            squeeze(fresh, client.root / "squeezed", min(quality, QUICK))
            _describe(fresh, min(quality, QUICK))
            with suppress(OSError):  # another process was first
                fresh.rename(client.folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    if quality > QUICK and not client.best:
        squeeze(client.folder, client.root / "squeezed", quality)
        _describe(client.folder, quality)
    _forget(client)


def _write(fresh: Path, folder: str) -> None:
    files = client_files(client_folder())
    for path in ASSETS.rglob("*"):
        if path.is_file() and path.name not in INSIDE | {"index.html", "OFL.txt"}:
            place = path.relative_to(ASSETS).as_posix()
            place = f"assets/{place}" if place.startswith("fonts/") else place
            files[place] = path.read_bytes()
            if place in SPARE:
                files[place] = _bare(files[place].decode()).encode()
    files["assets/FontManifest.json"] = json.dumps(
        [{"family": name, "fonts": [{"asset": place}]} for name, place in FONTS.items()]
    ).encode()
    manifest = json.loads(files["manifest.json"])
    manifest |= {"id": "/", "start_url": "/", "scope": "/"}
    files["manifest.json"] = json.dumps(manifest, ensure_ascii=False).encode()
    # A window of before may hold an older loader: the files it asks for keep their names.
    files["start.js"] = files.pop("flutter.js") + b"quittanceStart();\n"
    for place, content in files.items():
        path = fresh / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _describe(folder: Path, quality: int) -> None:
    """The page, with the sizes of what it asks for; then the mark that all is there."""
    told = {
        "base": f"/{folder.name}/",
        "sizes": {place: (folder / place).stat().st_size for place in LARGE},
        "wire": {place: _wire(folder / place) for place in LARGE},
        "small": SMALL,
        "scripts": SCRIPTS,
    }
    _put(folder / "client.json", json.dumps({"quality": quality, "told": told}).encode())


def _wire(path: Path) -> int:
    small = Path(f"{path}.br")
    return (small if small.exists() else path).stat().st_size


def _put(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)


def page(client: Client) -> bytes:
    """index.html for a client that is ready: its scripts inside, its addresses those of the
    folder. Raises OSError when it is not ready."""
    told = json.loads((client.folder / "client.json").read_text("utf-8"))["told"]
    base = f"/{client.name}/"
    told["base"] = base
    text = (ASSETS / "index.html").read_text("utf-8")
    # Inside a script element, no text of JSON may end it.
    inner = json.dumps(told, separators=(",", ":")).replace("</", "<\\/")
    scripts = "".join(
        f"<script>{_bare((ASSETS / f'{name}.js').read_text('utf-8'))}</script>"
        for name in ("renderer", "language", "boot")
    )
    for shown, instead in (
        ('<script src="renderer.js"></script>', f"<script>quittanceClient={inner}</script>"),
        ('<script src="language.js"></script>', ""),
        ('<script src="boot.js"></script>', scripts),
        ("<!-- fletAppConfig -->", ""),
        ('<img src="icon.svg" alt="">', _icon()),
        ('src="flutter_bootstrap.js"', f'src="{base}start.js"'),
        *((f'src="{name}.js"', f'src="{base}{name}.js"') for name in ("keys", "page")),
        *((f'href="{place}"', f'href="{base}{place}"') for place in (
            "icon.svg", "favicon.png", "icons/apple-touch-icon-192.png", "manifest.json")),
    ):  # fmt: skip
        if shown not in text:
            raise RuntimeError(f"index.html has another shape: no {shown}")
        text = text.replace(shown, instead)
    # Comments of the style and indentation are for who reads the source.
    text = re.sub(r"/\*.*?\*/", "", text)
    return re.sub(r"\n\s+", "\n", text).encode()


def _bare(script: str) -> str:
    """A script without the lines that are comments, nor its indentation."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _icon() -> str:
    svg = (ASSETS / "icon.svg").read_text("utf-8").strip()
    return svg.replace("<svg ", '<svg aria-hidden="true" ', 1)


def _forget(client: Client) -> None:
    """Remove the folders of old versions, and what an interrupted run left."""
    folders = sorted(client.root.glob("client-*"), key=lambda path: -path.stat().st_mtime)
    for old in [path for path in folders if path.name != client.name][KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def start_pressing(client: Client) -> subprocess.Popen[bytes] | None:
    """Make or better the folder in another process that yields to all others; None when nothing
    is left to do."""
    if client.best:
        return None
    return subprocess.Popen(
        [sys.executable, "-m", "backend.web.press", str(client.root.parent)],
        cwd=Path(__file__).resolve().parents[2],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip


def stop_pressing(process: subprocess.Popen[bytes] | None) -> None:
    """End it with its workers; what they finished is kept for the next time."""
    if process is None or process.poll() is not None:
        return
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGTERM)
        else:
            process.terminate()
    process.wait()


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """True for one process at a time; released by the system when it ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # not on this system: two servers may do the same work once
        yield True
        return
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def main(cache: Path) -> int:
    """Press this version, yielding to every other process."""
    if hasattr(os, "nice"):
        os.nice(19)
    client = found(cache)
    press(client, QUICK)
    with _alone(client.root / "press.lock") as alone:
        if alone:
            press(client, BEST)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
