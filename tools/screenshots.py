"""Pictures of every screen, phone and desktop, light and dark, into docs/screens/.

A demo server of its own, on a fixed day: `make screenshots`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tools.gallery import SCENES, TODAY, Desk, filled, prepare
from tools.pictures import settled, shown, small

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/screens"
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
COLOURS = 96
SIZES = {"phone": (412, 915), "desktop": (1440, 900)}


def serve(folder: str, **more: str) -> tuple[subprocess.Popen[bytes], str]:
    """A demo server on a free port, and its address; `more` are settings of the environment."""
    log = Path(folder) / "serve.log"
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "serve", "--demo", "--today", TODAY],
        env={**os.environ, "QUITTANCE_DATA_DIR": folder, "QUITTANCE_PORT": "0", **more},
        stdout=log.open("w"), stderr=subprocess.STDOUT, cwd=ROOT,
    )  # fmt: skip
    for _ in range(3000):
        found = re.search(r"(http://(?:127\.0\.0\.1|localhost):\d+)", log.read_text())
        if found:
            return process, found[1]
        time.sleep(0.1)
    raise SystemExit(f"the demo never stood:\n{log.read_text()}")


def shoot(browser: Browser, url: str, places: dict[str, str], size: str, only: set[str]) -> None:
    """Every screen in one window shape, light then dark; or those named."""
    width, height = SIZES[size]
    desk = Desk(url)
    scenes = [scene for scene in SCENES if not only or scene.name in only]
    for who in dict.fromkeys(scene.who for scene in scenes):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="light", locale="fr-FR"
        )
        if who:
            desk.lend(context, desk.enter(who))
        page = context.new_page()
        for scene in (scene for scene in scenes if scene.who == who):
            page.emulate_media(color_scheme="light")
            page.goto(url + filled(scene.route, places))
            shown(page, scene.fr)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found = small(settled(page), COLOURS)
                found.save(TARGET / f"{scene.name}-{size}-{scheme}.png", optimize=True)
        context.close()


def index() -> None:
    """The page that shows them all."""
    lines = [
        "# Every screen", "",
        "Taken from the real app by `make screenshots`, on 23 November 2026 with the demo's "
        "accounts; each also in the other shape and scheme (`NAME-phone-dark.png`, "
        "`NAME-desktop-light.png`).", "",
        "| screen | phone | desktop |", "|---|---|---|",
    ]  # fmt: skip
    for scene in SCENES:
        shown = [
            f'<img src="{name}" width="{width}" alt="{scene.name}, {size}">'
            if (TARGET / (name := f"{scene.name}-{size}-{scheme}.png")).exists() else ""
            for size, scheme, width in (("phone", "light", 160), ("desktop", "dark", 480))
        ]  # fmt: skip
        place = scene.path or scene.address
        lines.append(f"| {scene.name}<br>`{place}` | {' | '.join(shown)} |")
    (TARGET / "README.md").write_text("\n".join([*lines, ""]), "utf-8")


def main() -> None:
    """Take every picture, or those named: `python -m tools.screenshots home pay`."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        process, url = serve(folder)
        try:
            places = prepare(url, Path(folder))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=os.environ["QUITTANCE_CHROMIUM"], args=ARGS
                )
                for size in SIZES:
                    shoot(browser, url, places, size, set(sys.argv[1:]))
                browser.close()
        finally:
            process.terminate()
            process.wait(timeout=20)
            index()


if __name__ == "__main__":
    main()
