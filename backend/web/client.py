"""Flet's web client with our fonts and icons, and nothing that no screen uses."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

from backend.web import icons

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"
ICONS = "assets/fonts/MaterialIcons-Regular.otf"
KEPT = (
    "main.dart.js", "main.dart.mjs", "main.dart.wasm", "canvaskit/skwasm.js",
    "canvaskit/skwasm.wasm", "canvaskit/canvaskit.js", "canvaskit/canvaskit.wasm",
    "assets/AssetManifest.bin", "assets/AssetManifest.bin.json", "assets/fonts/roboto.woff2",
    "assets/NOTICES", "assets/shaders/ink_sparkle.frag", "assets/shaders/stretch_effect.frag",
)  # fmt: skip
# Chromium never reads the second renderer unless it cannot draw; the others have no use for it.
MAYBE = ("canvaskit/chromium/canvaskit.js", "canvaskit/chromium/canvaskit.wasm")


def client_folder() -> Path:
    """Flet's web client, as its package ships it. Raises RuntimeError without it."""
    found = importlib.util.find_spec("flet_web")
    if found is None or found.origin is None:
        raise RuntimeError("flet-web is not installed: run `make install`")
    return Path(found.origin).parent / "web"


def client_files(client: Path) -> dict[str, bytes]:
    """Both renderers, the loader, our own scripts, the icons that the source of the app names."""
    files = {name: (client / name).read_bytes() for name in KEPT}
    files |= {name: (client / name).read_bytes() for name in MAYBE if (client / name).exists()}
    files[ICONS] = icons.subset((client / ICONS).read_bytes(), icons.used() | icons.CLIENT)
    files["assets/FontManifest.json"] = json.dumps(
        [
            {"family": "MaterialIcons",
             "fonts": [{"asset": "fonts/MaterialIcons-Regular.otf"}]},
            {"family": "Roboto", "fonts": [{"asset": "fonts/roboto.woff2"}]},
        ]
    ).encode()  # fmt: skip
    bootstrap = (client / "flutter_bootstrap.js").read_text("utf-8")
    build = re.search(r"_flutter\.buildConfig = (\{.*?\});", bootstrap)
    if build is None:
        raise RuntimeError("flutter_bootstrap.js has another shape: see its buildConfig")
    loader = (client / "flutter.js").read_text("utf-8").partition("//# sourceMappingURL")[0]
    files["flutter.js"] = f"{loader}\n_flutter.buildConfig = {build[1]};\n".encode()
    for name in ("keys.js", "page.js", "back.js", "rive.js"):
        files[name] = (ASSETS / name).read_bytes()
    return files
