"""Auto-entrepreneurs: sign-up and declaration forms as data, and their words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.forms.answers import Choice, Date, Money, MultiChoice, Possible, YesNo
from app.forms.form import Condition, Field, Form, Step
from app.screens.professions import household
from app.screens.professions.base import Defaults, SetAside
from app.screens.professions.household import PERS
from app.words import N_
from contract.accounts import Overview
from contract.i18n import Words
from regimes.auto_entrepreneur import REGIME, parts_for
from regimes.auto_entrepreneur.assess import plan_for, situation_of
from regimes.auto_entrepreneur.categories import CATEGORIES, LABELS
from regimes.auto_entrepreneur.departments import DEPARTMENTS
from regimes.auto_entrepreneur.profile import EARLIEST, Profile
from regimes.dated import RateTable
from regimes.journal import Receipt
from regimes.regime import Alert, Period

PLATFORMS_SINCE = date(2026, 4, 1)  # CSS L613-6-1: first platforms that withhold

CATEGORY_HINTS = {
    "vente": N_("Achat-revente, vente à emporter ou sur place, hôtel, chambre d’hôtes."),
    "service_bic": N_("Travaux, réparation, livraison, coiffure, location meublée non classée…"),
    "service_bnc": N_("Conseil, informatique, formation, traduction, graphisme…"),
    "service_bnc_cipav": N_(
        "Architecte, psychologue, ostéopathe, diététicien, géomètre, guide-conférencier…"
    ),
    "meuble_tourisme_classe": N_("Logement meublé de tourisme classé par un organisme agréé."),
}

NATURES = (
    Possible("commerciale", N_("Commerce"), N_("Registre du commerce, chambre de commerce")),
    Possible("artisanale", N_("Artisanat"), N_("Métier manuel, chambre de métiers")),
    Possible("liberale", N_("Profession libérale"), N_("Ni commerçant, ni artisan")),
)

PERIODICITIES = (
    Possible("monthly", N_("Chaque mois"), N_("À déclarer à la fin du mois suivant")),
    Possible("quarterly", N_("Chaque trimestre"),
             N_("À déclarer fin avril, fin juillet, fin octobre et fin janvier")),
)  # fmt: skip

ACTIVITY = N_("Votre activité")
TURNOVER = N_("Ce que vous encaissez")
OPTIONS = N_("Vos options")
PLACES = (
    Possible("75", N_("Reste de la métropole")), Possible("67", "Alsace", proper=True),
    Possible("57", "Moselle", proper=True),
    *(Possible(code, DEPARTMENTS[code], proper=True) for code in ("971", "972", "973", "974",
                                                                  "976")),
)  # fmt: skip


class AutoEntrepreneurScreens(Defaults):
    """Answers of the Profession protocol."""

    code = REGIME.code
    withholding = True

    def profile_form(self, today: date) -> Form:
        """The questions of sign-up, in plain words."""
        return Form(
            "auto-entrepreneur-profile",
            1,
            (
                Step(
                    "activity", N_("Votre activité"),
                    (
                        Field("categories", N_("Que faites-vous ?"),
                              MultiChoice(options=tuple(
                                  Possible(c, LABELS[c], CATEGORY_HINTS[c]) for c in CATEGORIES)),
                              hint=N_("Plusieurs réponses possibles."),
                              help=N_("C’est la ligne de la déclaration où ira votre chiffre "
                                      "d’affaires. Elle figure sur votre notification "
                                      "d’affiliation.")),
                        Field("nature", N_("Comment êtes-vous inscrit ?"), Choice(options=NATURES),
                              help=N_("L’inscription décide de la contribution à la formation et "
                                      "de la taxe de chambre. Une activité mixte suit son "
                                      "activité principale.")),
                        Field("department", N_("Dans quel département ?"),
                              Choice(options=tuple(
                                  Possible(code, f"{code} – {name}")
                                  for code, name in DEPARTMENTS.items())),
                              hint=N_("Celui de l’établissement."),
                              help=N_("L’Alsace, la Moselle et l’outre-mer ont leurs taux.")),
                    ),
                ),
                Step(
                    "start", N_("Votre début"),
                    (
                        Field("start_date", N_("Quand votre activité a-t-elle commencé ?"),
                              Date(earliest=EARLIEST, latest=today),
                              hint=N_("Par exemple 15/03/2026.")),
                        Field("periodicity", N_("À quel rythme déclarez-vous ?"),
                              Choice(options=PERIODICITIES),
                              help=N_("Sans choix de votre part, c’est chaque mois. Vous pourrez "
                                      "en changer pour l’année suivante, jusqu’au 31 octobre.")),
                    ),
                ),
                Step(
                    "options", N_("Vos options"),
                    (
                        Field("acre", N_("Avez-vous obtenu l’ACRE ?"), YesNo(),
                              help=N_("L’ACRE réduit vos cotisations jusqu’à la fin du troisième "
                                      "trimestre civil qui suit celui du début. Elle n’est pas "
                                      "automatique : l’Urssaf vous l’a accordée par courrier."),
                              law="CSS L131-6-4"),
                        Field("flat_tax", N_("Avez-vous choisi le versement libératoire ?"),
                              YesNo(),
                              help=N_("Vous payez l’impôt sur le revenu en même temps que les "
                                      "cotisations : 1 % des ventes, 1,7 % des prestations BIC, "
                                      "2,2 % des prestations BNC. Sous condition de revenu."),
                              law="CGI 151-0"),
                        Field("vat", N_("Facturez-vous la TVA ?"), YesNo(),
                              help=N_("Si oui, vous déclarez votre chiffre d’affaires hors taxe, "
                                      "et les alertes de franchise ne vous concernent plus.")),
                    ),
                ),
            ),
        )  # fmt: skip

    def to_profile(self, answers: Mapping[str, Any], today: date) -> dict[str, Any]:
        """The profile that these answers describe."""
        start = answers["start_date"]
        return {
            "start_date": start,
            "categories": answers["categories"],
            "nature": answers["nature"],
            "department": answers["department"],
            "acre": {"requested_on": None} if answers["acre"] else None,
            "periodicity": [{"since": start, "value": answers["periodicity"]}],
            "flat_tax": [{"since": start, "value": True}] if answers["flat_tax"] else [],
            "vat_registered": answers["vat"],
        }

    def declaration_form(self, profile: Profile, period: Period, rates: RateTable) -> Form:
        """Turnover by category, always in the official order; by part when a rate changes."""
        parts = parts_for(profile, period, rates)
        fields: list[Field] = []
        for number in range(len(parts)):
            group = ""
            if len(parts) > 1:
                group = (
                    N_("Encaissé avant le changement de taux")
                    if number == 0
                    else N_("Encaissé après le changement de taux")
                )
            fields += [
                Field(
                    f"parts.{number}.{category}", LABELS[category], Money(),
                    help=CATEGORY_HINTS[category], group=group, law="CSS L613-7",
                )
                for category in profile.categories
            ]  # fmt: skip
        if period.end >= PLATFORMS_SINCE:
            fields.append(
                Field(
                    "has_platform",
                    N_("Une plateforme a-t-elle déjà retenu vos cotisations sur une partie ?"),
                    YesNo(), required=False,
                    help=N_("Depuis avril 2026, des plateformes volontaires retiennent les "
                            "cotisations à la source. Ce chiffre d’affaires n’est pas déclaré de "
                            "nouveau ; il compte seulement pour les plafonds."),
                    law="CSS L613-6-1",
                )
            )  # fmt: skip
            fields += [
                Field(
                    f"platform.{category}", LABELS[category], Money(), required=False,
                    when=(Condition("has_platform", ("yes",)),),
                    group=N_("Déjà retenu par une plateforme, à ne pas déclarer de nouveau"),
                )
                for category in profile.categories
            ]  # fmt: skip
        return Form(
            "auto-entrepreneur-declaration", REGIME.form_version,
            (Step("amounts", N_("Montants"), tuple(fields),
                  intro=N_("Le chiffre d’affaires encaissé, sans rien déduire ; hors taxe si vous "
                           "facturez la TVA.")),),
        )  # fmt: skip

    def to_declaration(
        self, answers: Mapping[str, Any], profile: Profile, period: Period, rates: RateTable
    ) -> dict[str, Any]:
        """The declaration of these answers; every asked figure must be among them."""
        parts = [
            {
                "start": start.isoformat(),
                "end": end.isoformat(),
                "turnover": {c: answers[f"parts.{n}.{c}"] for c in profile.categories},
            }
            for n, (start, end) in enumerate(parts_for(profile, period, rates))
        ]
        platform = {
            c: answers[f"platform.{c}"]
            for c in profile.categories
            if answers.get(f"platform.{c}") not in (None, "0")
        }
        return {"regime": self.code, "parts": parts, "platform": platform}

    def from_declaration(self, declaration: Mapping[str, Any]) -> dict[str, str]:
        """Raw answers that give this declaration again."""
        raw = {
            f"parts.{number}.{category}": str(amount).replace(".", ",")
            for number, part in enumerate(declaration["parts"])
            for category, amount in part["turnover"].items()
        }
        platform = declaration.get("platform", {})
        if platform:
            raw["has_platform"] = "yes"
            raw |= {f"platform.{c}": str(a).replace(".", ",") for c, a in platform.items()}
        return raw

    def part_dates(
        self, profile: Profile, period: Period, rates: RateTable
    ) -> list[tuple[date, date]]:
        """The dates of the parts, when there are several."""
        parts = parts_for(profile, period, rates)
        return parts if len(parts) > 1 else []

    def activities(self, profile: Profile) -> list[tuple[str, str]]:
        """The categories of the account, in the order of the declaration."""
        return [(category, LABELS[category]) for category in profile.categories]

    def journal_path(
        self, receipt: Receipt, profile: Profile, period: Period, rates: RateTable
    ) -> str:
        """By category, and by part; what a platform withheld on stands apart."""
        if receipt.category not in profile.categories:
            return ""
        if receipt.platform:
            return f"platform.{receipt.category}"
        for number, (start, end) in enumerate(parts_for(profile, period, rates)):
            if start <= receipt.on <= end:
                return f"parts.{number}.{receipt.category}"
        return ""

    def simulation_form(self, today: date) -> Form:
        """What if I earned… the activity, its turnover, its options, then the household."""
        bic = Condition("categories", ("vente", "service_bic"))
        return Form(
            "auto-entrepreneur-simulation", 1,
            (
                Step(
                    "year", N_("Votre année"),
                    (
                        Field("categories", N_("Que faites-vous ?"),
                              MultiChoice(options=tuple(
                                  Possible(c, LABELS[c], CATEGORY_HINTS[c]) for c in CATEGORIES)),
                              hint=N_("Plusieurs réponses possibles."), group=ACTIVITY),
                        Field("nature", N_("Comment êtes-vous inscrit ?"),
                              Choice(options=NATURES[:2]), when=(bic,), group=ACTIVITY),
                        Field("per", N_("Vous comptez…"), Choice(options=PERS), group=TURNOVER),
                        *(
                            Field(f"turnover.{c}", LABELS[c], Money(declared=False),
                                  when=(Condition("categories", (c,)),), group=TURNOVER)
                            for c in CATEGORIES
                        ),
                        household.year_field(today),
                        Field("start_date", N_("Début de l’activité"),
                              Date(earliest=EARLIEST, latest=date(today.year + 1, 12, 31)),
                              required=False, group=OPTIONS,
                              hint=N_("Vide : une activité commencée depuis longtemps.")),
                        Field("acre", N_("Avec l’ACRE ?"), YesNo(), required=False,
                              when=(Condition("start_date"),), group=OPTIONS, law="CSS L131-6-4"),
                        Field("periodicity", N_("À quel rythme déclarez-vous ?"),
                              Choice(options=PERIODICITIES), group=OPTIONS),
                        Field("department", N_("Où ?"), Choice(options=PLACES), group=OPTIONS,
                              help=N_("L’Alsace, la Moselle et l’outre-mer ont leurs taux.")),
                        Field("flat_tax", N_("Avec le versement libératoire de l’impôt ?"),
                              YesNo(), group=OPTIONS, law="CGI 151-0"),
                        Field("income_per_share",
                              N_("Revenu fiscal de référence par part, deux ans avant"),
                              Money(declared=False), required=False,
                              when=(Condition("flat_tax", ("yes",)),), group=OPTIONS),
                        *household.household_fields(),
                    ),
                ),
            ),
        )  # fmt: skip

    def simulation_start(self, today: date) -> dict[str, str]:
        """Where most people stand: monthly, in mainland France, without options."""
        return household.start(today) | {
            "per": "year", "periodicity": "monthly", "department": "75", "flat_tax": "no",
            "nature": "commerciale",
        }  # fmt: skip

    def to_scenario(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The scenario of these answers."""
        chosen = answers.get("categories", [])
        return {
            "year": answers["year"],
            "turnover": {c: answers[f"turnover.{c}"] for c in chosen},
            "per": answers["per"],
            "nature": answers.get("nature") or "commerciale",
            "start_date": answers.get("start_date"),
            "acre": answers.get("acre", False),
            "periodicity": answers["periodicity"],
            "flat_tax": answers["flat_tax"],
            "income_per_share": answers.get("income_per_share"),
            "department": answers["department"],
            "household": household.household(answers),
        }

    def set_aside(self, profile: Profile, today: date, rates: RateTable) -> list[SetAside]:
        """Sum of the rates that today's turnover bears, by category."""
        situation = situation_of(profile, today, rates)
        return [
            SetAside(
                LABELS[category],
                sum((item.rate for item in plan_for(category, today, situation, rates).lines),
                    Decimal(0)),
            )
            for category in profile.categories
        ]  # fmt: skip

    def year(self, overview: Overview) -> list[tuple[date, Decimal]]:
        """Turnover of each month of the civil year (a longer period spreads evenly)."""
        months = [date(overview.today.year, m, 1) for m in range(1, 13)]
        found = dict.fromkeys(months, Decimal(0))
        for filed in overview.filed:
            parts = filed.declaration["parts"]
            platform = sum((Decimal(a) for a in filed.declaration["platform"].values()), Decimal(0))
            for number, part in enumerate(parts):
                start, end = date.fromisoformat(part["start"]), date.fromisoformat(part["end"])
                total = sum((Decimal(a) for a in part["turnover"].values()), Decimal(0))
                if number == len(parts) - 1:
                    total += platform
                span = [
                    date(index // 12, index % 12 + 1, 1)
                    for index in range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
                ]
                for month in span:
                    if month in found:
                        found[month] += total / len(span)
        return list(found.items())

    def alert(self, alert: Alert, words: Words) -> tuple[str, str]:
        """Title and sentence of an alert."""
        p = alert.params

        def day(name: str) -> str:
            value = p.get(name)
            if value is None:
                return ""
            return words.date(value if isinstance(value, date) else date.fromisoformat(value))

        def euros(name: str) -> str:
            return words.money(Decimal(str(p[name]))) if p.get(name) is not None else ""

        code = alert.code
        if code == "late_declarations":
            count = int(p["count"])
            title = words.n(
                "Une déclaration en retard", "{count} déclarations en retard", count
            ).format(count=count)
            return title, words.t(
                "La plus ancienne était à faire avant le {due}. Une pénalité est encourue, même "
                "sans chiffre d’affaires : déclarez dès maintenant."
            ).format(due=day("due"))
        if code == "acre_ends":
            return words.t("Votre ACRE se termine"), words.t(
                "Après le {end}, vos encaissements sont au taux plein. Mettez davantage de côté."
            ).format(end=day("end"))
        if code == "acre_ended":
            return words.t("Votre ACRE est terminée"), words.t(
                "Depuis le {end} inclus s’est achevé le taux réduit : le taux plein s’applique."
            ).format(end=day("end"))
        if code == "overseas_stage_ends":
            return words.t("Votre taux d’outre-mer va changer"), words.t(
                "Après le {end}, le taux de l’étape suivante s’applique."
            ).format(end=day("end"))
        if code == "micro_near":
            return words.t("Plafond micro bientôt atteint"), words.t(
                "{value} déclarés cette année, pour un plafond de {limit}."
            ).format(value=euros("value"), limit=euros("limit"))
        if code in {"micro_above", "micro_above_upper"}:
            return words.t("Plafond micro dépassé"), words.t(
                "{value} déclarés cette année, pour un plafond de {limit}. Deux années civiles de "
                "suite au-dessus font sortir du régime au 1er janvier suivant."
            ).format(value=euros("value"), limit=euros("limit"))
        if code == "micro_exit":
            return words.t("Vous sortez du régime micro"), words.t(
                "Deux années de suite au-dessus du plafond : le régime prend fin le {on}."
            ).format(on=day("on"))
        if code == "vat_near":
            return words.t("Franchise de TVA bientôt atteinte"), words.t(
                "{value} cette année, pour un seuil de {limit}."
            ).format(value=euros("value"), limit=euros("limit"))
        if code == "vat_above":
            return words.t("Seuil de franchise de TVA dépassé"), words.t(
                "{value} cette année, pour un seuil de {limit} : vous facturerez la TVA au "
                "1er janvier."
            ).format(value=euros("value"), limit=euros("limit"))
        if code == "vat_above_upper":
            return words.t("Seuil majoré de TVA dépassé"), words.t(
                "{value} cette année, au-dessus de {upper} : la TVA est due dès le jour du "
                "dépassement. Voyez votre service des impôts."
            ).format(value=euros("value"), upper=euros("upper"))
        if code == "dedicated_account":
            return words.t("Compte bancaire dédié obligatoire"), words.t(
                "Deux années civiles au-dessus de {limit} : ouvrez un compte réservé à l’activité."
            ).format(limit=euros("limit"))
        if code == "radiation":
            return words.t("Sortie pour absence de chiffre d’affaires"), words.t(
                "{months} mois de suite déclarés à zéro : le statut peut prendre fin."
            ).format(months=p["months"])
        if code == "radiation_near":
            return words.t("Bientôt deux ans sans chiffre d’affaires"), words.t(
                "{months} mois de suite à zéro. Au bout de 24, le statut prend fin."
            ).format(months=p["months"])
        if code == "window_periodicity":
            return words.t("Changer de rythme de déclaration"), words.t(
                "Jusqu’au {closes}, pour l’année qui commence le {effective}."
            ).format(closes=day("closes"), effective=day("effective"))
        if code == "window_flat_tax":
            return words.t("Versement libératoire : choix ouvert"), words.t(
                "Jusqu’au {closes}, pour l’année qui commence le {effective}."
            ).format(closes=day("closes"), effective=day("effective"))
        if code == "window_acre":
            return words.t("Demander l’ACRE"), words.t(
                "Vous avez jusqu’au {closes} pour la demander."
            ).format(closes=day("closes"))
        return words.t("À savoir"), alert.law


PROFESSION = AutoEntrepreneurScreens()
