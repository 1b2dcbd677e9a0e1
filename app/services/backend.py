"""The one client of the backend: problems become exceptions with a code, never with a figure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

import httpx
from pydantic import BaseModel, ValidationError

from app.services.device.known import Known
from app.services.device.network import Network
from app.services.gateway import HOST, InProcess
from contract.attachments import AttachmentView
from contract.base import adapter
from contract.declarations import DraftSave, DraftView
from contract.entries import Entry, EntryBatch, EntryIn, EntryList, EntryWrite
from contract.problem import FieldProblem, ProblemCode, ProblemDocument

if TYPE_CHECKING:
    from app.services.device.entries import EntryOutbox

Model = TypeVar("Model")

SaveDraft = Callable[[str, str, str, DraftSave], Awaitable[bool]]
"""Given a token, an account, a period and a draft, saves it, or answers False: the API is to be
asked, which says why."""

BASE = "/api/v1"
TIMEOUT = httpx.Timeout(15.0, connect=5.0)
PATIENCE = httpx.Timeout(4.0)
"""How long to wait for an answer when the last one is at hand."""


class BackendError(Exception):
    """The backend did not do what was asked."""


class Offline(BackendError):
    """No answer: no network, no server, or too long."""


class Problem(BackendError):
    """The backend refused. `code` says why, `errors` the fields, `extra` what it promises."""

    def __init__(self, document: ProblemDocument, retry_after: float | None = None) -> None:
        super().__init__(document.code.value)
        self.code = document.code
        self.status = document.status
        self.errors: list[FieldProblem] = list(document.errors)
        self.extra: dict[str, Any] = dict(document.extra)
        self.number = document.instance
        self.retry_after = retry_after

    @classmethod
    def of(cls, code: ProblemCode, status: int = 409) -> Problem:
        """A refusal known here, without asking."""
        return cls(ProblemDocument(type="about:blank", title=code.value, status=status, code=code))

    def field(self, name: str) -> FieldProblem | None:
        """The problem of one field, if it has one; a path under `name` counts."""
        for error in self.errors:
            if error.field == name or error.field.startswith(name + "."):
                return error
        return None


class Backend:
    """Calls to /api/v1 as one person. `token` is a bearer; None calls as nobody."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | None = None,
        base_url: str = f"http://{HOST}",
        token: str | None = None,
    ) -> None:
        self.token = token
        self.known: Known | None = None
        self.network: Network | None = None
        self.outbox: EntryOutbox | None = None
        """What is written goes through it, if there is one."""
        self.save: SaveDraft | None = None
        """A quicker way to save a draft, in a process that has the collector too."""
        self.address = base_url
        """Where the backend is."""
        self._closed = False
        self._client = transport if isinstance(transport, InProcess) else httpx.AsyncClient(
            transport=transport, base_url=base_url, timeout=TIMEOUT, follow_redirects=False
        )  # fmt: skip

    async def close(self) -> None:
        """Release the connections."""
        self._closed = True
        await self._client.aclose()

    async def request(
        self,
        method: str,
        path: str,
        body: BaseModel | None = None,
        headers: Mapping[str, str] | None = None,
        tries: int | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """One call. Raises Offline or Problem. Only a GET, or a call that carries its own
        Idempotency-Key, is tried again. Without a network, a GET answers the last known state, if
        there is one."""
        sent = dict(headers or {})
        asker = self.token
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if content is not None:
            sent["Content-Type"] = "application/octet-stream"
        if body is not None:
            content = body.model_dump_json().encode()
            sent["Content-Type"] = "application/json"
        repeatable = method == "GET" or "Idempotency-Key" in sent
        kept = method == "GET" and self.known is not None and self.token is not None
        copied = kept and self.known is not None and await self.known.has(path)
        down = self.network is not None and self.network.down
        left = tries or (3 if repeatable and not down and not copied else 1)
        limit = PATIENCE if copied else TIMEOUT
        pause = 0.2
        while True:
            left -= 1
            if self._closed:  # the person left while a screen was still reading
                raise Offline("closed")
            try:
                response = await self._client.request(
                    method, BASE + path, content=content, headers=sent, timeout=limit
                )
            except httpx.HTTPError as error:
                # Who waited in vain once is not made to wait again: it is sent later.
                if left <= 0 or isinstance(error, httpx.TimeoutException):
                    if self.network is not None:
                        self.network.failed()
                    found = await self._last_known(path) if copied else None
                    if found is not None:
                        return found
                    raise Offline(type(error).__name__) from None
                await asyncio.sleep(pause)
                pause *= 3
                continue
            if response.status_code < 500 and self.network is not None:
                self.network.passed()
            if response.status_code < 400:
                # An answer to somebody who left meanwhile is not kept for the next.
                mine = kept and asker == self.token
                if mine and self.known is not None and response.status_code == 200:
                    await self.known.keep(path, response)
                return response
            problem = _problem(response)
            waits = problem.code is ProblemCode.REQUEST_IN_PROGRESS
            broken = response.status_code in (502, 503, 504)
            if repeatable and left > 0 and (waits or broken):
                await asyncio.sleep(min(problem.retry_after or pause, 2.0))
                pause *= 3
                continue
            if copied and response.status_code >= 500:
                if self.network is not None:
                    self.network.failed()
                found = await self._last_known(path)
                if found is not None:
                    return found
            try:
                raise problem
            finally:
                del problem  # the way it takes holds this call, which would hold it

    async def _last_known(self, path: str) -> httpx.Response | None:
        found = await self.known.find(path) if self.known is not None else None
        if found is None:
            return None
        response, read_at = found
        if self.network is not None:
            self.network.showed(read_at)
        return response

    async def get(self, kind: type[Model] | Any, path: str) -> Any:
        """GET `path` as a `kind` (a model, or a generic such as list[Model])."""
        return _parse(kind, await self.request("GET", path))

    async def send(
        self,
        kind: type[Model] | Any | None,
        method: str,
        path: str,
        body: BaseModel | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """POST, PUT, PATCH or DELETE; `kind` None for an answer without content."""
        response = await self.request(method, path, body, headers)
        return None if kind is None else _parse(kind, response)

    async def save_draft(self, account: str, period: str, draft: DraftSave) -> None:
        """Keep a draft. Raises Offline or Problem."""
        quick = self.save is not None and self.token is not None
        if quick and await self.save(self.token, account, period, draft):
            if self.network is not None:
                self.network.passed()
            return
        await self.send(DraftView, "PUT", f"/accounts/{account}/drafts/{period}", draft)

    async def entries(self, account: str, kind: str | None = None) -> EntryList:
        """What the person noted, of one kind or of all; what is not sent yet is in it."""
        if self.outbox is not None:
            await self.outbox.ready()
        query = "" if kind is None else f"?kind={kind}"
        found: EntryList = await self.get(EntryList, f"/accounts/{account}/entries{query}")
        if self.outbox is None:
            return found
        await self.outbox.load()
        whole = self.outbox.laid_over(account, found.entries)
        return EntryList(
            entries=[entry for entry in whole if kind in (None, entry.kind)], cursor=found.cursor
        )

    async def put_entry(self, account: str, entry: str, write: EntryWrite) -> Entry:
        """Keep, change or delete an entry; the same write twice is one. Without a network it waits,
        where there is an outbox."""
        one = EntryIn(id=entry, **write.model_dump())
        if self.outbox is not None:
            return (await self.outbox.write(account, [one], single=True))[0]
        return (await self.send_entries(account, [one], single=True))[0]

    async def put_entries(self, account: str, entries: Sequence[EntryIn]) -> list[Entry]:
        """Keep several entries, all or none; as `put_entry`."""
        if self.outbox is not None:
            return await self.outbox.write(account, entries)
        return await self.send_entries(account, entries)

    async def send_entries(
        self, account: str, entries: Sequence[EntryIn], single: bool = False
    ) -> list[Entry]:
        """Send entries now, all or none. Raises Offline or Problem."""
        path = f"/accounts/{account}/entries"
        if single:
            write = EntryWrite(**entries[0].model_dump(exclude={"id"}))
            kept: Entry = await self.send(Entry, "PUT", f"{path}/{entries[0].id}", write)
            return [kept]
        batch: list[Entry] = await self.send(
            list[Entry], "POST", f"{path}/batch", EntryBatch(entries=list(entries))
        )
        return batch

    async def attach(
        self, account: str, purpose: str, name: str, content: bytes, wanted: str | None = None
    ) -> AttachmentView:
        """Keep a file (PDF, JPEG, PNG). `wanted`, made by the caller, makes a retry harmless."""
        asked = {"purpose": purpose} | ({"id": wanted} if wanted else {})
        response = await self.request(
            "POST", f"/accounts/{account}/attachments?{urlencode(asked)}", content=content,
            headers={"X-File-Name": quote(name)},  # an address is kept in the logs of proxies
        )  # fmt: skip
        kept: AttachmentView = _parse(AttachmentView, response)
        return kept

    async def attachments(self, account: str, purpose: str | None = None) -> list[AttachmentView]:
        """Files of an account, oldest first."""
        query = "" if purpose is None else f"?purpose={purpose}"
        found: list[AttachmentView] = await self.get(
            list[AttachmentView], f"/accounts/{account}/attachments{query}"
        )
        return found

    async def file(self, path: str) -> bytes:
        """GET `path` as bytes (a PDF, a table)."""
        return (await self.request("GET", path)).content


def _parse(kind: Any, response: httpx.Response) -> Any:
    try:
        return adapter(kind).validate_json(response.content)
    except ValidationError:
        # The text of the error would carry the person's figures.
        raise Problem(_internal(response.status_code)) from None


def _problem(response: httpx.Response) -> Problem:
    try:
        document = ProblemDocument.model_validate_json(response.content)
    except ValidationError:
        document = _internal(response.status_code)
    after = response.headers.get("retry-after", "")
    return Problem(document, float(after) if after.isdigit() else None)


def _internal(status: int) -> ProblemDocument:
    return ProblemDocument(
        type="about:blank", title="Unreadable answer", status=status,
        code=ProblemCode.INTERNAL_ERROR,
    )  # fmt: skip
