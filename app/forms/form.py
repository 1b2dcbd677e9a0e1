"""A form is data: steps, fields, conditions. A journey is a form with answers in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.forms.answers import Answer, Invalid, ListOf


@dataclass(frozen=True)
class Condition:
    """True when the answer at `path` is one of `among` (or is given at all, when `among` is empty);
    of a multiple choice, when one of its choices is. `negated` turns it round."""

    path: str
    among: tuple[str, ...] = ()
    negated: bool = False

    def holds(self, raw: Mapping[str, str]) -> bool:
        """Whether it holds for these raw answers."""
        given = raw.get(self.path, "")
        found = bool(given)
        if self.among:
            found = not set(given.split(",")).isdisjoint(self.among)
        return found is not self.negated


@dataclass(frozen=True)
class Field:
    """One question. `label`, `hint`, `group` and `help` are French msgids."""

    path: str
    label: str
    answer: Answer
    hint: str = ""
    required: bool = True
    when: tuple[Condition, ...] = ()
    """All must hold for the question to be asked."""
    group: str = ""
    """Title of the group of fields it stands in."""
    help: str = ""
    """Explanation that opens in one tap."""
    law: str = ""


@dataclass(frozen=True)
class Step:
    """Questions asked together."""

    code: str
    title: str
    fields: tuple[Field, ...]
    intro: str = ""
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Form:
    """Steps in order. `version` grows when the meaning of an answer changes."""

    code: str
    version: int
    steps: tuple[Step, ...]

    def fields(self) -> Iterator[Field]:
        """Every field, in order."""
        for step in self.steps:
            yield from step.fields

    def faults(self) -> list[str]:
        """What is wrong with the form itself: the structural test of every form calls this."""
        found: list[str] = []
        paths = [f.path for f in self.fields()]
        codes = [s.code for s in self.steps]
        found += [f"path {p} twice" for p in sorted({p for p in paths if paths.count(p) > 1})]
        found += [f"step {c} twice" for c in sorted({c for c in codes if codes.count(c) > 1})]
        before: list[str] = []
        by_path = {f.path: f for f in self.fields()}
        for step in self.steps:
            if not step.fields:
                found.append(f"step {step.code} asks nothing")
            for condition in step.when:
                if condition.path not in before:
                    found.append(
                        f"step {step.code} waits for {condition.path}, asked later or never"
                    )
            for asked in step.fields:
                for condition in asked.when:
                    if condition.path == asked.path:
                        found.append(f"{asked.path} is hidden by its own answer")
                    elif condition.path not in before:
                        found.append(
                            f"{asked.path} waits for {condition.path}, asked later or never"
                        )
                    options = getattr(by_path.get(condition.path, asked).answer, "options", ())
                    values = {o.value for o in options}
                    if condition.among and values and not set(condition.among) & values:
                        found.append(f"{asked.path} waits for an answer that cannot be given")
                before.append(asked.path)
        return found


@dataclass(frozen=True)
class Look:
    """Everything that one set of raw answers says, read once."""

    steps: tuple[tuple[Step, tuple[Field, ...]], ...]
    """The steps asked for, with the questions that these answers ask and the rows of its lists."""
    values: dict[str, Any]
    """Of the questions asked whose answers are valid, by path."""
    faults: dict[str, Invalid]
    """Of the questions asked, by path."""


@dataclass
class Journey:
    """A form and the raw answers given so far."""

    form: Form
    raw: dict[str, str] = field(default_factory=dict)
    _look: Look | None = field(default=None, init=False, repr=False, compare=False)
    _looked: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def look(self) -> Look:
        """What the present answers say. A keystroke asks many times: read once for each state."""
        if self._look is None or self._looked != self.raw:
            self._look, self._looked = self._read(), dict(self.raw)
        return self._look

    def _read(self) -> Look:
        asked = self._asked()
        steps = tuple(
            (step, tuple(self._questions(step, asked)))
            for step in self.form.steps
            if all(c.holds(asked) for c in step.when)
        )
        values: dict[str, Any] = {}
        faults: dict[str, Invalid] = {}
        for _, questions in steps:
            for question in questions:
                raw = self.raw.get(question.path, "")
                if raw.strip():
                    try:
                        values[question.path] = question.answer.parse(raw)
                    except Invalid as invalid:
                        # Without the stack, which would hold what was on it as long as this.
                        faults[question.path] = invalid.with_traceback(None)
                elif question.required:
                    faults[question.path] = Invalid(question.answer.missing)
        return Look(steps, values, faults)

    def steps(self) -> list[Step]:
        """The steps that these answers ask for, in order."""
        return [step for step, _ in self.look().steps]

    def _asked(self) -> dict[str, str]:
        """Raw answers of the questions asked: an answer hidden by another does not count."""
        asked: dict[str, str] = {}
        for step in self.form.steps:
            if not all(c.holds(asked) for c in step.when):
                continue
            for question in step.fields:
                if all(c.holds(asked) for c in question.when):
                    asked[question.path] = self.raw.get(question.path, "")
        return asked

    def fields(self, step: Step) -> list[Field]:
        """The questions of a step that these answers ask, with the rows of its lists."""
        for found, questions in self.look().steps:
            if found is step:
                return list(questions)
        return list(self._questions(step, self._asked()))

    def asked(self) -> list[Field]:
        """Every question that these answers ask, in order."""
        return [question for _, questions in self.look().steps for question in questions]

    def _questions(self, step: Step, asked: Mapping[str, str]) -> Iterator[Field]:
        for question in step.fields:
            if question.path not in asked:
                continue
            yield question
            if isinstance(question.answer, ListOf):
                yield from self.rows(question)

    def rows(self, question: Field) -> list[Field]:
        """The fields of every row of a list."""
        given = self.raw.get(question.path, "0")
        count = int(given) if given.isdigit() else 0
        answer = question.answer
        assert isinstance(answer, ListOf)
        return [
            Field(
                path=f"{question.path}.{row}.{column.path}", label=column.label,
                answer=column.answer, hint=column.hint, required=column.required,
                group=question.label,
            )
            for row in range(count)
            for column in answer.columns
        ]  # fmt: skip

    def fault(self, question: Field) -> Invalid | None:
        """What is wrong with the answer to a question, None when it may stand."""
        raw = self.raw.get(question.path, "")
        if not raw.strip():
            return Invalid(question.answer.missing) if question.required else None
        try:
            question.answer.parse(raw)
        except Invalid as invalid:
            return invalid
        return None

    def faults(self, step: Step) -> dict[str, Invalid]:
        """Faults of a step, by path."""
        found = {}
        for question in self.fields(step):
            fault = self.fault(question)
            if fault is not None:
                found[question.path] = fault
        return found

    def missing(self) -> list[tuple[Step, Field, Invalid]]:
        """Everything that stops the form from being sent, in order."""
        look = self.look()
        return [
            (step, question, look.faults[question.path])
            for step, questions in look.steps
            for question in questions
            if question.path in look.faults
        ]

    @property
    def complete(self) -> bool:
        """True when nothing is missing."""
        return not self.look().faults

    def can_visit(self, code: str) -> bool:
        """True when every step before `code` is answered, and `code` is asked."""
        for step in self.steps():
            if step.code == code:
                return True
            if self.faults(step):
                return False
        return False

    def first_open(self) -> str:
        """Code of the first step that is not answered, or of the last one."""
        steps = self.steps()
        for step in steps:
            if self.faults(step):
                return step.code
        return steps[-1].code

    def after(self, code: str) -> str | None:
        """Code of the step after `code`, None at the end."""
        codes = [s.code for s in self.steps()]
        place = codes.index(code) if code in codes else -1
        return codes[place + 1] if 0 <= place < len(codes) - 1 else None

    def before(self, code: str) -> str | None:
        """Code of the step before `code`, None at the start."""
        codes = [s.code for s in self.steps()]
        place = codes.index(code) if code in codes else 0
        return codes[place - 1] if place > 0 else None

    def values(self) -> dict[str, Any]:
        """Values of the questions asked whose answers are valid, by path."""
        return dict(self.look().values)

    def exported(self) -> dict[str, Any]:
        """`values` as they go on the wire."""
        values = self.look().values
        return {
            question.path: question.answer.export(values[question.path])
            for question in self.asked()
            if question.path in values
        }
