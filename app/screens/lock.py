"""What a locked device shows: the code, and the way out for who forgot it."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.components.buttons import quiet, secondary
from app.components.dues import period_words
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import body, small
from app.forms.answers import Pin
from app.forms.form import Field
from app.screens.access import ShortForm, short_form
from app.services.backend import Problem
from app.services.container import Services, use_services
from app.services.device.lock import Erased, NeedsNetwork, PinWrong, Unknown
from app.theme import NARROW
from app.words import N_
from contract.device_keys import TRIES
from contract.problem import FieldProblem, ProblemCode, ProblemDocument

FORM = short_form("unlock", Field("code", N_("Code de cet appareil"), Pin()))


def refused(field: str, code: str, **params: Any) -> Problem:
    """A refusal of one field, told as the backend tells them."""
    return Problem(
        ProblemDocument(
            type="about:blank", title=code, status=422, code=ProblemCode.INVALID_INPUT,
            errors=[FieldProblem(field=field, code=code, params=params)],
        )
    )  # fmt: skip


async def give(services: Services, code: str, field: str = "code") -> bool:
    """Type a code. Raises Problem beside `field`; False when this device erased itself."""
    try:
        await services.lock.unlock(code)
    except PinWrong as wrong:
        raise refused(field, "pin_wrong", left=wrong.left) from None
    except NeedsNetwork:
        raise refused(field, "pin_needs_network") from None
    except Unknown:
        raise refused(field, "pin_unknown") from None
    except Erased:
        return False
    return True


async def not_sent(services: Services) -> list[str]:
    """What this device holds and the service does not, one sentence each. Read from the names of
    what is kept, which are not locked."""
    words, store = services.words, services.store
    found: list[str] = []
    signed = await store.list("outbox/")
    if signed:
        periods = ", ".join(
            sorted({period_words(name.rsplit("/", 1)[1], words) for name in signed})
        )
        found.append(
            words.n(
                "{count} déclaration signée et pas encore envoyée : {periods}.",
                "{count} déclarations signées et pas encore envoyées : {periods}.",
                len(signed),
            ).format(count=len(signed), periods=periods)
        )
    drafts = await store.list("draft/")
    if drafts:
        found.append(
            words.n(
                "{count} brouillon pas encore reçu par le service.",
                "{count} brouillons pas encore reçus par le service.",
                len(drafts),
            ).format(count=len(drafts))
        )
    noted = await store.list("entries/")
    if noted:
        found.append(
            words.n(
                "{count} élément noté et pas encore envoyé.",
                "{count} éléments notés et pas encore envoyés.",
                len(noted),
            ).format(count=len(noted))
        )
    return found


def erased_words(services: Services) -> str:
    """Why nothing is kept here any more, and what is safe; "" when it was not erased."""
    words = services.words
    return {
        "tries": words.t(
            "Dix codes faux : cet appareil s’est effacé. Ce que vous aviez envoyé est en sûreté "
            "sur votre compte : connectez-vous."
        ),
        "revoked": words.t(
            "Le code de cet appareil a été retiré à distance : il s’est effacé. Ce que vous aviez "
            "envoyé est en sûreté sur votre compte : connectez-vous."
        ),
    }.get(services.lock.view.erased, "")


@ft.component
def LockPanel() -> ft.Control:
    """The code of this device, or signing in again."""
    services = use_services()
    words = services.words
    forgot, set_forgot = ft.use_state(None)
    body_opens, set_body_opens = ft.use_state(False)

    async def look() -> None:
        record, ways = await services.lock.record(), services.lock.biometrics
        set_body_opens(
            bool(record and record.biometric and ways is not None and await ways.available())
        )

    async def send(values: dict[str, Any]) -> None:
        await give(services, values["code"])

    async def recognise(_event: Any) -> None:
        await services.lock.unlock_by_body(words.t("Ouvrir Quittance"))

    async def forget(_event: Any) -> None:
        set_forgot(await not_sent(services))

    async def erase(_event: Any) -> None:
        await services.lock.erase()

    ft.use_effect(look, [])
    if forgot is not None:
        safe = words.t("Ce que vous aviez envoyé est en sûreté sur votre compte.")
        lost = [words.t("Sera perdu :"), *forgot] if forgot else [words.t("Rien ne sera perdu.")]
        return scaffold(
            services,
            words.t("Code oublié"),
            [
                body(
                    words.t(
                        "Personne ne peut retrouver ce code. Connectez-vous de nouveau, avec votre "
                        "adresse et votre mot de passe : ce que garde cet appareil est effacé."
                    )
                ),
                banner(" ".join([safe, *lost]), "urgent" if forgot else "info", live=True),
                ft.Row(
                    [
                        secondary(
                            words.t("Effacer et me reconnecter"),
                            erase,
                            ft.Icons.DELETE_FOREVER_OUTLINED,
                        ),
                        quiet(words.t("Revenir au code"), lambda _e: set_forgot(None)),
                    ],
                    wrap=True,
                ),
            ],
            width=NARROW,
        )
    lines: list[ft.Control] = [
        body(words.t("Ce que vous aviez saisi est gardé.")),
        ShortForm(FORM, N_("Ouvrir"), send, clears=True),
        small(words.t("Au bout de {tries} codes faux, cet appareil s’efface.").format(tries=TRIES)),
        ft.Row([quiet(words.t("Code oublié"), forget)], wrap=True),
    ]
    if body_opens:
        lines.insert(
            2,
            secondary(
                words.t("Ouvrir avec l’empreinte ou le visage"), recognise, ft.Icons.FINGERPRINT
            ),
        )
    return scaffold(services, words.t("Quittance est verrouillée"), lines, width=NARROW)
