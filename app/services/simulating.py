"""Simulated years on the screen: one or two situations, kept up with the typing, and their link.

A link holds what was typed and nothing of the person. It stands in the fragment of the address,
which a browser never sends; see docs/simulator.md.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import flet as ft
from pydantic import ValidationError

from app.forms.form import Form
from app.forms.render import FormModel
from app.screens.professions.base import profession
from app.services import browser
from app.services.circles import weakly
from app.services.container import Services
from contract.i18n import Words
from regimes.dated import RateTable
from regimes.registry import REGISTRY
from regimes.simulation import Simulation, simulate

PATH = "/simulateur"
PARAMETER = "s"
LONGEST = 4000  # characters of a link's token
LONGEST_ANSWER = 80
NAMES = ("a", "b")


def simulated() -> list[str]:
    """Wire names of the professions that have a simulator, the most common one first."""
    found = [c for c in REGISTRY.codes() if profession(c).simulation_form(date.today())]
    return sorted(found, key=lambda code: (code != "auto-entrepreneur", code))


@ft.observable
@dataclass(eq=False)
class Outcome:
    """What a situation comes to; a change redraws its results alone."""

    found: Simulation | None = None
    missing: tuple[str, ...] = ()
    error: str = ""
    """Code of what the law refuses."""
    invoice: Decimal = Decimal(0)


@dataclass(eq=False)
class Situation:
    """One set of answers and what it comes to."""

    regime: str
    form: Form
    rates: RateTable
    today: date
    raw: dict[str, str]
    heard: Any = None
    """Called after each change, once it is computed."""
    outcome: Outcome = field(default_factory=Outcome)
    model: FormModel = field(init=False)

    def __post_init__(self) -> None:
        self.model = FormModel(self.form, dict(self.raw), weakly(self._typed))
        self.refresh()

    def _typed(self, _path: str, _raw: str) -> None:
        self.refresh()
        if self.heard is not None:
            self.heard()

    def refresh(self) -> None:
        """Compute again; an answer that is missing leaves no result, and says which."""
        journey = self.model.journey
        missing = tuple(q.label for _, q, _ in journey.missing())
        outcome = self.outcome
        found, error = None, ""
        invoice = Decimal(0)
        if not missing:
            answers = journey.exported()
            invoice = Decimal(answers.get("invoice") or 0)
            regime: Any = REGISTRY.get(self.regime)
            try:
                scenario = regime.Scenario.model_validate(
                    profession(self.regime).to_scenario(answers)
                )
                found = simulate(regime, scenario, self.today, self.rates)
            except ValidationError as problem:
                error = str(problem.errors()[0]["type"])
        if outcome.missing != missing:
            outcome.missing = missing
        if outcome.error != error:
            outcome.error = error
        if outcome.invoice != invoice:
            outcome.invoice = invoice
        if outcome.found != found:
            outcome.found = found


def open_situation(
    regime: str, rates: RateTable, today: date, words: Words, raw: Mapping[str, str] | None = None
) -> Situation:
    """A situation of this profession, with its usual answers or those given (of questions that it
    asks), written as the person would find them after typing them."""
    speaks = profession(regime)
    form = speaks.simulation_form(today)
    assert form is not None
    start = speaks.simulation_start(today) if raw is None else raw
    answers = {q.path: q.answer for q in form.fields()}
    neat = {
        path: answers[path].normalise(text, words)
        for path, text in start.items()
        if path in answers
    }
    return Situation(regime, form, rates, today, neat)


@ft.observable
@dataclass(eq=False)
class Turn:
    """Raised at each change of a situation: what speaks of both is drawn again."""

    count: int = 0


@dataclass(eq=False)
class Work:
    """What the screen holds: the profession, situation A, and B when two are compared."""

    one: Situation
    other: Situation | None = None
    turn: Turn = field(default_factory=Turn)

    def heard(self) -> None:
        """A situation changed, or came, or went."""
        self.turn.count += 1

    @property
    def regime(self) -> str:
        """Wire name of the profession."""
        return self.one.regime

    def token(self) -> str:
        """The link's token: what was typed, squeezed; the same answers make the same token."""
        told: dict[str, Any] = {"r": self.regime}
        for name, situation in zip(NAMES, (self.one, self.other), strict=True):
            if situation is not None:
                asked = {
                    q.path
                    for step in situation.form.steps
                    for q in situation.model.journey.fields(step)
                }
                raw = situation.model.raw
                told[name] = {p: raw[p] for p in sorted(raw) if raw[p].strip() and p in asked}
        return token_of(told)


def token_of(told: Mapping[str, Any]) -> str:
    """The token of a profession (`r`) and of raw answers (`a`, `b`); the same make the same."""
    text = json.dumps(told, separators=(",", ":"), ensure_ascii=False)
    squeezed = zlib.compress(text.encode(), 9)
    return base64.urlsafe_b64encode(squeezed).decode().rstrip("=")


def read_token(token: str) -> dict[str, Any] | None:
    """What a token says: `r` a profession with a simulator, `a` and perhaps `b` raw answers; None
    when it is not one. Nothing in it is trusted: answers are checked as typed ones are."""
    if not token or len(token) > LONGEST:
        return None
    try:
        squeezed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        reader = zlib.decompressobj()
        text = reader.decompress(squeezed, LONGEST * 4)
        if reader.unconsumed_tail:
            return None
        told = json.loads(text.decode())
    except (binascii.Error, ValueError, zlib.error):
        return None
    if not isinstance(told, dict) or told.get("r") not in simulated():
        return None
    found: dict[str, Any] = {"r": told["r"]}
    for name in NAMES:
        answers = told.get(name)
        if answers is None and name == "b":
            continue
        if not isinstance(answers, dict):
            return None
        found[name] = {
            path: raw
            for path, raw in answers.items()
            if isinstance(raw, str) and len(raw) <= LONGEST_ANSWER
        }
    return found


async def open_work(services: Services, token: str, regime: str = "") -> tuple[Work, bool]:
    """The situations that a link describes, or an empty one; False when the link is not one."""
    today = services.cache.get("today") or date.today()
    told = read_token(token)
    code = str(told["r"]) if told else regime or simulated()[0]
    rates = await services.rates.table(code)
    words = services.words
    if told is None:
        return Work(open_situation(code, rates, today, words)), not token
    one = open_situation(code, rates, today, words, told["a"])
    other = open_situation(code, rates, today, words, told["b"]) if "b" in told else None
    return Work(one, other), True


def link(services: Services, work: Work) -> str:
    """The address that opens these situations again, whole."""
    if browser.inside():  # the pocket keeps its routes in the fragment already
        here = str(browser.config()["url"]).split("#")[0]
        return f"{here}#{PATH}?{PARAMETER}={work.token()}"
    base = services.page.url or services.backend.address
    parts = urlsplit(base)
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    return f"{scheme}://{parts.netloc}{PATH}#{PARAMETER}={work.token()}"
