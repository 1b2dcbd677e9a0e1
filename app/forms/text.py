"""A form as plain text: what a summary says, and what is read aloud. The second consumer of the
definitions, which proves that they know nothing of Flet."""

from __future__ import annotations

from app.forms.answers import Choice, MultiChoice
from app.forms.form import Journey
from contract.i18n import Words


def summary(journey: Journey, words: Words) -> list[tuple[str, str]]:
    """(question, answer) of every question asked and answered."""
    values = journey.values()
    return [
        (words.t(question.label), question.answer.summarise(values[question.path], words))
        for step in journey.steps()
        for question in journey.fields(step)
        if question.path in values
    ]


def render(journey: Journey, words: Words) -> str:
    """The whole form: titles, questions, answers or what is expected, faults."""
    lines: list[str] = []
    values = journey.values()
    for number, step in enumerate(journey.steps(), start=1):
        lines.append(f"{number}. {words.t(step.title)}")
        if step.intro:
            lines.append(f"   {words.t(step.intro)}")
        group = ""
        for question in journey.fields(step):
            if question.group and question.group != group:
                group = question.group
                lines.append(f"   — {words.t(group)}")
            label = words.t(question.label)
            raw = journey.raw.get(question.path, "")
            fault = journey.fault(question)
            if question.path in values:
                answer = question.answer.summarise(values[question.path], words)
            elif isinstance(question.answer, Choice | MultiChoice):
                answer = " / ".join(f"[ ] {o.name(words)}" for o in question.answer.options)
            else:
                answer = raw or "…"
            lines.append(f"   {label} : {answer}")
            if fault is not None and raw:
                lines.append(f"     ! {fault.sentence(words)}")
            remark = (
                ""
                if question.path not in values
                else question.answer.remark(values[question.path], words)
            )
            if remark:
                lines.append(f"     ({remark})")
    return "\n".join(lines)


def aloud(journey: Journey, words: Words) -> str:
    """What is read aloud before sending: each answer in a sentence of its own."""
    values = journey.values()
    return "\n".join(
        words.t("{question} : {answer}.").format(
            question=words.t(question.label),
            answer=question.answer.aloud(values[question.path], words),
        )
        for step in journey.steps()
        for question in journey.fields(step)
        if question.path in values
    )
