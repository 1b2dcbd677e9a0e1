"""Words and figures in the language of the person: gettext catalogs and Babel formats.

French is the source: a msgid is the French sentence. Catalogs are the .po files of `locales/`,
read once per language; there is nothing to compile.
"""

from __future__ import annotations

import gettext
import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date as Day
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

DOMAIN = "quittance"
SOURCE = "fr"
PARIS: tzinfo = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Language:
    """A language of the app. `name` is its own; `reviewed` says that a second person read it;
    `rtl` that it is written from right to left."""

    code: str
    tag: str
    name: str
    reviewed: bool = True
    rtl: bool = False


LANGUAGES = {
    found.code: found
    for found in (
        Language("fr", "fr_FR", "Français"),
        Language("en", "en_GB", "English"),
        Language("es", "es_ES", "Español", reviewed=False),
        Language("pt", "pt_PT", "Português", reviewed=False),
        # As in Morocco: figures in Western digits, which is how readers in France write them.
        Language("ar", "ar_MA", "العربية", reviewed=False, rtl=True),
    )
}
LOCALES = tuple(LANGUAGES)
PAPERS = tuple(code for code, found in LANGUAGES.items() if found.reviewed)
"""Languages of sealed documents and files: what proves something is in words that were reviewed."""


def paper(locale: str) -> str:
    """The language of the documents of somebody who reads `locale`: the same, or French."""
    return locale if locale in PAPERS else SOURCE


def N_(message: str) -> str:
    """`message` itself: marks a French msgid written in data, translated where it is shown."""
    return message


def locales_folder() -> Path:
    """Folder of the catalogs: beside the packages, or where QUITTANCE_LOCALES says."""
    return Path(os.environ.get("QUITTANCE_LOCALES") or Path(__file__).parent.parent / "locales")


@cache
def _catalog(locale: str) -> gettext.NullTranslations:
    path = locales_folder() / locale / "LC_MESSAGES" / f"{DOMAIN}.po"
    made = path.with_suffix(".mo")
    if not path.exists() and made.exists():  # the pocket ships catalogs compiled
        with made.open("rb") as file:
            return gettext.GNUTranslations(file)
    if not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=locale, domain=DOMAIN)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@dataclass(frozen=True)
class _Quick:
    """Euros in one language, as Babel writes them, ten times faster: a keystroke shows several.
    For figures that need no rounding."""

    before: str
    after: str
    signs: dict[int, str]
    digits: int

    def write(self, euros: Decimal) -> str:
        """Zero or more euros."""
        return self.before + f"{euros:,.{self.digits}f}".translate(self.signs) + self.after


SAMPLES = tuple(Decimal(n) for n in ("0", "7", "1234", "12345", "123456", "1234567", "98765432.10"))


def _quick(slow: Callable[[Decimal, bool], str], cents: bool) -> _Quick | None:
    """How `slow` writes euros, learned from what it writes; None for a language that does it
    otherwise (signs elsewhere, other groups, other digits)."""
    digits = 2 if cents else 0
    example = slow(Decimal("1234567"), cents)
    found = re.fullmatch(
        r"(\D*)1(\D)234(?:\2)567" + (r"(\D)00" if cents else "()") + r"(\D*)", example
    )
    if found is None:
        return None
    before, group, point, after = found.groups()
    quick = _Quick(before, after, str.maketrans({",": group, ".": point}), digits)
    same = all(
        quick.write(sample) == slow(sample, cents)
        for sample in SAMPLES
        if cents or sample == sample.to_integral_value()
    )
    return quick if same else None


class Words:
    """One language: sentences, and figures as its readers write them."""

    def __init__(self, locale: str) -> None:
        self.locale = locale if locale in LOCALES else SOURCE
        self.language = LANGUAGES[self.locale]
        self._catalog = _catalog(self.locale)
        self._babel = Locale.parse(self.language.tag)
        self._quick = {cents: _quick(self._money, cents) for cents in (False, True)}

    @property
    def rtl(self) -> bool:
        """Whether it is written from right to left."""
        return self.language.rtl

    @property
    def direction(self) -> str:
        """The `dir` of an HTML page: ltr or rtl."""
        return "rtl" if self.rtl else "ltr"

    @property
    def paper(self) -> str:
        """The language of documents for who reads this one."""
        return paper(self.locale)

    @property
    def decimal_mark(self) -> str:
        """The sign between euros and cents."""
        return str(self._babel.number_symbols["latn"]["decimal"])

    @property
    def thousands_mark(self) -> str:
        """The sign between groups of three digits."""
        return str(self._babel.number_symbols["latn"]["group"])

    def t(self, message: str) -> str:
        """`message` (French msgid) in this language. The empty text stays empty."""
        return self._catalog.gettext(message) if message else ""

    def n(self, one: str, many: str, count: int) -> str:
        """`one` or `many` as `count` asks, in this language."""
        if isinstance(self._catalog, gettext.GNUTranslations):
            return self._catalog.ngettext(one, many, count)
        return one if count in (0, 1) else many

    def money(self, euros: Decimal, cents: bool | None = None) -> str:
        """Euros: without cents when there are none, unless `cents` says."""
        whole = euros == euros.to_integral_value()
        if cents is None:
            cents = not whole
        quick = self._quick[cents]
        if quick is not None and euros >= 0 and (whole or (cents and euros == round(euros, 2))):
            return quick.write(euros)
        return self._money(euros, cents)

    def _money(self, euros: Decimal, cents: bool) -> str:
        pattern = None
        if not cents:
            pattern = self._babel.currency_formats["standard"].pattern.replace(".00", "")
        return format_currency(euros, "EUR", pattern, locale=self._babel, currency_digits=cents)

    def number(self, value: Decimal | int) -> str:
        """A plain number."""
        return format_decimal(value, locale=self._babel)

    def percent(self, rate: Decimal) -> str:
        """A rate given in percent: 12.3 is 12,3 %."""
        return format_percent(rate / 100, locale=self._babel, decimal_quantization=False)

    def date(self, day: Day, style: str = "long") -> str:
        """A date: long (31 octobre 2026), medium, short, or full."""
        return self._first(day, format_date(day, style, locale=self._babel))

    def _first(self, day: Day, text: str) -> str:
        """French says "1er octobre" for the first of a month, and for no other day."""
        if self.locale == "fr" and day.day == 1 and text.startswith("1 "):
            return "1er" + text[1:]
        return text

    def month(self, day: Day) -> str:
        """A month and its year: octobre 2026."""
        return format_date(day, "LLLL y", locale=self._babel)

    def weekday_letter(self, day: Day) -> str:
        """The initial of a day of the week."""
        return format_date(day, "EEEEE", locale=self._babel)

    def month_letter(self, day: Day) -> str:
        """The initial of a month, for the foot of a chart."""
        return format_date(day, "LLLLL", locale=self._babel)

    def month_name(self, day: Day) -> str:
        """A month without its year: octobre."""
        return format_date(day, "LLLL", locale=self._babel)

    def day_number(self, day: Day) -> str:
        """A day of the month, alone: 5, and 1er in French."""
        return self._first(day, f"{day.day} ").strip()

    def day_month(self, day: Day) -> str:
        """A day and its month: 31 octobre."""
        return self._first(day, format_date(day, "d MMMM", locale=self._babel))

    def moment(self, at: datetime, zone: tzinfo = PARIS) -> str:
        """A moment in Paris, to the minute."""
        shown = format_datetime(at, "d MMMM y, HH:mm", tzinfo=zone, locale=self._babel)
        return self._first(at.astimezone(zone).date(), shown)

    def hour(self, at: datetime, zone: tzinfo = PARIS) -> str:
        """The hour of a moment in Paris."""
        return format_datetime(at, "HH:mm", tzinfo=zone, locale=self._babel)

    def period(self, start: Day, end: Day) -> str:
        """A period as people say it: octobre 2026, 3e trimestre 2026, or its two days."""
        whole = start.day == 1 and (end + timedelta(days=1)).day == 1
        months = (end.year - start.year) * 12 + end.month - start.month + 1
        if whole and months == 1:
            return self.month(start)
        if whole and months == 3 and start.month % 3 == 1:
            names = (
                self.t("1er trimestre {year}"), self.t("2e trimestre {year}"),
                self.t("3e trimestre {year}"), self.t("4e trimestre {year}"),
            )  # fmt: skip
            return names[(start.month - 1) // 3].format(year=start.year)
        if whole and months == 12 and start.month == 1:
            return str(start.year)
        return self.t("du {start} au {end}").format(start=self.date(start), end=self.date(end))


@cache
def words(locale: str) -> Words:
    """The words of `locale`, or French for a language we do not have."""
    return Words(locale)
