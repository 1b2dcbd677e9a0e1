"""The Flet renderer of forms: fields that compute on each keystroke, and reformat and complain only
when they are left. Nothing is ever written back into a field that has the focus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import flet as ft

from app.components.buttons import icon_button, quiet, secondary
from app.components.heard import apart, held, noted
from app.components.text import body, heading, small
from app.forms.answers import (
    Choice,
    Count,
    Date,
    Email,
    Iban,
    Invalid,
    ListOf,
    Measure,
    Memo,
    Money,
    MultiChoice,
    Nir,
    Password,
    Siret,
)
from app.forms.form import Field, Form, Journey, Step
from app.services.container import Services, use_services
from app.theme import (
    FIELD,
    FIELD_BORDER,
    HIDDEN_LABEL,
    ICON_S,
    MENU,
    WRONG_BORDER,
    XS,
    XXL,
    L,
    S,
)

SHORT_LIST = 6
INDENT = ft.Padding.symmetric(horizontal=XXL)  # under the words of a radio button or a box

_KEYBOARDS = {
    "text": ft.KeyboardType.TEXT,
    "number": ft.KeyboardType.NUMBER,
    "digits": ft.KeyboardType.NUMBER,
    "email": ft.KeyboardType.EMAIL,
    "datetime": ft.KeyboardType.DATETIME,
}


def keyboard_of(kind: str, web: bool) -> ft.KeyboardType:
    """The keyboard of an answer. An amount is typed on digits with a comma: a browser is asked for
    that pad (assets/page.js); the pad of a native build has no comma, and keeps letters."""
    if kind == "number" and not web:
        return ft.KeyboardType.TEXT
    return _KEYBOARDS[kind]


_HINTS = {
    "username": ft.AutofillHint.USERNAME,
    "current-password": ft.AutofillHint.PASSWORD,
    "new-password": ft.AutofillHint.NEW_PASSWORD,
    "one-time-code": ft.AutofillHint.ONE_TIME_CODE,
}


@ft.observable
@dataclass(eq=False)
class Mark:
    """What one field shows besides what is typed. Observable: a change redraws that field alone."""

    error: str = ""
    drawn: int = 0
    """Raised to have the field read its answer again (reformatted, restored)."""


@ft.observable
@dataclass(eq=False)
class Shape:
    """Which questions are asked; a change redraws the step."""

    paths: tuple[str, ...] = ()


@dataclass(eq=False)
class FormModel:
    """The answers of one form while it is on the screen.

    `on_type(path, raw)` hears each keystroke (to save, to compute); `refused` holds errors that the
    backend gave, by path, until the answer changes.
    """

    form: Form
    raw: dict[str, str] = field(default_factory=dict)
    on_type: Callable[[str, str], None] | None = None
    services: Services | None = None
    marks: dict[str, Mark] = field(default_factory=dict)
    shape: Shape = field(default_factory=Shape)
    refused: dict[str, str] = field(default_factory=dict)
    focused: str = ""
    on_enter: Callable[..., Any] | None = None
    """What the Enter key does in a field of one line."""

    def __post_init__(self) -> None:
        self.journey = Journey(self.form, self.raw)
        self.reshape()

    def mark(self, path: str) -> Mark:
        """The mark of a field."""
        return self.marks.setdefault(path, Mark())

    def type(self, path: str, raw: str) -> None:
        """A keystroke: note it; an error shown goes as soon as the answer is good."""
        if self.raw.get(path, "") == raw:
            return
        self.raw[path] = raw
        self.refused.pop(path, None)
        if self.on_type is not None:
            self.on_type(path, raw)
        mark = self.mark(path)
        if mark.error:
            mark.error = self._error(path)
        self.reshape()

    def enter(self, path: str) -> None:
        """The field has the focus: nothing is written into it until it is left."""
        self.focused = path

    def leave(self, path: str) -> None:
        """The field was left: rewrite the answer as we write it, and say what is wrong."""
        if self.focused == path:
            self.focused = ""
        question = self._question(path)
        if question is None or self.services is None:
            return
        raw = self.raw.get(path, "")
        neat = question.answer.normalise(raw, self.services.words)
        mark = self.mark(path)
        if neat != raw:
            self.raw[path] = neat
            if self.on_type is not None:
                self.on_type(path, neat)
            mark.drawn += 1
        # An answer not given yet is only complained about when the step is left.
        mark.error = self._error(path) if raw.strip() else ""

    def put(self, answers: dict[str, str]) -> None:
        """Set several answers at once and show them."""
        if self.focused in answers:
            self.focused = ""  # asked for by a button: the field is to show it
        for path, raw in answers.items():
            self.raw[path] = raw
            self.refused.pop(path, None)
            if self.on_type is not None:
                self.on_type(path, raw)
            mark = self.mark(path)
            mark.error = ""
            mark.drawn += 1
        self.reshape()

    def refuse(self, errors: dict[str, str]) -> None:
        """Show errors that the backend gave, by path."""
        self.refused.update(errors)
        for path in errors:
            self.mark(path).error = self._error(path)

    def check(self, step: Step) -> list[Field]:
        """Show every fault of a step; the questions at fault, in order."""
        bad = []
        for question in self.journey.fields(step):
            error = self._error(question.path)
            self.mark(question.path).error = error
            if error:
                bad.append(question)
        return bad

    def reshape(self) -> None:
        """Redraw the step when the questions asked are no longer the same."""
        self.shape.paths = tuple(question.path for question in self.journey.asked())

    def _question(self, path: str) -> Field | None:
        return next((q for q in self.journey.asked() if q.path == path), None)

    def _error(self, path: str) -> str:
        if path in self.refused:
            return self.refused[path]
        question = self._question(path)
        if question is None or self.services is None:
            return ""
        fault = self.journey.fault(question)
        return fault.sentence(self.services.words) if fault is not None else ""


def error_line(text: str, path: str = "") -> ft.Control:
    """The error of the field at `path`: read out as it comes, red, with a sign beside it."""
    return ft.Semantics(
        identifier=f"error|{path}" if path else None,
        live_region=True,
        container=True,
        content=ft.Row(
            [
                ft.Icon(ft.Icons.ERROR_OUTLINE, color=ft.Colors.ERROR, size=ICON_S),
                ft.Container(body(text, color=ft.Colors.ERROR), expand=True),
            ],
            spacing=XS,
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
    )


def _name(services: Services, question: Field, error: str) -> str:
    """What the field is called: the error is part of the name, since the client's own error mark
    does not reach screen readers."""
    words = services.words
    label = words.t(question.label)
    if not question.required:
        label = words.t("{label} (facultatif)").format(label=label)
    return (
        words.t("{label} (erreur : {error})").format(label=label, error=error) if error else label
    )


@ft.component
def FieldView(model: FormModel, question: Field, mark: Mark, locale: str) -> ft.Control:
    """One question, drawn by the kind of its answer."""
    services = use_services()
    words = services.words
    path, answer = question.path, question.answer
    drawn = ft.use_ref(None)
    raw = model.raw.get(path, "")
    lines: list[ft.Control] = []
    if isinstance(answer, MultiChoice):
        lines.append(_multi(services, model, question, answer, mark))
    elif isinstance(answer, Choice):
        lines.append(_choice(services, model, question, answer, mark))
    elif isinstance(answer, ListOf):
        lines.append(_list(services, model, question, answer))
    else:
        lines.append(_text(services, model, question, mark, drawn))
    if mark.error:
        lines.append(error_line(mark.error, path))
    elif question.hint:
        lines.append(noted("hint", path, small(words.t(question.hint))))
    if isinstance(answer, Money) and raw.strip() and not mark.error:
        try:
            remark = answer.remark(answer.parse(raw), words)
        except Invalid:
            remark = ""
        if remark:
            lines.append(small(remark))
    return ft.Column(
        lines, spacing=XS, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


def _text(
    services: Services, model: FormModel, question: Field, mark: Mark, drawn: Any
) -> ft.Control:
    words, path, answer = services.words, question.path, question.answer
    label = words.t(question.label)
    secret = isinstance(answer, Password)
    autofill = answer.autofill
    if isinstance(answer, Password) and answer.new:
        autofill = "new-password"
    narrow = isinstance(answer, Money | Date | Count | Measure)
    # While the field has the focus its own text stands, even one keystroke ahead of what we noted:
    # a drawing caused by something else must not take back what was typed meanwhile.
    value = model.raw.get(path, "")
    if model.focused == path and drawn.current is not None:
        live = services.page.session.index.get(drawn.current._i)
        value = live.value if isinstance(live, ft.TextField) else value
    field_control = ft.TextField(
        value=value,
        label=_name(services, question, mark.error),
        label_style=HIDDEN_LABEL,
        hint_text={
            Money: "0,00", Date: "31/10/2026", Siret: "123 456 789 00012",
            Iban: "FR76 …", Nir: "2 55 08 …",
        }.get(type(answer)),
        password=secret,
        multiline=isinstance(answer, Memo),
        min_lines=4 if isinstance(answer, Memo) else None,
        max_lines=12 if isinstance(answer, Memo) else None,
        can_reveal_password=False,
        keyboard_type=keyboard_of(answer.keyboard, bool(services.page.web)),
        autofill_hints=[_HINTS[autofill]] if autofill in _HINTS else None,
        autocorrect=not isinstance(answer, Email | Password | Siret | Nir | Iban | Money | Date),
        enable_suggestions=not secret,
        text_align=ft.TextAlign.RIGHT if isinstance(answer, Money) else ft.TextAlign.LEFT,
        border=WRONG_BORDER if mark.error else FIELD_BORDER,
        filled=True,
        fill_color=ft.Colors.SURFACE_CONTAINER_LOWEST,
        width=FIELD if narrow else None,
        on_change=lambda event: model.type(path, event.control.value or ""),
        on_focus=lambda _event: model.enter(path),
        on_blur=lambda _event: model.leave(path),
        on_submit=None if isinstance(answer, Memo) else model.on_enter,
    )  # fmt: skip
    drawn.current = field_control
    title = ft.Text(
        label if question.required else words.t("{label} (facultatif)").format(label=label),
        theme_style=ft.TextThemeStyle.LABEL_LARGE,
    )
    # What it holds is told to the browser's tree when the app writes it, never at each key.
    line = held(path, field_control, None if secret or not services.page.web else value)
    if isinstance(answer, Money):
        sign = ft.Semantics(hidden=True, exclude_semantics=True, content=body("€", strong=True))
        line = ft.Row([line, sign], spacing=S)
    # The visible title wraps at any text size; the field itself carries the name, so screen readers
    # hear it once.
    return ft.Column(
        [ft.Semantics(hidden=True, exclude_semantics=True, content=title), line],
        spacing=XS, tight=True,
        horizontal_alignment=(
            ft.CrossAxisAlignment.START if narrow else ft.CrossAxisAlignment.STRETCH
        ),
    )  # fmt: skip


def _choice(
    services: Services, model: FormModel, question: Field, answer: Choice, mark: Mark
) -> ft.Control:
    words, path = services.words, question.path
    raw = model.raw.get(path, "") or None
    title = ft.Text(words.t(question.label), theme_style=ft.TextThemeStyle.LABEL_LARGE)

    def chosen(event: Any) -> None:
        model.type(path, event.control.value or "")
        model.mark(path).error = ""
        model.mark(path).drawn += 1

    name = _name(services, question, mark.error)
    inner: ft.Control
    if len(answer.options) > SHORT_LIST:
        inner = ft.Dropdown(
            value=raw,
            options=[ft.DropdownOption(key=o.value, text=o.name(words)) for o in answer.options],
            on_select=chosen,
            enable_filter=False,
            editable=False,
            border=FIELD_BORDER,
            menu_height=MENU,
        )
    else:
        rows: list[ft.Control] = []
        for option in answer.options:
            rows.append(ft.Radio(value=option.value, label=option.name(words)))
            if option.hint:
                rows.append(ft.Container(small(words.t(option.hint)), padding=INDENT))
        inner = ft.RadioGroup(
            value=raw, on_change=chosen, content=ft.Column(rows, spacing=0, tight=True)
        )
    return ft.Column(
        [
            ft.Semantics(hidden=True, exclude_semantics=True, content=title),
            held(path, ft.Semantics(label=name, container=True, content=inner)),
        ],
        spacing=XS, tight=True,
    )  # fmt: skip


def _multi(
    services: Services, model: FormModel, question: Field, answer: MultiChoice, mark: Mark
) -> ft.Control:
    words, path = services.words, question.path
    given = {part for part in model.raw.get(path, "").split(",") if part}

    def toggled(value: str) -> Callable[[Any], None]:
        def act(event: Any) -> None:
            now = {part for part in model.raw.get(path, "").split(",") if part}
            now = now | {value} if event.control.value else now - {value}
            model.type(path, ",".join(o.value for o in answer.options if o.value in now))
            model.mark(path).drawn += 1

        return act

    rows: list[ft.Control] = []
    for option in answer.options:
        rows.append(
            ft.Checkbox(
                label=option.name(words), value=option.value in given,
                on_change=toggled(option.value),
            )
        )  # fmt: skip
        if option.hint:
            rows.append(ft.Container(small(words.t(option.hint)), padding=INDENT))
    title = ft.Text(words.t(question.label), theme_style=ft.TextThemeStyle.LABEL_LARGE)
    return ft.Column(
        [
            ft.Semantics(hidden=True, exclude_semantics=True, content=title),
            held(
                path,
                ft.Semantics(
                    label=_name(services, question, mark.error), container=True,
                    content=ft.Column(rows, spacing=0, tight=True),
                ),
            ),
        ],
        spacing=XS, tight=True,
    )  # fmt: skip


def _list(services: Services, model: FormModel, question: Field, answer: ListOf) -> ft.Control:
    words, path = services.words, question.path
    raw = model.raw.get(path, "0")
    count = int(raw) if raw.isdigit() else 0

    def add(_event: Any) -> None:
        model.type(path, str(count + 1))
        model.mark(path).drawn += 1

    def remove(_event: Any) -> None:
        for column in answer.columns:
            model.type(f"{path}.{count - 1}.{column.path}", "")
        model.type(path, str(count - 1))
        model.mark(path).drawn += 1

    buttons = [secondary(words.t(answer.add), add, ft.Icons.ADD, disabled=count >= answer.most)]
    if count > answer.fewest:
        buttons.append(quiet(words.t("Retirer le dernier"), remove))
    return ft.Column(
        [
            ft.Text(words.t(question.label), theme_style=ft.TextThemeStyle.LABEL_LARGE),
            ft.Row(buttons, wrap=True),
        ],
        spacing=S, tight=True,
    )  # fmt: skip


def question_view(services: Services, model: FormModel, question: Field) -> ft.Control:
    """One question with its own state, to place anywhere in a screen."""
    return FieldView(
        model, question, model.mark(question.path), services.words.locale, key=question.path
    )


@ft.component
def StepView(model: FormModel, step: Step, shape: Shape) -> ft.Control:
    """The questions of a step, under the titles of their groups."""
    services = use_services()
    words = services.words
    model.services = services
    lines: list[ft.Control] = []
    if step.intro:
        lines.append(body(words.t(step.intro)))
    group = ""
    for question in model.journey.fields(step):
        if question.group and question.group != group:
            group = question.group
            lines.append(heading(words.t(group), 2))
        view = question_view(services, model, question)
        if question.help:
            view = ft.Row(
                [
                    ft.Container(apart(view), expand=True),
                    HelpTap(words.t(question.label), question.help),
                ],
                vertical_alignment=ft.CrossAxisAlignment.START,
            )
        lines.append(view)
    return ft.Column(
        lines, spacing=L, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )


@ft.component
def HelpTap(title: str, message: str) -> ft.Control:
    """A question mark that explains a word in one tap."""
    services = use_services()
    words = services.words
    opened, set_opened = ft.use_state(False)
    ft.use_dialog(
        ft.AlertDialog(
            title=ft.Text(title),
            content=body(words.t(message)),
            scrollable=True,
            actions=[
                ft.TextButton(content=words.t("Fermer"), on_click=lambda _e: set_opened(False))
            ],
            on_dismiss=lambda _e: set_opened(False),
        )
        if opened
        else None
    )
    return icon_button(
        words.t("Aide : {title}").format(title=title), ft.Icons.HELP_OUTLINE,
        lambda _e: set_opened(True),
    )  # fmt: skip


def fault_summary(services: Services, bad: list[Field]) -> ft.Control:
    """At the head of a step that cannot be left: what remains, as a live region."""
    from app.components.states import banner

    words = services.words
    count = len(bad)
    names = ", ".join(words.t(question.label) for question in bad[:5])
    return banner(
        words.n("Une réponse est à revoir : {names}.", "{count} réponses sont à revoir : {names}.",
                count).format(count=count, names=names),
        "urgent", live=True,
    )  # fmt: skip


__all__ = [
    "FieldView", "FormModel", "HelpTap", "Mark", "StepView", "error_line", "fault_summary",
    "question_view",
]  # fmt: skip
