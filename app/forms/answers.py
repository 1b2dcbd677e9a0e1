"""Answer types: each owns how an answer is typed, normalised, checked, summarised, exported and
read aloud. A raw answer is always the text as typed; nothing is lost while it is not yet valid."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from app.words import N_
from contract.i18n import Words
from contract.identifiers import IBAN_LENGTHS, compact, iban_error, mask, siret_error
from regimes.money import plain, round_euro

SPACES = "\u00a0\u202f\u2009\u2007 "
RIGHT_TO_LEFT = "\u200f"
"""The mark before an amount in Arabic."""
LONG_AGO = date(1900, 1, 1)
"""A day before it is a slip of the hand: 0026 for 2026."""

FAULTS: dict[str, str] = {
    "required": N_("Indiquez une réponse."),
    "money_required": N_("Indiquez un montant, 0 s’il n’y en a pas."),
    "money_zero": N_("Indiquez un montant plus grand que zéro."),
    "money_letters": N_("Un montant s’écrit en chiffres, comme 1 234,56."),
    "money_exponent": N_("Écrivez le montant en entier, sans « e »."),
    "money_negative": N_("Un montant ne peut pas être négatif."),
    "money_two": N_("Il y a plusieurs montants dans ce champ : gardez-en un seul."),
    "money_groups": N_("Les espaces séparent des groupes de trois chiffres : 1 234,56."),
    "money_mixed": N_(
        "Ce montant se lit de deux façons. Écrivez-le sans séparateur de milliers : 1234,56."
    ),
    "money_decimals": N_("Deux décimales au plus : 1234,56."),
    "money_separator": N_("Il manque des chiffres avant ou après la virgule."),
    "money_too_large": N_("Le montant doit rester sous 100 000 000 €."),
    "date_format": N_("Écrivez la date ainsi : 31/10/2026."),
    "date_unknown": N_("Ce jour n’existe pas dans le calendrier."),
    "date_early": N_("La date doit être le {limit} ou après."),
    "date_late": N_("La date doit être le {limit} ou avant."),
    "siret_characters": N_("Un SIRET ne contient que des chiffres."),
    "siret_length": N_("Un SIRET compte 14 chiffres."),
    "siret_check": N_("Ce SIRET n’existe pas : vérifiez chaque chiffre."),
    "nir_format": N_("Un numéro de sécurité sociale compte 13 chiffres, puis une clé de 2."),
    "nir_check": N_("La clé ne correspond pas au numéro : vérifiez chaque chiffre."),
    "iban_format": N_("Un IBAN commence par deux lettres et deux chiffres, comme FR76…"),
    "iban_country": N_("Ce pays n’accepte pas les prélèvements SEPA : donnez un autre compte."),
    "iban_length": N_("Un IBAN de ce pays compte {length} caractères."),
    "iban_rib": N_("La clé du compte ne correspond pas : recopiez-le depuis votre RIB."),
    "iban_check": N_("Cet IBAN n’existe pas : vérifiez chaque caractère."),
    "choice_unknown": N_("Choisissez une réponse de la liste."),
    "choice_few": N_("Choisissez au moins une réponse."),
    "text_long": N_("{limit} caractères au plus."),
    "email_format": N_("Une adresse e-mail s’écrit nom@exemple.fr."),
    "password_short": N_("Choisissez au moins {limit} caractères."),
    "password_long": N_("{limit} caractères au plus."),
    "pin_format": N_("Un code compte de 6 à 12 chiffres."),
    "pin_simple": N_("Ce code est trop facile à deviner : évitez les suites et les répétitions."),
    "count_format": N_("Indiquez un nombre entier."),
    "measure_format": N_("Indiquez un nombre, avec deux décimales au plus."),
    "count_range": N_("Indiquez un nombre entre {low} et {high}."),
    "ruled_out": N_("Cette réponse ne permet pas ce régime."),
    "incoherent": N_("Ces montants se contredisent : relisez-les."),
    "contracted_above_receipts": N_(
        "Honoraires conventionnés et dépassements, ensemble, ne peuvent pas dépasser les recettes."
    ),
    "profit_or_loss": N_("Indiquez un bénéfice ou un déficit : l’un des deux, pas les deux."),
    "list_few": N_("Ajoutez au moins un élément."),
}  # fmt: skip


class Invalid(ValueError):
    """An answer that cannot be taken. `code` names a sentence of FAULTS; `params` fill it."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def sentence(self, words: Words) -> str:
        """The fault in the person's language; dates are written as people write them."""
        shown = {k: words.date(v) if isinstance(v, date) else v for k, v in self.params.items()}
        because = self.params.get("because")
        if because:
            return words.t(because)
        return words.t(FAULTS[self.code]).format(**shown)


@dataclass(frozen=True)
class Answer:
    """Base of the answer types. An empty raw answer is no answer: `parse` is not called on it."""

    kind = "text"
    keyboard = "text"
    autofill = ""
    missing = "required"
    """Code of the fault of a required answer that is not given."""

    def parse(self, raw: str) -> Any:
        """The value of a raw answer. Raises Invalid."""
        return raw.strip()

    def normalise(self, raw: str, words: Words) -> str:
        """The raw answer rewritten as we write it, when it is valid; else as it was."""
        try:
            return self.write(self.parse(raw), words) if raw.strip() else ""
        except Invalid:
            return raw

    def write(self, value: Any, words: Words) -> str:
        """The raw answer of a value."""
        return str(value)

    def summarise(self, value: Any, words: Words) -> str:
        """The value as a summary shows it."""
        return self.write(value, words)

    def aloud(self, value: Any, words: Words) -> str:
        """The value as it is read aloud."""
        return self.summarise(value, words)

    def export(self, value: Any) -> Any:
        """The value as it goes on the wire."""
        return value

    def remark(self, value: Any, words: Words) -> str:
        """What is said under the field about how the answer was understood, if anything."""
        return ""


def parse_money(raw: str) -> Decimal:
    """Euros typed or pasted: "1 234,56", "1234.56", "1 234,56 €". Raises Invalid.

    Spaces stand only between well-formed groups of three. Two signs of separation, a tab, a new
    line or a second amount are errors: an amount is never glued together from pieces.
    """
    text = unicodedata.normalize("NFC", raw).strip(SPACES)
    if any(c in text for c in "\t\n\r\v\f;|"):
        raise Invalid("money_two")
    if text.lower().endswith("eur"):
        text = text[:-3].rstrip(SPACES)
    if text.endswith("€"):
        text = text[:-1].rstrip(SPACES)
    elif text.startswith("€"):
        text = text[1:].lstrip(SPACES)
    if "€" in text:
        raise Invalid("money_two")
    if text[:1] in "-−–(" and text:
        raise Invalid("money_negative")
    if re.fullmatch(r"[0-9.,]+e[+-]?[0-9]+", text, re.IGNORECASE):
        raise Invalid("money_exponent")
    if not re.fullmatch(rf"[0-9.,{SPACES}]+", text) or not re.search("[0-9]", text):
        raise Invalid("money_letters")
    signs = [c for c in text if c in ".,"]
    if len(signs) > 1:
        # 1.234,56 and 1,234.56 say opposite things from one country to the next.
        raise Invalid("money_mixed")
    whole, sign, cents = text, "", ""
    if signs:
        whole, sign, cents = text.partition(signs[0])
    if sign and (not whole or not cents):
        raise Invalid("money_separator")
    if any(c in SPACES for c in cents):
        raise Invalid("money_two")
    if any(c in SPACES for c in whole):
        groups = re.split(f"[{SPACES}]", whole)
        if not (1 <= len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:])):
            looks_two = any(len(g) > 3 for g in groups)
            raise Invalid("money_two" if looks_two else "money_groups")
        whole = "".join(groups)
    if len(cents) > 2:
        raise Invalid("money_decimals")
    if len(whole) > 40 or len(whole.lstrip("0")) > 8:
        raise Invalid("money_too_large")
    return Decimal(f"{whole}.{cents}" if cents else whole)


@dataclass(frozen=True)
class Money(Answer):
    """Euros, zero or more. `declared` says that the law rounds it to the euro; `some` that it is
    not zero."""

    kind = "money"
    keyboard = "number"
    missing = "money_required"
    declared: bool = True
    some: bool = False

    def parse(self, raw: str) -> Decimal:
        """Raises Invalid."""
        value = parse_money(raw)
        if self.some and not value:
            raise Invalid("money_zero")
        return value

    def write(self, value: Decimal, words: Words) -> str:
        """Digits grouped as the language groups them, without the sign: `1 234,56`."""
        shown = words.money(value).replace("€", "").replace(RIGHT_TO_LEFT, "").strip(SPACES)
        # The field takes back what it writes, and refuses points and commas between groups.
        mark = words.thousands_mark
        return shown if mark in SPACES else shown.replace(mark, "\u202f")

    def summarise(self, value: Decimal, words: Words) -> str:
        """With the sign of the euro."""
        return words.money(value)

    def export(self, value: Decimal) -> str:
        """A plain decimal text."""
        return plain(value)

    def remark(self, value: Decimal, words: Words) -> str:
        """How the law rounds it, when it does."""
        if not self.declared or value == value.to_integral_value():
            return ""
        return words.t("{typed}, soit {kept} déclarés : arrondi à l’euro").format(
            typed=words.money(value), kept=words.money(round_euro(value))
        )


@dataclass(frozen=True)
class Date(Answer):
    """A day. Bounds are included."""

    kind = "date"
    keyboard = "datetime"
    earliest: date | None = None
    latest: date | None = None

    def parse(self, raw: str) -> date:
        """Day, month, year (or ISO). Raises Invalid."""
        text = raw.strip(SPACES)
        match = re.fullmatch(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})", text)
        if match:
            day, month, year = (int(part) for part in match.groups())
        else:
            iso = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
            eight = re.fullmatch(r"([0-9]{2})([0-9]{2})([0-9]{4})", text)
            if iso:
                year, month, day = (int(part) for part in iso.groups())
            elif eight:
                day, month, year = (int(part) for part in eight.groups())
            else:
                raise Invalid("date_format")
        try:
            value = date(year, month, day)
        except ValueError:
            raise Invalid("date_unknown") from None
        earliest = self.earliest or LONG_AGO
        if value < earliest:
            raise Invalid("date_early", limit=earliest)
        if self.latest and value > self.latest:
            raise Invalid("date_late", limit=self.latest)
        return value

    def write(self, value: date, words: Words) -> str:
        """31/10/2026, in every language of the app."""
        return f"{value.day:02}/{value.month:02}/{value.year}"

    def summarise(self, value: date, words: Words) -> str:
        """31 octobre 2026."""
        return words.date(value)

    def export(self, value: date) -> str:
        """ISO 8601."""
        return value.isoformat()


@dataclass(frozen=True)
class Siret(Answer):
    """The fourteen digits of an establishment."""

    kind = "siret"
    keyboard = "number"

    def parse(self, raw: str) -> str:
        """Raises Invalid."""
        error = siret_error(raw)
        if error:
            raise Invalid(error)
        return compact(raw)

    def write(self, value: str, words: Words) -> str:
        """123 456 789 00012."""
        return f"{value[:3]} {value[3:6]} {value[6:9]} {value[9:]}"

    def aloud(self, value: str, words: Words) -> str:
        """Digit by digit."""
        return " ".join(value)


@dataclass(frozen=True)
class Nir(Answer):
    """A social security number, with its key. Corsica's 2A and 2B are taken."""

    kind = "nir"

    def parse(self, raw: str) -> str:
        """Raises Invalid."""
        text = compact(raw).upper()
        if not re.fullmatch(r"[1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{8}", text):
            raise Invalid("nir_format")
        number = text[:13].replace("2A", "19").replace("2B", "18")
        if 97 - int(number) % 97 != int(text[13:]):
            raise Invalid("nir_check")
        return text

    def write(self, value: str, words: Words) -> str:
        """2 55 08 14 168 025 38."""
        cuts = (0, 1, 3, 5, 7, 10, 13, 15)
        return " ".join(value[a:b] for a, b in pairwise(cuts))

    def summarise(self, value: str, words: Words) -> str:
        """Masked: a summary is often printed or shared."""
        return mask(value, 2)

    def aloud(self, value: str, words: Words) -> str:
        """Not read aloud whole."""
        return words.t("numéro qui finit par {end}").format(end=" ".join(value[-2:]))


@dataclass(frozen=True)
class Iban(Answer):
    """A bank account (ISO 13616)."""

    kind = "iban"

    def parse(self, raw: str) -> str:
        """Raises Invalid."""
        text = compact(raw).upper()
        error = iban_error(text)
        if error is not None:
            raise Invalid(error, length=IBAN_LENGTHS.get(text[:2], 0))
        return text

    def write(self, value: str, words: Words) -> str:
        """Groups of four."""
        return " ".join(value[i : i + 4] for i in range(0, len(value), 4))

    def summarise(self, value: str, words: Words) -> str:
        """Masked but its end."""
        return mask(value)

    def aloud(self, value: str, words: Words) -> str:
        """Not read aloud whole."""
        return words.t("compte qui finit par {end}").format(end=" ".join(value[-4:]))


@dataclass(frozen=True)
class Possible:
    """One possible answer: its code, French msgid, and a line of explanation."""

    value: str
    label: str
    hint: str = ""
    proper: bool = False
    """True when the label is a name already in the person's language."""

    def name(self, words: Words) -> str:
        """What it is called."""
        return self.label if self.proper else words.t(self.label)


@dataclass(frozen=True)
class Choice(Answer):
    """One of a few. Long lists are shown as a list to unfold, short ones as buttons."""

    kind = "choice"
    options: tuple[Possible, ...] = ()

    def parse(self, raw: str) -> str:
        """Raises Invalid."""
        if raw not in {option.value for option in self.options}:
            raise Invalid("choice_unknown")
        return raw

    def summarise(self, value: str, words: Words) -> str:
        """Its label."""
        return next(o.name(words) for o in self.options if o.value == value)


@dataclass(frozen=True)
class YesNo(Choice):
    """Yes or no."""

    kind = "yes_no"
    options: tuple[Possible, ...] = (Possible("yes", N_("Oui")), Possible("no", N_("Non")))

    def export(self, value: str) -> bool:
        """True for yes."""
        return value == "yes"


@dataclass(frozen=True)
class Eligible(YesNo):
    """Yes or no, where one of the two rules the régime out: `because` (French msgid) says why, and
    what to do."""

    out: str = "no"
    because: str = ""

    def parse(self, raw: str) -> str:
        """Raises Invalid."""
        value = super().parse(raw)
        if value == self.out:
            raise Invalid("ruled_out", because=self.because)
        return value


@dataclass(frozen=True)
class MultiChoice(Answer):
    """Several of a few; the raw answer is their codes, separated by commas."""

    kind = "multi_choice"
    options: tuple[Possible, ...] = ()
    fewest: int = 1

    def parse(self, raw: str) -> tuple[str, ...]:
        """In the order of the options. Raises Invalid."""
        chosen = {part for part in raw.split(",") if part}
        known = [option.value for option in self.options]
        if not chosen <= set(known):
            raise Invalid("choice_unknown")
        if len(chosen) < self.fewest:
            raise Invalid("choice_few")
        return tuple(value for value in known if value in chosen)

    def write(self, value: Sequence[str], words: Words) -> str:
        """Codes separated by commas."""
        return ",".join(value)

    def summarise(self, value: Sequence[str], words: Words) -> str:
        """Labels."""
        labels = {option.value: option.label for option in self.options}
        return " · ".join(words.t(labels[v]) for v in value)

    def export(self, value: Sequence[str]) -> list[str]:
        """A list of codes."""
        return list(value)


@dataclass(frozen=True)
class Text(Answer):
    """A few words."""

    longest: int = 120
    autofill: str = ""

    def parse(self, raw: str) -> str:
        """Raises Invalid."""
        text = " ".join(raw.split())
        if len(text) > self.longest:
            raise Invalid("text_long", limit=self.longest)
        return text


@dataclass(frozen=True)
class Memo(Text):
    """Several lines of words."""

    kind = "memo"
    longest: int = 4000

    def parse(self, raw: str) -> str:
        """Raises Invalid. Lines are kept as written."""
        text = raw.strip()
        if len(text) > self.longest:
            raise Invalid("text_long", limit=self.longest)
        return text

    def normalise(self, raw: str, words: Words) -> str:
        """As written."""
        return raw


@dataclass(frozen=True)
class Email(Answer):
    """An e-mail address."""

    kind = "email"
    keyboard = "email"
    autofill = "username"

    def parse(self, raw: str) -> str:
        """Lower case. Raises Invalid."""
        text = raw.strip().lower()
        if len(text) > 254 or not re.fullmatch(
            r"[^@\s<>\"(),:;\[\]\\]+@[^@\s.<>]+(\.[^@\s.<>]+)+", text
        ):
            raise Invalid("email_format")
        return text


@dataclass(frozen=True)
class Password(Answer):
    """A password: never normalised, summarised, exported to a draft, or read aloud."""

    kind = "password"
    autofill = "current-password"
    new: bool = False
    shortest: int = 12

    def parse(self, raw: str) -> str:
        """Raises Invalid."""
        if self.new and len(raw) < self.shortest:
            raise Invalid("password_short", limit=self.shortest)
        if len(raw) > 256:
            raise Invalid("password_long", limit=256)
        return raw

    def normalise(self, raw: str, words: Words) -> str:
        """As typed."""
        return raw

    def summarise(self, value: str, words: Words) -> str:
        """Dots."""
        return "••••••••"

    def aloud(self, value: str, words: Words) -> str:
        """Only that there is one."""
        return words.t("mot de passe saisi")


@dataclass(frozen=True)
class Pin(Password):
    """The code of a device: 6 to 12 digits. `strict` refuses what is guessed first."""

    kind = "pin"
    keyboard = "digits"
    autofill = ""
    strict: bool = False

    def parse(self, raw: str) -> str:
        """Raises Invalid."""
        code = "".join(raw.split())
        if not (6 <= len(code) <= 12 and code.isascii() and code.isdigit()):
            raise Invalid("pin_format")
        steps = {(int(b) - int(a)) % 10 for a, b in pairwise(code)}
        half = code[: len(code) // 2]
        if self.strict and (len(steps) == 1 or len(set(code)) < 3 or half * 2 == code):
            raise Invalid("pin_simple")
        return code

    def aloud(self, value: str, words: Words) -> str:
        """Only that there is one."""
        return words.t("code saisi")


@dataclass(frozen=True)
class Count(Answer):
    """A whole number."""

    kind = "count"
    keyboard = "number"
    low: int = 0
    high: int = 999

    def parse(self, raw: str) -> int:
        """Raises Invalid."""
        text = raw.strip(SPACES)
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise Invalid("count_format")
        value = int(text)
        if not self.low <= value <= self.high:
            raise Invalid("count_range", low=self.low, high=self.high)
        return value


@dataclass(frozen=True)
class Measure(Answer):
    """A measure above zero, with two decimals at most."""

    kind = "measure"
    keyboard = "number"
    most: Decimal = Decimal(100)

    def parse(self, raw: str) -> Decimal:
        """Raises Invalid."""
        text = raw.strip(SPACES).replace(",", ".")
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,2})?", text):
            raise Invalid("measure_format")
        value = Decimal(text)
        if not 0 < value <= self.most:
            raise Invalid("count_range", low=0, high=int(self.most))
        return value

    def write(self, value: Decimal, words: Words) -> str:
        """As people write it: `9,5` in French."""
        shown = plain(value)
        return shown.replace(".", words.decimal_mark)

    def export(self, value: Decimal) -> str:
        """A plain decimal text."""
        return plain(value)


@dataclass(frozen=True)
class ListOf(Answer):
    """Rows of the same fields. The raw answer is the number of rows; row 2's `name` has the path
    `children.2.name` when the list's own path is `children`."""

    kind = "list"
    columns: tuple[Any, ...] = ()
    fewest: int = 0
    most: int = 50
    add: str = field(default_factory=lambda: N_("Ajouter"))

    def parse(self, raw: str) -> int:
        """The number of rows. Raises Invalid."""
        value = int(raw) if re.fullmatch(r"[0-9]{1,3}", raw) else -1
        if not 0 <= value <= self.most:
            raise Invalid("count_range", low=self.fewest, high=self.most)
        if value < self.fewest:
            raise Invalid("list_few")
        return value

    def summarise(self, value: int, words: Words) -> str:
        """How many rows."""
        return words.n("{count} élément", "{count} éléments", value).format(count=value)


def labels(options: Mapping[str, str]) -> tuple[Possible, ...]:
    """Options from a mapping of codes to French msgids."""
    return tuple(Possible(value, label) for value, label in options.items())
