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


@dataclass
class Journey:
    """A form and the raw answers given so far."""

    form: Form
    raw: dict[str, str] = field(default_factory=dict)

    def steps(self) -> list[Step]:
        """The steps that these answers ask for, in order."""
        return [s for s in self.form.steps if all(c.holds(self._asked()) for c in s.when)]

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
        asked = self._asked()
        found: list[Field] = []
        for question in step.fields:
            if question.path not in asked:
                continue
            found.append(question)
            if isinstance(question.answer, ListOf):
                found.extend(self.rows(question))
        return found

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
        return [
            (step, question, fault)
            for step in self.steps()
            for question in self.fields(step)
            if (fault := self.fault(question)) is not None
        ]

    @property
    def complete(self) -> bool:
        """True when nothing is missing."""
        return not self.missing()

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
        found: dict[str, Any] = {}
        for step in self.steps():
            for question in self.fields(step):
                raw = self.raw.get(question.path, "")
                if raw.strip():
                    try:
                        found[question.path] = question.answer.parse(raw)
                    except Invalid:
                        continue
        return found

    def exported(self) -> dict[str, Any]:
        """`values` as they go on the wire."""
        values = self.values()
        by_path = {f.path: f for s in self.steps() for f in self.fields(s)}
        return {path: by_path[path].answer.export(value) for path, value in values.items()}
