"""What the app is compared with: a form of twenty rows in Flet as documented, NiceGUI and
Streamlit, and the public engine of rules of the French social administration.

They are installed on first use under build/, apart from the app's own packages. What cannot be had
(no network, no Node) is left out, and a sentence says so.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.scale import ROOT

PYTHON_PACKAGES = ROOT / "requirements" / "bench.in"
NODE_PACKAGES = ("publicodes@1.10.3", "modele-social@11.1.0")
BUTTON = "Envoyer"
TOTAL = "Total : "

FLET = """
import os
import flet as ft
import uvicorn

@ft.component
def Form():
    values, set_values = ft.use_state([0] * 20)
    def changed(place):
        def change(event):
            set_values([int(event.control.value or 0) if n == place else v
                        for n, v in enumerate(values)])
        return change
    return ft.Column([
        *(ft.Row([ft.TextField(label=f"Ligne {n}", value=str(v), on_change=changed(n)),
                  ft.Text(f"soit {v * 12.8 / 100:.2f}")]) for n, v in enumerate(values)),
        ft.Text(f"Total : {sum(values)}"), ft.Button("Envoyer"),
    ], scroll=ft.ScrollMode.AUTO)

def main(page):
    page.render(Form)

uvicorn.run(ft.run(main, export_asgi_app=True, no_cdn=True), port=int(os.environ["PORT"]),
            log_level="error")
"""
NICEGUI = """
import os
from nicegui import ui

@ui.page("/")
def form():
    values = [0] * 20
    shown = []
    def changed(place, event):
        values[place] = int(event.value or 0)
        shown[place].set_text(f"soit {values[place] * 12.8 / 100:.2f}")
        total.set_text(f"Total : {sum(values)}")
    for n in range(20):
        with ui.row():
            ui.input(label=f"Ligne {n}", value="0", on_change=lambda e, n=n: changed(n, e))
            shown.append(ui.label("soit 0.00"))
    total = ui.label("Total : 0")
    ui.button("Envoyer")

ui.run(host="127.0.0.1", port=int(os.environ["PORT"]), show=False, reload=False)
"""
STREAMLIT = """
import streamlit as st

values = []
for n in range(20):
    left, right = st.columns(2)
    values.append(int(left.text_input(f"Ligne {n}", "0") or 0))
    right.write(f"soit {values[-1] * 12.8 / 100:.2f}")
st.write(f"Total : {sum(values)}")
st.button("Envoyer")
"""
NAMES = ("stock Flet", "NiceGUI", "Streamlit")


def _left_out(what: str, why: object) -> None:
    print(f"{what} left out of the comparison: {why}", file=sys.stderr, flush=True)


def python() -> Path | None:
    """The Python that has the other frameworks, installed if need be."""
    folder = ROOT / "build" / "bench-python"
    found = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark, wanted = folder / "installed.in", PYTHON_PACKAGES.read_text("utf-8")
    if mark.exists() and mark.read_text("utf-8") == wanted:
        return found
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run(
            [str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r",
             str(PYTHON_PACKAGES)],
            check=True, timeout=400, capture_output=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        _left_out("NiceGUI and Streamlit", f"they could not be installed ({type(error).__name__})")
        return None
    mark.write_text(wanted, "utf-8")
    return found


def node() -> Path | None:
    """A folder whose node_modules has the engine of rules, installed if need be."""
    folder = ROOT / "build" / "bench-node"
    mark, wanted = folder / "installed.txt", " ".join(NODE_PACKAGES)
    if mark.exists() and mark.read_text("utf-8") == wanted:
        return folder
    if shutil.which("node") is None or shutil.which("npm") is None:
        _left_out("publicodes", "there is no Node here")
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}', "utf-8")
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *NODE_PACKAGES],
            cwd=folder, check=True, timeout=200, capture_output=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        _left_out("publicodes", f"it could not be installed ({type(error).__name__})")
        return None
    mark.write_text(wanted, "utf-8")
    return folder


@contextmanager
def form(name: str) -> Iterator[str | None]:
    """The form of twenty rows served by one of `NAMES`: its address, or None when left out."""
    own = Path(sys.executable) if name == "stock Flet" else python()
    if own is None:
        yield None
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = {"stock Flet": FLET, "NiceGUI": NICEGUI, "Streamlit": STREAMLIT}[name]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "form.py").write_text(script, "utf-8")
        command = [str(own), "form.py"]
        if name == "Streamlit":
            command = [
                str(own), "-m", "streamlit", "run", "form.py", "--server.headless=true",
                "--server.address=127.0.0.1", f"--server.port={port}",
                "--browser.gatherUsageStats=false", "--server.fileWatcherType=none",
            ]  # fmt: skip
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PORT": str(port)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}/"
            if _answers(url, process):
                yield url
            else:
                _left_out(name, "its server did not start")
                yield None
        finally:
            process.terminate()
            process.wait(20)


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    for _ in range(600):
        if process.poll() is not None:
            return False
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return True
        except OSError:
            time.sleep(0.1)
    return False
