"""Pictures of every screen, phone and desktop, light and dark, into docs/screens/.

A demo server of its own, on a fixed day: `make screenshots`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tools.gallery import SCENES, TODAY, filled, prepare

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/screens"
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
BLANK = 12_000  # bytes under which a picture shows the client still starting
SIZES = {"phone": (412, 915), "desktop": (1440, 900)}


def serve(folder: str, **more: str) -> tuple[subprocess.Popen[bytes], str]:
    """A demo server on a free port, and its address; `more` are settings of the environment."""
    log = Path(folder) / "serve.log"
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "serve", "--demo", "--today", TODAY],
        env={**os.environ, "QUITTANCE_DATA_DIR": folder, "QUITTANCE_PORT": "0", **more},
        stdout=log.open("w"), stderr=subprocess.STDOUT, cwd=ROOT,
    )  # fmt: skip
    for _ in range(600):
        found = re.search(r"(http://(?:127\.0\.0\.1|localhost):\d+)", log.read_text())
        if found:
            return process, found[1]
        time.sleep(0.1)
    raise SystemExit(log.read_text())


def shoot(browser: Browser, url: str, places: dict[str, str], size: str, scheme: str) -> None:
    """Every screen in one window shape and one scheme."""
    width, height = SIZES[size]
    for scene in SCENES:
        if not scene.picture:
            continue
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale="fr-FR"
        )
        if scene.who:
            headers = {"Content-Type": "application/json"}
            opened = context.request.post(
                url + "/api/v1/demo/sessions", data=json.dumps({"slug": scene.who}), headers=headers
            ).json()
            handoff = context.request.post(
                url + "/api/v1/sessions/handoff",
                headers={"Authorization": f"Bearer {opened['token']}"},
            ).json()
            context.request.get(url + handoff["path"], max_redirects=0)
        page = context.new_page()
        page.goto(url + filled(scene.route, places))
        quoted = json.dumps(scene.fr, ensure_ascii=False)
        page.locator(f"[aria-label*={quoted}]").or_(
            page.locator("flt-semantics").filter(has_text=scene.fr)
        ).first.wait_for(state="attached", timeout=60_000)
        for _ in range(8):
            page.wait_for_timeout(1500)  # the frame after the tree; a picture, not a test
            picture = page.screenshot()
            if len(picture) > BLANK:
                break
        (TARGET / f"{scene.name}-{size}-{scheme}.png").write_bytes(picture)
        context.close()


def main() -> None:
    """Take every picture."""
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
                    for scheme in ("light", "dark"):
                        shoot(browser, url, places, size, scheme)
                browser.close()
        finally:
            process.terminate()
            process.wait(timeout=20)


if __name__ == "__main__":
    main()
