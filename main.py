"""Entry point of the native builds: `flet build` looks for main.py at the root of the project.

`backend.json` ({"backend": "https://…"}), written by the release, says which collector to call.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import flet as ft

from app.main import main

HERE = Path(__file__).parent


def told() -> None:
    """Use the collector that this build was made for, unless the environment names another."""
    path = HERE / "backend.json"
    if path.is_file():
        url = json.loads(path.read_text("utf-8"))["backend"]
        os.environ.setdefault("QUITTANCE_BACKEND_URL", url)


if __name__ == "__main__":
    told()
    ft.run(main, assets_dir=str(HERE / "assets"))
