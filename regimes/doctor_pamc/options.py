"""Rights and events of a contracted doctor."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pydantic import ValidationError

from regimes.dated import RateTable
from regimes.doctor_pamc.profile import Profile, YearIncome
from regimes.ending import ending_option, read_end
from regimes.regime import Choice, History, Option, OptionRefused

ENDED = "Votre activité a pris fin."
URSSAF = "https://www.urssaf.fr"


def options(profile: Profile, history: History, today: date, rates: RateTable) -> list[Option]:
    """Every option, open or not."""
    ended = profile.end_date is not None
    given = [e for e in profile.estimates if e.year == today.year]
    calls = rates.get("calls.quarter.1", today)
    return [
        Option(
            code="modulation",
            label="Ajuster mes cotisations sur un revenu estimé",
            summary="Vous pensez gagner plus ou moins que l’an dernier ? Les prochains appels "
            "suivent le revenu brut social que vous estimez pour cette année. La régularisation "
            "remet tout à sa place.",
            current=str(given[-1].income) if given else "",
            choices=(),
            open=not ended,
            effective=today,
            reason=ENDED if ended else "",
            law="CSS L131-6-2",
            source=URSSAF,
            asks="money",
            params={"year": today.year},
        ),
        Option(
            code="payment",
            label="Rythme des prélèvements",
            summary="Chaque mois, le 5 ou le 20, ou quatre fois par an.",
            current=profile.payment,
            choices=(
                Choice("monthly_5", "Le 5 de chaque mois"),
                Choice("monthly_20", "Le 20 de chaque mois"),
                Choice("quarterly", "Chaque trimestre", "5 février, 5 mai, 5 août, 5 novembre."),
            ),
            open=not ended,
            effective=today,
            reason=ENDED if ended else "",
            law=calls.law,
            source=calls.source,
            status=calls.status,
            note=calls.note,
        ),
        ending_option(
            profile.start_date,
            profile.end_date,
            summary="Indiquer la date à laquelle vous cessez, et préparer la dernière année.",
            law="CSS R613-14",
            source=URSSAF,
        ),
    ]


def choose(
    profile: Profile, option: str, value: str, history: History, today: date, rates: RateTable
) -> Profile:
    """The profile once `option` is used. Raises OptionRefused."""
    found = {o.code: o for o in options(profile, history, today, rates)}.get(option)
    if found is None:
        raise OptionRefused("option_unknown", "option")
    if not found.open:
        raise OptionRefused("option_closed", "option")
    data = profile.model_dump()
    if option == "modulation":
        kept = [e for e in profile.estimates if (e.year, e.on) != (today.year, today)]
        try:
            new = YearIncome.model_validate({"year": today.year, "income": value, "on": today})
        except ValidationError:
            raise OptionRefused("amount_malformed") from None
        data["estimates"] = [*kept, new]
    elif option == "payment":
        if value not in {choice.value for choice in found.choices}:
            raise OptionRefused("choice_unknown")
        if value == found.current:
            raise OptionRefused("choice_unchanged")
        data["payment"] = value
    else:
        data["end_date"] = read_end(value, profile.start_date, today)
    return Profile.model_validate(data)


def estimated(profile: Profile, year: int) -> Decimal | None:
    """The latest income the person estimated for `year`."""
    given = [e.income for e in profile.estimates if e.year == year]
    return given[-1] if given else None
