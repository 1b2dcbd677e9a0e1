"""On this device: what is kept and how much, the code that locks it, my other devices, erasing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import flet as ft

from app.components.buttons import quiet, secondary
from app.components.cards import card, fact
from app.components.devices import device_name
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner
from app.components.text import body, heading, small
from app.forms.answers import Choice, Pin, Possible
from app.forms.form import Field
from app.screens.access import ShortForm, short_form
from app.screens.lock import give, not_sent, refused
from app.services.container import Install, Services, use_services
from app.services.device.known import synced_at
from app.services.device.lock import LockView, State
from app.words import N_
from contract.device_keys import TRIES, DeviceKeyView
from contract.i18n import Words

NEW = Field(
    "code", N_("Nouveau code"), Pin(strict=True),
    hint=N_("De 6 à 12 chiffres, que vous seul connaissez."),
)  # fmt: skip
AGAIN = Field("again", N_("Le même code, encore une fois"), Pin())
PRESENT = Field("present", N_("Code actuel"), Pin())
OFFLINE = Field(
    "offline",
    N_("Sans réseau, ce code ouvre-t-il l’application ?"),
    Choice(
        options=(
            Possible("yes", N_("Oui : je peux déclarer partout")),
            Possible("no", N_("Non : il faut le réseau pour ouvrir")),
        )
    ),
)
BODY = Field(
    "biometric",
    N_("Ouvrir aussi avec l’empreinte ou le visage ?"),
    Choice(options=(Possible("yes", N_("Oui")), Possible("no", N_("Non")))),
)
FORMS = {
    "set": short_form("set-code", NEW, AGAIN, OFFLINE),
    "set-body": short_form("set-code-body", NEW, AGAIN, OFFLINE, BODY),
    "change": short_form("change-code", PRESENT, NEW, AGAIN, OFFLINE),
    "change-body": short_form("change-code-body", PRESENT, NEW, AGAIN, OFFLINE, BODY),
    "remove": short_form("remove-code", PRESENT),
}


def size_words(size: int, words: Words) -> str:
    """Bytes as people read them."""
    return words.t("{size} ko").format(size=words.number(-(-size // 1024)))


@ft.component
def DeviceScreen() -> ft.Control:
    """Everything about this device."""
    services = use_services()
    words = services.words
    lines: list[ft.Control] = [Kept(services, services.outbox.waiting, services.entries.unsent)]
    if services.lock.vault is not None:
        lines.append(Code(services, services.lock.view))
    lines.insert(0, Installing(services.install))
    lines += [Others(services.lock.view), Erase(services)]
    return scaffold(services, words.t("Sur cet appareil"), lines, back="/settings")


@ft.component
def Installing(install: Install) -> ft.Control:
    """The app on the home screen, where the browser offers it."""
    services = use_services()
    words = services.words

    async def ask(_event: Any) -> None:
        if install.ask is not None:
            await install.ask()

    if not install.ready:
        return ft.Container(visible=False)
    return card(
        [
            heading(words.t("Installer l’application"), 2),
            body(words.t("Elle s’ouvre alors depuis l’écran d’accueil, même sans réseau.")),
            ft.Row(
                [secondary(words.t("Installer"), ask, ft.Icons.INSTALL_MOBILE_OUTLINED)],
                wrap=True,
            ),
        ]
    )


@ft.component
def Kept(services: Services, waiting: Any, unsent: Any) -> ft.Control:
    """What is kept, how much, and since when."""
    words = services.words
    shown, set_shown = ft.use_state((0, {}, None))

    async def count() -> None:
        store = services.store
        kinds = {}
        for prefix in ("known/", "draft/", "outbox/", "entries/"):
            kinds[prefix] = len(await store.list(prefix))
        set_shown((await store.size(), kinds, await synced_at(store)))

    ft.use_effect(count, [len(waiting.ready), len(waiting.refused), len(unsent.ready)])
    size, kinds, synced = shown
    last = words.moment(synced) if isinstance(synced, dt.datetime) else words.t("pas encore")
    return card(
        [
            heading(words.t("Ce qui est gardé"), 2),
            fact(words.t("Place occupée"), size_words(size, words)),
            fact(words.t("Dernier échange avec le service"), last),
            fact(
                words.t("Réponses du service gardées pour lire hors ligne"),
                str(kinds.get("known/", 0)),
            ),
            fact(
                words.t("Brouillons pas encore reçus par le service"), str(kinds.get("draft/", 0))
            ),
            fact(
                words.t("Déclarations signées, pas encore envoyées"), str(kinds.get("outbox/", 0))
            ),
            fact(words.t("Éléments notés, pas encore envoyés"), str(kinds.get("entries/", 0))),
            small(
                words.t("Gardé chiffré sur cet appareil.")
                if services.store.lasting
                else words.t("Gardé le temps de cette page seulement.")
            ),
        ]
    )


@ft.component
def Code(services: Services, view: LockView) -> ft.Control:
    """The code that locks this device: set, change, take away, lock now."""
    words, lock = services.words, services.lock
    opened, set_opened = ft.use_state("")
    done, set_done = ft.use_state("")
    body_offered, set_body_offered = ft.use_state(False)

    async def look() -> None:
        set_body_offered(lock.biometrics is not None and await lock.biometrics.available())

    ft.use_effect(look, [])

    def unfold(name: str) -> Any:
        def act(_event: Any) -> None:
            set_done("")
            set_opened(name)

        return act

    async def choose(values: dict[str, Any]) -> None:
        if values["again"] != values["code"]:
            raise refused("again", "pin_differs")
        if view.state is not State.NONE and not await give(services, values["present"], "present"):
            return
        await lock.set_code(
            values["code"], values["offline"] == "yes", values.get("biometric") == "yes"
        )
        set_opened("")
        set_done(words.t("Le code est enregistré. L’application se verrouille après cinq minutes."))

    async def remove(values: dict[str, Any]) -> None:
        if await give(services, values["present"], "present"):
            await lock.remove_code()
            set_opened("")
            set_done(words.t("Cet appareil s’ouvre sans code."))

    async def close(_event: Any) -> None:
        await lock.lock()

    lines: list[ft.Control] = [heading(words.t("Code de verrouillage"), 2)]
    if done:
        lines.append(banner(done, "success", live=True))
    way = "-body" if body_offered else ""
    if opened == "remove":
        lines.append(ShortForm(FORMS["remove"], N_("Retirer le code"), remove, clears=True))
    elif opened:
        lines += _about(words)
        lines.append(
            ShortForm(
                FORMS[opened + way], N_("Enregistrer le code"), choose, start={"offline": "yes"},
                key=opened + way,
            )
        )  # fmt: skip
    if opened:
        lines.append(ft.Row([quiet(words.t("Annuler"), unfold(""))], wrap=True))
    elif view.state is State.NONE:
        lines += [
            body(
                words.t(
                    "Sans code, qui tient cet appareil déverrouillé ouvre l’application à votre "
                    "place."
                )
            ),
            ft.Row(
                [secondary(words.t("Choisir un code"), unfold("set"), ft.Icons.LOCK_OUTLINE)],
                wrap=True,
            ),
        ]
    else:
        lines += [
            body(
                words.t(
                    "L’application se verrouille après cinq minutes sans activité. Au bout de "
                    "{tries} codes faux, cet appareil s’efface."
                ).format(tries=TRIES)
            ),
            ft.Row(
                [
                    secondary(words.t("Verrouiller"), close, ft.Icons.LOCK_OUTLINE),
                    secondary(words.t("Changer le code"), unfold("change"), ft.Icons.PASSWORD),
                    quiet(words.t("Retirer le code"), unfold("remove")),
                ],
                wrap=True,
            ),
        ]
    return card(lines)


def _about(words: Words) -> list[ft.Control]:
    return [
        body(
            words.t(
                "Avec le réseau, le service garde l’autre moitié de la clé et compte les codes "
                "faux : au dixième, elle est détruite et cet appareil s’efface. Ce que vous aviez "
                "envoyé reste sur votre compte."
            )
        ),
        body(
            words.t(
                "Sans réseau, ce code dissuade, sans plus : qui sait copier le contenu de "
                "l’appareil peut essayer tous les codes. Pour l’empêcher, répondez non : "
                "l’application ne s’ouvrira qu’avec le réseau."
            )
        ),
        small(
            words.t("Code oublié : vous vous reconnectez, et ce qui n’a pas été envoyé est perdu.")
        ),
    ]


@ft.component
def Others(view: LockView) -> ft.Control:
    """My devices that open with a code, and how to take it away from one that is lost."""
    services = use_services()
    words = services.words
    asked, set_asked = ft.use_state("")

    async def fetch() -> tuple[list[DeviceKeyView], str]:
        found = await services.backend.get(list[DeviceKeyView], "/device-keys")
        mine = await services.lock.record()
        return found, mine.id if mine is not None else ""

    loaded = use_load(services, fetch, [view.state])

    def revoke(key_id: str) -> Any:
        async def act(_event: Any) -> None:
            set_asked("")
            await services.lock.revoke(key_id)
            await loaded.reload()

        return act

    def ask(key_id: str) -> Any:
        return lambda _event: set_asked(key_id)

    lines: list[ft.Control] = [heading(words.t("Mes appareils avec un code"), 2)]
    if loaded.value is None:
        lines.append(loaded.other(services))
        return card(lines)
    rows, here = loaded.value
    if not rows:
        lines.append(small(words.t("Aucun pour l’instant.")))
    for row in rows:
        lines.append(body(device_name(row.device, words), strong=row.id == here))
        if row.id == here:
            lines.append(small(words.t("Cet appareil")))
            continue
        seen = words.t("Ouvert avec son code le {moment}").format(
            moment=words.moment(row.opened_at)
        )
        lines.append(small(seen if row.state == "active" else words.t("Effacé : dix codes faux")))
        if asked == row.id:
            lines.append(
                banner(
                    words.t(
                        "Cet appareil s’effacera dès que son code y sera tapé avec le réseau, et "
                        "sa session se termine maintenant."
                    ),
                    "urgent", words.t("Effacer à distance ?"),
                    [
                        secondary(words.t("Effacer à distance"), revoke(row.id)),
                        quiet(words.t("Garder"), ask("")),
                    ],
                    live=True,
                )
            )  # fmt: skip
        else:
            lines.append(
                ft.Row([quiet(words.t("Appareil perdu ou vendu"), ask(row.id))], wrap=True)
            )
    return card(lines)


@ft.component
def Erase(services: Services) -> ft.Control:
    """Forget everything here, once the person has read what would be lost."""
    words = services.words
    asked, set_asked = ft.use_state(None)

    async def ask(_event: Any) -> None:
        set_asked(await not_sent(services))

    async def erase(_event: Any) -> None:
        services.drafts.close_all()
        services.outbox.stop()
        services.entries.stop()
        await services.page.push_route("/")
        await services.session.sign_out()
        await services.outbox.load()
        await services.entries.load()

    if asked is None:
        return ft.Row(
            [secondary(words.t("Effacer cet appareil"), ask, ft.Icons.DELETE_OUTLINE)], wrap=True
        )
    lost = " ".join([words.t("Sera perdu :"), *asked]) if asked else words.t("Rien ne sera perdu.")
    return banner(
        words.t("Tout ce que cet appareil garde sera effacé, et vous serez déconnecté. {lost}")
        .format(lost=lost),
        "urgent", words.t("Effacer cet appareil ?"),
        [
            secondary(words.t("Effacer maintenant"), erase, ft.Icons.DELETE_FOREVER_OUTLINED),
            quiet(words.t("Garder"), lambda _e: set_asked(None)),
        ],
        live=True,
    )  # fmt: skip
