"""VRP with several cards: sign-up and claim forms as data, and their words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.forms.answers import Choice, Date, Eligible, ListOf, Money, Siret, Text, labels
from app.forms.form import Field, Form, Step
from app.screens.professions.base import Defaults, SetAside
from app.words import N_
from contract.accounts import Overview
from contract.i18n import Words
from regimes.dated import RateTable
from regimes.money import plain
from regimes.regime import Alert, Period
from regimes.vrp import REGIME, Profile
from regimes.vrp.declaration import CATEGORY_LABELS
from regimes.vrp.profile import EARLIEST

NOT_EMPLOYED = N_(
    "Ce régime est celui des VRP salariés de plusieurs employeurs. Un agent commercial indépendant "
    "déclare comme auto-entrepreneur ou travailleur indépendant."
)
CATEGORIES = labels(CATEGORY_LABELS)


def spread(total: Decimal, count: int) -> list[Decimal]:
    """Euros of a year over `count` months: whole cents that add up to `total`."""
    cents = int(total * 100)
    each = cents // count
    parts = [each] * (count - 1) + [cents - each * (count - 1)]
    return [Decimal(part).scaleb(-2) for part in parts]


def _rows(answers: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Rows of a list of answers."""
    count = int(answers.get(name, 0))
    return [
        {
            path.split(".", 2)[2]: value
            for path, value in answers.items()
            if path.startswith(f"{name}.{row}.")
        }
        for row in range(count)
    ]


def _given(row: Mapping[str, Any], name: str) -> str | None:
    """An optional answer; the zero that stands for a question not answered yet is none."""
    value = row.get(name)
    return None if value in (None, "", "0") else str(value)


class VrpScreens(Defaults):
    """Answers of the Profession protocol."""

    code = REGIME.code
    year_label = N_("Salaire brut de vos demandes")
    nil = ""
    optional_note = N_("Pas de trop-versé ? Il n’y a rien à demander.")
    other_bodies = N_("Pour comparer, et ce que chaque employeur a déclaré")

    def profile_form(self, today: date) -> Form:
        """Whether it is the right service, then the account."""
        return Form(
            "vrp-profile", 1,
            (
                Step(
                    "activity", N_("Votre activité"),
                    (
                        Field("employed", N_("Êtes-vous salarié de deux employeurs ou plus, comme "
                                             "VRP ?"),
                              Eligible(because=NOT_EMPLOYED), law="C. trav. L7311-1"),
                        Field("start_date", N_("Depuis quand êtes-vous VRP multicartes ?"),
                              Date(earliest=EARLIEST, latest=today),
                              hint=N_("Par exemple 15/03/2024.")),
                        Field("card", N_("Numéro de carte d’identité professionnelle"), Text(),
                              required=False),
                    ),
                    intro=N_("Le SIRET demandé ensuite est celui de l’un de vos employeurs : il "
                             "figure sur chaque bulletin de paie."),
                ),
            ),
        )  # fmt: skip

    def to_profile(self, answers: Mapping[str, Any], today: date) -> dict[str, Any]:
        """The profile that these answers describe."""
        return {"start_date": answers["start_date"], "card": answers.get("card", "")}

    def declaration_form(self, profile: Profile, period: Period, rates: RateTable) -> Form:
        """Employers of the year with what each paid and filed, and expenses."""
        employer = (
            Field("name", N_("Nom de l’employeur"), Text()),
            Field("siret", N_("SIRET de l’employeur"), Siret()),
            Field("start", N_("Premier jour, s’il est dans l’année"),
                  Date(earliest=period.start, latest=period.end), required=False),
            Field("end", N_("Dernier jour, s’il est dans l’année"),
                  Date(earliest=period.start, latest=period.end), required=False),
            Field("gross", N_("Salaire brut de l’année"), Money(declared=False)),
            Field("capped", N_("Base plafonnée déclarée, si vous la connaissez"),
                  Money(declared=False), required=False),
        )  # fmt: skip
        expense = (
            Field("category", N_("Nature"), Choice(options=CATEGORIES)),
            Field("amount", N_("Montant non remboursé"), Money(declared=False)),
        )
        return Form(
            "vrp-declaration", REGIME.form_version,
            (
                Step(
                    "amounts", N_("Montants"),
                    (
                        Field("employers", N_("Employeurs de l’année"),
                              ListOf(columns=employer, fewest=1, most=20,
                                     add=N_("Ajouter un employeur")),
                              help=N_("Sans base plafonnée, nous retenons le salaire brut dans la "
                                      "limite d’un plafond entier : ce que chaque employeur "
                                      "déclare quand il ne connaît pas les autres."),
                              law="CSS L241-3"),
                        Field("expenses", N_("Frais que vous avez supportés"),
                              ListOf(columns=expense, most=50, add=N_("Ajouter un frais")),
                              required=False,
                              help=N_("Frais professionnels réels, sur justificatifs, que personne "
                                      "ne vous a remboursés.")),
                    ),
                    intro=N_("Ce que chaque employeur vous a versé dans l’année, comme sur le "
                             "bulletin de décembre. Le trop-versé se calcule à mesure."),
                ),
            ),
        )  # fmt: skip

    def to_declaration(
        self, answers: Mapping[str, Any], profile: Profile, period: Period, rates: RateTable
    ) -> dict[str, Any]:
        """The claim of these answers: the year's figures spread over the months worked."""
        year = period.end.year
        employers = []
        for row in _rows(answers, "employers"):
            start = _given(row, "start") or f"{year}-01-01"
            end = _given(row, "end")
            first = date.fromisoformat(start).month
            last = date.fromisoformat(end).month if end else 12
            numbers = range(first, max(first, last) + 1)
            gross = spread(Decimal(row["gross"]), len(numbers))
            capped = _given(row, "capped")
            filed = spread(Decimal(capped), len(numbers)) if capped is not None else None
            employers.append(
                {
                    "siret": row["siret"], "name": row["name"], "start": start, "end": end,
                    "months": [
                        {
                            "month": number, "gross": plain(gross[at]),
                            **({"filed": {"capped": plain(filed[at])}} if filed else {}),
                        }
                        for at, number in enumerate(numbers)
                    ],
                }
            )  # fmt: skip
        return {
            "regime": self.code,
            "employers": employers,
            "expenses": [
                {"category": row["category"], "amount": row["amount"]}
                for row in _rows(answers, "expenses")
                if _given(row, "category")
            ],
        }

    def from_declaration(self, declaration: Mapping[str, Any]) -> dict[str, str]:
        """Raw answers that give this claim again."""

        def money(value: Decimal) -> str:
            return plain(value).replace(".", ",")

        def day(text: str | None) -> str:
            return date.fromisoformat(text).strftime("%d/%m/%Y") if text else ""

        found = {"employers": str(len(declaration["employers"]))}
        for row, employer in enumerate(declaration["employers"]):
            months = employer["months"]
            filed = [m["filed"]["capped"] for m in months if m.get("filed")]
            told = [Decimal(value) for value in filed if value is not None]
            raw = {
                "name": employer["name"], "siret": employer["siret"],
                "start": day(employer.get("start")), "end": day(employer.get("end")),
                "gross": money(sum((Decimal(m["gross"]) for m in months), Decimal(0))),
                "capped": money(sum(told, Decimal(0))) if told else "",
            }  # fmt: skip
            found |= {f"employers.{row}.{name}": text for name, text in raw.items() if text}
        found["expenses"] = str(len(declaration["expenses"]))
        for row, expense in enumerate(declaration["expenses"]):
            found[f"expenses.{row}.category"] = expense["category"]
            found[f"expenses.{row}.amount"] = money(Decimal(expense["amount"]))
        return found

    def objection(self, declaration: Any, correcting: bool) -> str:
        """A claim of nothing is not sent."""
        if declaration.employers or correcting:
            return ""
        return N_("Ajoutez au moins un employeur : sans salaire, il n’y a rien à demander.")

    def set_aside(self, profile: Profile, today: date, rates: RateTable) -> list[SetAside]:
        """Nothing: employers withhold the contributions."""
        return []

    def year(self, overview: Overview) -> list[tuple[date, Decimal]]:
        """Gross pay of each month of the year before, as claimed; of this year there is none."""
        months = [date(overview.today.year, m, 1) for m in range(1, 13)]
        found = dict.fromkeys(months, Decimal(0))
        for filed in overview.filed:
            if filed.period != str(overview.today.year):
                continue
            for employer in filed.declaration["employers"]:
                for pay in employer["months"]:
                    found[date(overview.today.year, pay["month"], 1)] += Decimal(pay["gross"])
        return list(found.items())

    def alert(self, alert: Alert, words: Words) -> tuple[str, str]:
        """Title and sentence of an alert."""
        p = alert.params

        def day(name: str) -> str:
            value = p[name]
            return words.date(value if isinstance(value, date) else date.fromisoformat(value))

        if alert.code == "vrp_year_ending":
            return words.t("{year} : demandez sans attendre").format(year=p["year"]), words.t(
                "Trois ans après leur paiement, les cotisations ne se réclament plus : une partie "
                "de {year} est déjà perdue, le reste le sera le {last}."
            ).format(year=p["year"], last=day("last"))
        if alert.code == "vrp_year_whole_until":
            return words.t("{year} se réclame en entier jusqu’au {due}").format(
                year=p["year"], due=day("due")
            ), words.t("Après cette date, le début de l’année ne se réclame plus.")
        return words.t("À savoir"), alert.law


PROFESSION = VrpScreens()
