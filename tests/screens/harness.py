"""Drive the app in process: no browser, no socket, a few milliseconds a screen.

    async with open_app("/signin", backend=api) as app:
        await app.type("Adresse e-mail", "camille@exemple.fr")
        await app.tap("Se connecter")
        await app.until(lambda: app.shows("Prochaine échéance"))

A real Flet session runs the real app; only the client is played here. See docs/testing-screens.md.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import flet as ft
import httpx
import msgpack
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page
from flet.messaging.connection import Connection
from flet.messaging.protocol import Message, MessageAction, configure_encode_object_for_msgpack
from flet.messaging.session import Session
from flet.pubsub.pubsub_hub import PubSubHub

from app import main as app_main
from app.services.backend import Backend
from app.services.container import Services
from app.services.fetching import FetchTransport
from app.services.gateway import NOBODY, Handshake, InProcess
from tests.support.fetch import fake_fetch

carrier = "served"
"""How the app reaches its backend: served (in process) or pocket (through a played fetch)."""

_encode = configure_encode_object_for_msgpack(BaseControl)
_SKIPPED = {"_parent", "parent"}


class NotShown(AssertionError):
    """What was looked for is not on the screen; the message says what is."""


class _Client(Connection):
    """A client that notes what it is told and answers what it is asked."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self.app = app
        self.loop = asyncio.get_running_loop()
        self.pubsubhub = PubSubHub(loop=self.loop)
        self.page_url = "http://test.invalid"

    def send_message(self, message: Message) -> None:
        # Encoding arms the differ, as on the wire; decoding shows what a client would read.
        packed = msgpack.packb([message.action, message.body], default=_encode)
        self.app._told(
            message.action, msgpack.unpackb(packed, ext_hook=lambda *_: None, strict_map_key=False)
        )

    def get_upload_url(self, file_name: str, expires: int) -> str:
        raise NotImplementedError


class App:
    """An open app, as a person (or a screen reader) meets it."""

    def __init__(self) -> None:
        self.client = _Client(self)
        self.session = Session(self.client)
        self.page: ft.Page = self.session.page
        self.services: Services
        self.launched: list[str] = []
        """Addresses the app sent the window to."""
        self.clipboard = ""
        self.kept: dict[str, Any] = {}
        """What the device keeps by name, in clear."""
        self.picked: list[tuple[str, bytes]] = []
        """Files (name, content) that the person picks when asked."""
        self.saved: dict[str, bytes] = {}
        """Files that the app gave, by name."""
        self.shared: dict[str, bytes] | None = None
        """Files offered to other apps, by name; None where no app takes files."""
        self.crashes: list[str] = []
        self._patched: list[Any] = []
        self._messages = 0

    # -- life ------------------------------------------------------------------------------------

    async def _start(self, route: str, width: int, height: int, backend: Backend,
                     told: Handshake, **extra: Any) -> None:  # fmt: skip
        self.session.apply_page_patch(
            {"route": route, "width": width, "height": height, "web": False, "pwa": False,
             "platform": ft.PagePlatform.LINUX}
        )  # fmt: skip
        _context_page.set(self.page)
        msgpack.packb(self.session.get_page_patch(), default=_encode)
        self.services = await app_main.start(self.page, backend, told, **extra)
        await self.session.after_event(self.page)
        await self.settle()

    async def close(self) -> None:
        """Stop the session and its pending saves."""
        self.services.drafts.close_all()
        self.services.outbox.stop()
        await self.services.backend.close()
        self.session.close()
        await asyncio.sleep(0)

    def _told(self, action: MessageAction, message: list[Any]) -> None:
        self._messages += 1
        if action == MessageAction.PATCH_CONTROL:
            self._patched.append(message[1])
        elif action == MessageAction.SESSION_CRASHED:
            self.crashes.append(str(message[1]))
        elif action == MessageAction.INVOKE_METHOD:
            self._invoked(message[1])

    def _invoked(self, call: dict[str, Any]) -> None:
        name, args = call["name"], call.get("args") or {}
        result: Any = None
        if name == "push_route":
            self._navigated(args["route"])
        elif name == "launch_url":
            url = args.get("url")
            self.launched.append(url["url"] if isinstance(url, dict) else str(url))
        elif name == "set" and "key" in args:
            self.kept[str(args["key"])] = args["value"]
        elif name == "get" and "key" in args:
            result = self.kept.get(str(args["key"]))
        elif name == "set":
            self.clipboard = str(args.get("data", ""))
        elif name == "get":
            result = self.clipboard
        elif name == "pick_files":
            result = [
                {"id": number, "name": file, "size": len(content), "path": None, "bytes": content}
                for number, (file, content) in enumerate(self.picked)
            ]
        elif name == "save_file":
            self.saved[str(args.get("file_name"))] = bytes(args.get("src_bytes") or b"")
        elif name == "share_files" and self.shared is not None:
            self.shared |= {str(f["name"]): bytes(f["data"]) for f in args["files"]}
            result = {"status": "success", "raw": ""}
        failed = "no sheet" if name == "share_files" and self.shared is None else None
        asyncio.get_running_loop().call_soon(
            self.session.handle_invoke_method_results,
            call["control_id"], call["call_id"], result, failed,
        )  # fmt: skip

    def _navigated(self, route: str) -> None:
        self.session.apply_page_patch({"route": route})
        task = asyncio.get_running_loop().create_task(
            self.session.dispatch_event(self.page._i, "route_change", {"route": route})
        )
        self._task = task

    # -- time ------------------------------------------------------------------------------------

    async def settle(self, turns: int = 6) -> None:
        """Let what is ready run; real waiting is `until`."""
        for _ in range(400):
            before = self._messages
            for _ in range(turns):
                await asyncio.sleep(0)
            if self._messages == before:
                return

    async def until(self, condition: Callable[[], Any], seconds: float = 5.0) -> Any:
        """Wait until `condition()` holds; what it said. Fails with the text of the screen."""
        end = asyncio.get_running_loop().time() + seconds
        while True:
            await self.settle()
            found = condition()
            if found:
                return found
            if asyncio.get_running_loop().time() > end:
                raise NotShown(f"never happened; the screen at {self.route} reads:\n{self.text()}")
            await asyncio.sleep(0.002)

    # -- reading ---------------------------------------------------------------------------------

    @property
    def route(self) -> str:
        """Where the app is."""
        return str(self.page.route)

    @property
    def title(self) -> str:
        """Title of the window."""
        return str(self.page.title or "")

    def controls(self, root: Any = None) -> Iterator[BaseControl]:
        """Every visible control in reading order, dialogs last."""
        seen: set[int] = set()

        def walk(value: Any) -> Iterator[BaseControl]:
            if isinstance(value, list | tuple):
                for item in value:
                    yield from walk(item)
                return
            if not dataclasses.is_dataclass(value) or isinstance(value, type) or id(value) in seen:
                return
            seen.add(id(value))
            if getattr(value, "visible", True) is False:
                return
            if isinstance(value, ft.AlertDialog | ft.BottomSheet) and not value.open:
                return
            if isinstance(value, BaseControl):
                yield value
            for field in dataclasses.fields(value):
                if field.name in _SKIPPED or field.name.startswith("on_"):
                    continue
                if field.metadata.get("skip") or (
                    field.name.startswith("_") and field.name not in {"_b"}
                ):
                    continue
                inner = getattr(value, field.name, None)
                if isinstance(inner, list | tuple) or dataclasses.is_dataclass(inner):
                    yield from walk(inner)

        if root is None:
            for part in (self._views(), self.page._dialogs.controls):
                yield from walk(part)
        else:
            yield from walk(root)

    def _views(self) -> Any:
        """The top view: what is under it is not shown."""
        found = list(_components(self.page.views))
        return found[-1:] if found else []

    @staticmethod
    def words_of(control: Any) -> list[str]:
        """What one control says: its text, label, value, hint, error, semantics."""
        said: list[str] = []
        for name in ("label", "value", "content", "text", "title", "tooltip", "helper", "error",
                     "hint_text", "semantics_label", "suffix", "prefix"):  # fmt: skip
            value = getattr(control, name, None)
            if name == "value" and isinstance(control, _CODED):
                continue  # a code, which nobody reads
            if isinstance(value, str) and value:
                said.append(value)
        for span in getattr(control, "spans", None) or []:
            if getattr(span, "text", None):
                said.append(span.text)
        return said

    def text(self) -> str:
        """All that the screen says, a line per control."""
        lines: list[str] = []
        for control in self.controls():
            for said in self.words_of(control):
                if not lines or lines[-1] != said:
                    lines.append(said)
        return "\n".join(lines)

    def shows(self, text: str) -> bool:
        """True when the screen says `text` (any kind of space counts as a space)."""
        return _plain(text) in _plain(self.text())

    def find(self, kind: type[Any] | tuple[type[Any], ...], text: str = "") -> Any:
        """The first visible control of `kind` that says `text`."""
        for control in self.controls():
            if isinstance(control, kind) and (
                not text or any(_plain(text) in _plain(s) for s in self.words_of(control))
            ):
                return control
        raise NotShown(f"no {kind} with {text!r}; the screen at {self.route} reads:\n{self.text()}")

    def find_all(self, kind: type[Any] | tuple[type[Any], ...]) -> list[Any]:
        """Every visible control of `kind`."""
        return [c for c in self.controls() if isinstance(c, kind)]

    def find_label(self, label: str) -> Any:
        """The field a person would call `label`: text field, box, switch, list or group."""
        for control in self.controls():
            if isinstance(control, _FIELDS) and any(
                _plain(said).startswith(_plain(label))
                for said in [str(getattr(control, "label", "") or "")]
            ):
                return control
        # A field may be named by the semantics around it (flet-notes: Dropdown, RadioGroup).
        for control in self.controls():
            if isinstance(control, ft.Semantics) and _plain(control.label or "").startswith(
                _plain(label)
            ):
                for inner in self.controls(control):
                    if isinstance(inner, _FIELDS):
                        return inner
        raise NotShown(f"no field {label!r}; the screen at {self.route} reads:\n{self.text()}")

    def value(self, label: str) -> Any:
        """What the field `label` holds."""
        return self.find_label(label).value

    # -- acting ----------------------------------------------------------------------------------

    async def event(self, control: BaseControl, name: str, data: Any = None) -> None:
        """An event of a control, as the client sends it."""
        await self.session.dispatch_event(control._i, name, data)
        await self.session.after_event(control)
        await self.settle()

    async def type(self, label: str, text: str, leave: bool = True) -> None:
        """Type `text` in the field `label` (one change a keystroke is `keys`), then leave it."""
        field = self.find_label(label)
        await self.event(field, "focus")
        self.session.apply_patch(field._i, {"value": text})
        await self.event(field, "change", text)
        if leave:
            await self.event(self.find_label(label), "blur")

    async def keys(self, label: str, text: str, leave: bool = True) -> None:
        """Type `text` letter by letter."""
        for end in range(1, len(text) + 1):
            await self.type(label, text[:end], leave=False)
        if leave:
            await self.event(self.find_label(label), "blur")

    async def choose(self, label: str, value: Any) -> None:
        """Choose in a list, a group of buttons, a box or a switch. In a list or group, `value` is
        the code of the answer or the words it shows."""
        field = self.find_label(label)
        if isinstance(field, ft.RadioGroup):
            for radio in (c for c in self.controls(field) if isinstance(c, ft.Radio)):
                if _plain(str(value)) in (_plain(str(radio.label)), str(radio.value)):
                    value = radio.value
                    break
        elif isinstance(field, ft.Dropdown):
            for option in field.options:
                if _plain(str(value)) in (_plain(str(option.text or "")), str(option.key)):
                    value = option.key
                    break
        self.session.apply_patch(field._i, {"value": value})
        await self.event(field, "select" if isinstance(field, ft.Dropdown) else "change", value)

    async def tap(self, text: str) -> None:
        """Tap what says `text`: a button, a link, a card, an icon by its name."""
        for exact in (True, False):
            for control in self.controls():
                if not any(getattr(control, n, None) for n in ("on_click", "on_tap")):
                    continue
                if getattr(control, "disabled", False):
                    continue
                said = _plain(" ".join(self._said_inside(control)))
                if (said == _plain(text)) if exact else (_plain(text) in said):
                    name = "click" if getattr(control, "on_click", None) else "tap"
                    await self.event(control, name)
                    return
            for bar in self.find_all((ft.NavigationBar, ft.NavigationRail)):
                for index, item in enumerate(bar.destinations):
                    if _plain(str(item.label)) == _plain(text):
                        self.session.apply_patch(bar._i, {"selected_index": index})
                        await self.event(bar, "change", index)
                        return
        raise NotShown(
            f"nothing to tap says {text!r}; the screen at {self.route} reads:\n{self.text()}"
        )

    def _said_inside(self, control: BaseControl) -> list[str]:
        said: list[str] = []
        for inner in self.controls(control):
            for word in self.words_of(inner):
                if word not in said:
                    said.append(word)
        return said

    async def go(self, route: str) -> None:
        """Type an address."""
        self._navigated(route)
        await self._task
        await self.settle()

    async def resize(self, width: int, height: int = 900) -> None:
        """Change the size of the window."""
        self.session.apply_page_patch({"width": width, "height": height})
        await self.session.dispatch_event(
            self.page._i, "resize", {"width": width, "height": height}
        )
        await self.settle()

    # -- measuring -------------------------------------------------------------------------------

    def mark(self) -> None:
        """Forget the patches so far."""
        self._patched.clear()

    def patched(self) -> int:
        """How many controls the client was told to change since the last `mark`."""
        return len(self.patched_places())

    def patched_places(self) -> set[tuple[int, tuple[int, ...] | int]]:
        """The places changed since the last `mark`: (control of the patch, node in its tree)."""
        places: set[tuple[int, Any]] = set()
        for body in self._patched:
            for operation in body["patch"][1:]:
                places.add((body["id"], operation[1]))
        return places


_CODED = (ft.Radio, ft.RadioGroup, ft.Dropdown, ft.Checkbox, ft.Switch)
_FIELDS = (
    ft.TextField,
    ft.Checkbox,
    ft.Switch,
    ft.Dropdown,
    ft.DropdownM2,
    ft.RadioGroup,
    ft.Radio,
)


def _components(value: Any) -> list[Any]:
    """The views inside a page's list of views, through the components that drew them."""
    if isinstance(value, ft.View):
        return [value]
    if isinstance(value, list | tuple):
        return [view for item in value for view in _components(item)]
    body = getattr(value, "_b", None)
    return _components(body) if body is not None else []


def _plain(text: str) -> str:
    for space in ("\u00a0", "\u202f", "\n"):
        text = text.replace(space, " ")
    return " ".join(text.split())


class _NoBackend(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no backend in this test")


@asynccontextmanager
async def open_app(
    route: str = "/",
    backend: Any = None,
    locale: str = "fr",
    width: int = 412,
    height: int = 915,
    token: str | None = None,
    draft_delay: float = 0.0,
    store: Any = None,
) -> AsyncIterator[App]:
    """Open the app at `route` as a person would. `backend` is an ASGI application, an httpx
    transport, or None for a backend that never answers; `token` signs in."""
    told = Handshake(token=token, languages=locale)
    more: dict[str, Any] = {"store": store, "pause": lambda _failures: 0.02}
    if backend is None:
        transport: Any = _NoBackend()
    elif isinstance(backend, httpx.AsyncBaseTransport):
        transport = backend
    else:
        transport = InProcess(backend, NOBODY)
    if carrier == "pocket":
        transport = FetchTransport(fake_fetch(transport))
        more["cookies"] = False
    app = App()
    await app._start(
        route, width, height, Backend(transport, token=token), told, draft_delay=draft_delay,
        **more,
    )  # fmt: skip
    try:
        yield app
    finally:
        await app.close()
    assert not app.crashes, app.crashes


def run(scenario: Callable[[], Any]) -> Any:
    """Run an async scenario from a plain test."""
    return asyncio.run(scenario())
