"""How my sign-in is secured: authenticator app, recovery codes, passkeys, provider, sessions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from app.components.buttons import primary, quiet, secondary
from app.components.cards import card, fact
from app.components.load import use_load
from app.components.shell import scaffold
from app.components.states import banner, failure
from app.components.text import body, heading, small, to_copy
from app.forms.answers import Password, Text
from app.forms.form import Field
from app.screens.access import ShortForm, query, short_form
from app.screens.lock import refused
from app.services.backend import BackendError, Problem
from app.services.container import Services, use_services
from app.theme import LIST, RADIUS, S
from app.words import N_
from contract.factor import (
    PasskeyRename,
    PasskeyView,
    ProviderDoor,
    ProviderView,
    Reauthentication,
    RecoveryCodes,
    SecurityView,
    TotpConfirm,
    TotpSetup,
)
from contract.problem import ProblemCode

CURRENT = Field("current_password", N_("Mot de passe actuel"), Password())
CODE = Field(
    "code", N_("Code affiché par l’application"), Text(longest=40, autofill="one-time-code"),
    hint=N_("Six chiffres, qui changent toutes les trente secondes."),
)  # fmt: skip
NAME = Field("name", N_("Nom de la clé d’accès"), Text(longest=60))
CONFIRM = short_form("totp-confirm", CODE)
RENAME = short_form("passkey-rename", NAME)

Act = Callable[[dict[str, Any]], Awaitable[None]]


@ft.component
def SecurityScreen() -> ft.Control:
    """Everything that opens my account, and how to change it."""
    services = use_services()
    words = services.words

    async def fetch() -> SecurityView:
        found: SecurityView = await services.backend.get(SecurityView, "/me/security")
        return found

    # A window back from the pages that make a passkey or link a provider has news.
    loaded = use_load(services, fetch, [services.page.route])
    lines: list[ft.Control] = []
    said = query(services).get("fait", "")
    told = {
        "cle": words.t("Votre clé d’accès est ajoutée."),
        "relie": words.t("Le fournisseur d’identité est relié à votre compte."),
        "autre": words.t("Cette identité est déjà reliée à un autre compte."),
        "echec": words.t("Le fournisseur d’identité n’a pas confirmé. Rien n’a changé."),
    }
    if said in told:
        level = "success" if said in {"cle", "relie"} else "warning"
        lines.append(banner(told[said], level, live=True))
    if loaded.value is None:
        lines.append(loaded.other(services))
    else:
        view = loaded.value
        lines += [
            Totp(view, loaded.reload),
            Passkeys(view, loaded.reload),
            *([Provider(view.provider, loaded.reload)] if view.provider is not None else []),
        ]
    lines.append(
        card(
            [
                heading(words.t("Sessions ouvertes"), 2),
                body(words.t("Où vous êtes connecté, et comment y mettre fin.")),
                ft.Row(
                    [
                        secondary(
                            words.t("Voir mes sessions"), lambda _e: services.go("/profile"),
                            ft.Icons.DEVICES_OUTLINED,
                        )
                    ],
                    wrap=True,
                ),
            ]
        )
    )  # fmt: skip
    lines.append(FreezeCard())
    return scaffold(services, words.t("Sécurité de la connexion"), lines, back="/settings")


@ft.component
def FreezeCard() -> ft.Control:
    """One button that shuts every door; asked once more before it does."""
    services = use_services()
    words = services.words
    sure, set_sure = ft.use_state(False)
    failed, set_failed = ft.use_state(None)

    async def freeze(_event: Any) -> None:
        try:
            await services.backend.send(None, "POST", "/me/freeze")
        except BackendError as problem:
            set_failed(problem)
            return
        await services.page.push_route("/bloque")
        await services.session.ended("/bloque")

    lines: list[ft.Control] = [
        heading(words.t("Bloquer mon compte"), 2),
        body(
            words.t(
                "Un doute ? Bloquez tout : les sessions se ferment, aucun remboursement ne part, "
                "et personne ne se connecte plus tant que vous n’avez pas choisi un nouveau mot de "
                "passe par e-mail. Vos échéances courent toujours."
            )
        ),
    ]
    if failed is not None:
        lines.append(failure(services, failed))
    if sure:
        lines.append(
            ft.Row(
                [
                    primary(words.t("Bloquer maintenant"), freeze, ft.Icons.LOCK_OUTLINE),
                    quiet(words.t("Annuler"), lambda _e: set_sure(False)),
                ],
                wrap=True,
            )
        )
    else:
        lines.append(
            ft.Row(
                [
                    secondary(
                        words.t("Bloquer mon compte"),
                        lambda _e: set_sure(True),
                        ft.Icons.LOCK_OUTLINE,
                    ),
                    quiet(
                        words.t("Ce message vient-il de vous ?"),
                        lambda _e: services.go("/est-ce-vous"),
                    ),
                ],
                wrap=True,
            )
        )
    return card(lines)


@ft.component
def Totp(view: SecurityView, reload: Any) -> ft.Control:
    """The authenticator app: on or off, its recovery codes, and how to change them."""
    services = use_services()
    words, send = services.words, services.backend.send
    opened, set_opened = ft.use_state("")
    setup, set_setup = ft.use_state(None)
    codes, set_codes = ft.use_state(None)

    def unfold(name: str) -> Any:
        def act(_event: Any) -> None:
            set_setup(None)
            set_opened(name)

        return act

    async def start(values: dict[str, Any]) -> None:
        set_setup(await send(TotpSetup, "POST", "/me/totp", Reauthentication(**values)))
        set_opened("")

    async def confirm(values: dict[str, Any]) -> None:
        try:
            made = await send(RecoveryCodes, "POST", "/me/totp/confirm", TotpConfirm(**values))
        except Problem as problem:
            if problem.code is ProblemCode.CODE_WRONG:
                raise refused("code", "code_wrong") from None
            raise
        set_setup(None)
        set_codes(made.codes)
        await reload()

    async def again(values: dict[str, Any]) -> None:
        made = await send(RecoveryCodes, "POST", "/me/recovery-codes", Reauthentication(**values))
        set_codes(made.codes)
        set_opened("")
        await reload()

    async def remove(values: dict[str, Any]) -> None:
        await send(None, "POST", "/me/totp/remove", Reauthentication(**values))
        set_codes(None)
        set_opened("")
        await reload()

    lines: list[ft.Control] = [heading(words.t("Double authentification"), 2)]
    if view.removable_at is not None:
        lines.append(
            banner(
                words.t(
                    "Quelqu’un a dit avoir perdu le téléphone de ce compte : la double "
                    "authentification pourra être retirée à partir du {moment}. Si ce n’est pas "
                    "vous, ouvrez le lien « arrêter » du message reçu et changez de mot de passe."
                ).format(moment=words.moment(view.removable_at)),
                "urgent",
            )
        )
    if codes is not None:
        lines.append(Codes(codes, lambda _event: set_codes(None)))
        return card(lines)
    if setup is not None:
        lines += _setup(services, setup)
        lines += [
            ShortForm(CONFIRM, N_("Activer"), confirm, key="confirm"),
            ft.Row([quiet(words.t("Annuler"), unfold(""))], wrap=True),
        ]
        return card(lines)
    on = view.totp_since is not None
    if view.totp_since is not None:
        lines += [
            fact(words.t("Active depuis le"), words.moment(view.totp_since)),
            fact(words.t("Codes de secours restants"), str(view.recovery_left)),
        ]
        if view.recovery_left <= 3:
            lines.append(
                banner(
                    words.t("Il vous reste peu de codes de secours : créez-en de nouveaux."),
                    "warning",
                )
            )
    else:
        lines.append(
            body(
                words.t(
                    "En plus du mot de passe, un code de votre téléphone : qui connaît votre mot "
                    "de passe n’entre pas sans lui."
                )
            )
        )
    acts: dict[str, tuple[str, str, Act]] = {
        "start": (words.t("Activer avec une application"), N_("Continuer"), start),
        "again": (words.t("Créer de nouveaux codes"), N_("Créer les codes"), again),
        "remove": (words.t("Retirer la double authentification"), N_("Retirer"), remove),
    }
    if opened:
        _, action, act = acts[opened]
        lines += [
            ShortForm(short_form(f"totp-{opened}", CURRENT), action, act, key=opened, clears=True),
            ft.Row([quiet(words.t("Annuler"), unfold(""))], wrap=True),
        ]
    else:
        shown = ("again", "remove") if on else ("start",)
        lines.append(ft.Row([secondary(acts[name][0], unfold(name)) for name in shown], wrap=True))
    return card(lines)


def _setup(services: Services, setup: TotpSetup) -> list[ft.Control]:
    words = services.words

    async def copy(_event: Any) -> None:
        await ft.Clipboard().set(setup.secret.replace(" ", ""))

    return [
        body(
            words.t(
                "Dans une application de codes (la plupart des gestionnaires de mots de passe en "
                "ont une), ajoutez un compte avec cette image :"
            )
        ),
        ft.Row(
            [
                ft.Container(
                    content=ft.Image(
                        setup.qr, width=LIST, height=LIST, filter_quality=ft.FilterQuality.NONE,
                        semantics_label=words.t("Image à lire avec l’application de codes"),
                    ),
                    bgcolor=ft.Colors.WHITE,
                    border_radius=RADIUS,
                    padding=S,
                )
            ]
        ),
        body(words.t("Ou recopiez cette clé :")),
        to_copy(setup.secret, strong=True),
        ft.Row(
            [
                quiet(words.t("Copier la clé"), copy, ft.Icons.COPY_OUTLINED),
                ft.TextButton(
                    content=words.t("Ouvrir l’application de cet appareil"),
                    icon=ft.Icons.OPEN_IN_NEW, url=setup.uri,
                ),
            ],
            wrap=True,
        ),
    ]  # fmt: skip


@ft.component
def Codes(codes: list[str], done: Any) -> ft.Control:
    """Recovery codes, shown this once."""
    services = use_services()
    words = services.words

    async def copy(_event: Any) -> None:
        await ft.Clipboard().set("\n".join(codes))

    return ft.Column(
        [
            banner(
                words.t(
                    "Notez ces codes de secours maintenant : ils ne seront plus montrés. Chacun "
                    "remplace une fois votre téléphone. Gardez-les ailleurs que sur lui."
                ),
                "warning", live=True,
            ),
            *(to_copy(code, strong=True) for code in codes),
            ft.Row(
                [
                    secondary(words.t("Copier les codes"), copy, ft.Icons.COPY_OUTLINED),
                    primary(words.t("Je les ai notés"), done),
                ],
                wrap=True,
            ),
        ],
        tight=True,
    )  # fmt: skip


@ft.component
def Passkeys(view: SecurityView, reload: Any) -> ft.Control:
    """My passkeys: add, rename, remove."""
    services = use_services()
    words = services.words
    renamed, set_renamed = ft.use_state("")
    removed, set_removed = ft.use_state("")

    async def add(_event: Any) -> None:
        leave = services.session.leave_page
        if leave is not None:
            await leave(f"/auth/passkey/new?lang={words.locale}")

    async def rename(values: dict[str, Any]) -> None:
        await services.backend.send(
            PasskeyView, "PATCH", f"/me/passkeys/{renamed}", PasskeyRename(**values)
        )
        set_renamed("")
        await reload()

    async def remove(values: dict[str, Any]) -> None:
        await services.backend.send(
            None, "POST", f"/me/passkeys/{removed}/remove", Reauthentication(**values)
        )
        set_removed("")
        await reload()

    def choose(setter: Any, value: str) -> Any:
        return lambda _event: setter(value)

    lines: list[ft.Control] = [
        heading(words.t("Clés d’accès"), 2),
        body(
            words.t(
                "Une clé d’accès ouvre votre compte avec l’empreinte, le visage ou le code de "
                "votre appareil, sans mot de passe. Un faux site ne peut pas l’obtenir."
            )
        ),
    ]
    for key in view.passkeys:
        used = (
            words.t("Servie la dernière fois le {moment}").format(
                moment=words.moment(key.last_used_at)
            )
            if key.last_used_at is not None
            else words.t("Pas encore servie")
        )
        lines += [body(key.name, strong=True), small(used)]
        if key.synced:
            lines.append(small(words.t("Gardée sur plusieurs de vos appareils")))
        if renamed == key.id:
            lines += [
                ShortForm(RENAME, N_("Renommer"), rename, start={"name": key.name}, key=key.id),
                ft.Row([quiet(words.t("Annuler"), choose(set_renamed, ""))], wrap=True),
            ]
        elif removed == key.id:
            lines += [
                ShortForm(
                    short_form("passkey-remove", CURRENT), N_("Retirer cette clé"), remove,
                    key=key.id, clears=True,
                ),
                ft.Row([quiet(words.t("Annuler"), choose(set_removed, ""))], wrap=True),
            ]  # fmt: skip
        else:
            lines.append(
                ft.Row(
                    [
                        quiet(
                            words.t("Renommer « {name} »").format(name=key.name),
                            choose(set_renamed, key.id),
                        ),
                        quiet(
                            words.t("Retirer « {name} »").format(name=key.name),
                            choose(set_removed, key.id),
                        ),
                    ],
                    wrap=True,
                )
            )
    if view.passkeys_possible and services.session.leave_page is not None:
        lines.append(
            ft.Row(
                [secondary(words.t("Ajouter une clé d’accès"), add,
                        ft.Icons.KEY_OUTLINED)], wrap=True
            )
        )  # fmt: skip
    elif view.passkeys_possible:
        lines.append(small(words.t("Pour en ajouter une, ouvrez le service dans un navigateur.")))
    else:
        lines.append(
            small(
                words.t(
                    "Cette adresse ne permet pas les clés d’accès : il faut un nom de domaine et "
                    "une connexion sécurisée."
                )
            )
        )
    return card(lines)


@ft.component
def Provider(provider: ProviderView, reload: Any) -> ft.Control:
    """The provider of identity: link it, or no longer."""
    services = use_services()
    words = services.words
    opened, set_opened = ft.use_state(False)
    linked = provider.linked_at is not None

    async def act(values: dict[str, Any]) -> None:
        if linked:
            await services.backend.send(
                None, "POST", "/me/provider/unlink", Reauthentication(**values)
            )
            set_opened(False)
            await reload()
            return
        door: ProviderDoor = await services.backend.send(
            ProviderDoor, "POST", "/me/provider/link", Reauthentication(**values)
        )
        if services.session.leave_page is not None:
            await services.session.leave_page(door.path)

    async def show(_event: Any) -> None:
        set_opened(not opened)

    lines: list[ft.Control] = [heading(provider.name, 2)]
    if provider.linked_at is not None:
        lines.append(fact(words.t("Relié le"), words.moment(provider.linked_at)))
    else:
        lines.append(
            body(words.t("Reliez ce fournisseur d’identité pour vous connecter sans mot de passe."))
        )
    label = words.t("Ne plus relier") if linked else words.t("Relier ce fournisseur")
    if opened:
        lines.append(
            ShortForm(
                short_form("provider", CURRENT),
                N_("Ne plus relier") if linked else N_("Continuer chez le fournisseur"),
                act, key=str(linked), clears=True,
            )
        )  # fmt: skip
        lines.append(ft.Row([quiet(words.t("Annuler"), show)], wrap=True))
    elif linked or services.session.leave_page is not None:
        lines.append(ft.Row([secondary(label, show)], wrap=True))
    return card(lines)
