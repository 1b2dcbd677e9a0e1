"""Who is signed in, and on behalf of which account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote

import flet as ft

from app.services.backend import Backend, BackendError, Offline, Problem
from app.services.device.store import Store
from contract.accounts import AccountView, Opening
from contract.factor import SecondFactor
from contract.people import DemoSignIn, Handoff, PersonView, SessionOpened, SignIn, SignUp

KEPT_AT = "session/token"


@ft.observable
@dataclass(eq=False)
class Session:
    """The person of this page. Observable: components given it are drawn again when it changes."""

    backend: Backend
    leave_page: Callable[[str], Awaitable[None]] | None = None
    """Sends the window to another address of this site; None where there is no browser."""
    person: PersonView | None = None
    accounts: list[AccountView] = field(default_factory=list)
    account_id: str | None = None
    offline: bool = False
    store: Store | None = None
    """Where this device keeps things; a lasting one keeps the session too."""
    leaving: Callable[[], Awaitable[None]] | None = None
    """What to do before this session ends."""
    restoring: bool = False
    """True while a new cookie is being read: nobody is sent to sign in meanwhile."""

    @property
    def signed_in(self) -> bool:
        """True when the backend knows who this is."""
        return self.person is not None

    @property
    def account(self) -> AccountView | None:
        """The account that screens speak of, if there is one."""
        for account in self.accounts:
            if account.id == self.account_id:
                return account
        return self.accounts[0] if self.accounts else None

    async def restore(self) -> None:
        """Read who this is from the token of the page, if it has one. Raises nothing: an ended
        session is nobody, and no network is said by `offline`."""
        if not self.backend.token and self.store is not None and self.store.lasting:
            kept = await self.store.get(KEPT_AT)
            self.backend.token = kept.decode() if kept else None
        if not self.backend.token:
            return
        try:
            await self.reload()
        except Offline:
            self.offline = True
        except Problem as problem:
            if problem.status >= 500:
                self.offline = True
                return
            self.backend.token = None
            if self.store is not None:
                await self.store.delete(KEPT_AT)

    async def reload(self) -> None:
        """Read the person and their accounts again. Raises BackendError."""
        opening: Opening = await self.backend.get(Opening, "/me/opening")
        self.accounts = opening.accounts
        self.person = opening.person
        self.offline = False

    async def sign_in(self, email: str, password: str, then: str = "/home") -> str | None:
        """Open a session by password. Raises Problem or Offline. Returns the route to go to, or
        None when the window itself is on its way there."""
        body = SignIn(email=email, password=password)
        opened = await self.backend.send(SessionOpened, "POST", "/sessions", body)
        return await self._opened(opened, then)

    async def second_step(self, challenge: str, code: str, then: str = "/home") -> str | None:
        """Open a session by the code that a right password asked for. As `sign_in`."""
        body = SecondFactor(challenge=challenge, code=code)
        opened = await self.backend.send(SessionOpened, "POST", "/sessions/second-factor", body)
        return await self._opened(opened, then)

    async def sign_in_demo(self, slug: str, then: str = "/home") -> str | None:
        """Open a ready account of the demo. As `sign_in`."""
        opened = await self.backend.send(
            SessionOpened, "POST", "/demo/sessions", DemoSignIn(slug=slug)
        )
        return await self._opened(opened, then)

    async def sign_up(self, form: SignUp) -> None:
        """Create a person and stay on this page, signed in. Raises Problem or Offline."""
        opened = await self.backend.send(SessionOpened, "POST", "/persons", form)
        await self._take(opened.token)
        await self.reload()

    async def settle(self, then: str) -> str | None:
        """Hand the session of this page over to the browser's cookie, so that a reload keeps it.
        As `sign_in`."""
        if self.leave_page is None:
            return then
        handoff = await self.backend.send(Handoff, "POST", "/sessions/handoff")
        await self.leave_page(f"{handoff.path}&next={quote(then, safe='')}")
        return None

    def forget(self) -> None:
        """Nobody is signed in any more."""
        self.person = None
        self.accounts = []
        self.account_id = None
        self.offline = False

    async def sign_out(self) -> None:
        """End this session, here and on the backend."""
        if self.leaving is not None:
            await self.leaving()
        with suppress(BackendError):  # ended already, or unreachable: forgotten all the same
            await self.backend.send(None, "DELETE", "/sessions/current")
        await self.ended()

    async def ended(self, then: str = "/") -> None:
        """Forget a session that the backend has ended; the window goes on to `then`."""
        self.backend.token = None
        self.forget()
        if self.store is not None:
            await self.store.erase()
        if self.leave_page is not None:
            await self.leave_page(f"/auth/leave?next={quote(then, safe='')}")

    async def _opened(self, opened: SessionOpened, then: str) -> str | None:
        await self._take(opened.token)
        if self.leave_page is not None:
            return await self.settle(then)
        await self.reload()
        return then

    async def _take(self, token: str) -> None:
        """Be whoever the token says; what was known of somebody else is forgotten."""
        self.backend.token = token
        if self.backend.known is not None:
            await self.backend.known.forget()
        if self.store is not None and self.store.lasting:
            await self.store.put(KEPT_AT, token.encode())
