"""Tell our links, addresses and phone numbers from those made to look like them.

Nothing is fetched: the answer is read from the text and from the settings alone.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from difflib import SequenceMatcher
from email.utils import parseaddr
from urllib.parse import urlsplit

from backend.settings import Settings
from contract.alerts import MessageVerdict

LINK = re.compile(r"[a-z][a-z0-9+.-]*:|//|www\.", re.IGNORECASE)
NEAR = 0.8
"""Likeness (Ratcliff and Obershelp) from which a name is taken for an imitation of ours."""
# Letters of other scripts, and digits, that pass for a Latin letter.
LOOKS = str.maketrans(
    dict(zip("аеорсухіѕјһԁԛѡνοαερτικηωυ", "aeopcyxisjhdqwvoaeptiknwu", strict=True))
    | dict(zip("013578ⅼıɩ", "olestblii", strict=True))
)


def judge(text: str, settings: Settings) -> MessageVerdict:
    """What `text` is: ours, somebody else's, or an imitation, and what gives it away."""
    told = unicodedata.normalize("NFC", text).strip().strip("<>()[]\"'«».,;")
    if not told or len(told.split()) > 6 or any(c in told for c in "\0\r\n\t"):
        return MessageVerdict(verdict="unreadable", kind="none")
    if "@" in told and not LINK.match(told):
        return _address(told, settings)
    digits = re.sub(r"[\s.()\-/\u00a0\u202f]", "", told)
    if re.fullmatch(r"\+?[0-9]{3,15}", digits):
        ours = _phone(digits) in {_phone(n) for n in _phones(settings)}
        return MessageVerdict(verdict="ours" if ours else "foreign", kind="phone")
    if LINK.match(told) or re.fullmatch(r"[^\s/]+\.[^\s/.]{2,}([/?#]\S*)?", told):
        return _link(told, settings)
    return MessageVerdict(verdict="unreadable", kind="none")


def _link(told: str, settings: Settings) -> MessageVerdict:
    own = urlsplit(settings.url)
    full = told if re.match(r"[a-z][a-z0-9+.-]*:", told, re.IGNORECASE) else (
        f"https://{told.removeprefix('//')}"
    )  # fmt: skip
    if any(c.isspace() or unicodedata.category(c) in {"Cf", "Cc"} for c in full) or "\\" in full:
        return MessageVerdict(verdict="imitation", kind="link", why="letters")
    try:
        url = urlsplit(full)
        host, port = (url.hostname or "").rstrip("."), url.port
    except ValueError:
        return MessageVerdict(verdict="unreadable", kind="link")
    if not host:
        return MessageVerdict(verdict="unreadable", kind="link")
    mine = (own.hostname or "").rstrip(".")
    if host == mine:
        if url.username is not None or url.password is not None:
            return MessageVerdict(verdict="imitation", kind="link", why="user")
        if url.scheme.lower() != own.scheme:
            return MessageVerdict(verdict="imitation", kind="link", why="scheme")
        if (port or _usual(url.scheme)) != (own.port or _usual(own.scheme)):
            return MessageVerdict(verdict="imitation", kind="link", why="port")
        return MessageVerdict(verdict="ours", kind="link")
    if mine in (url.username or "") or mine in (url.password or ""):
        return MessageVerdict(verdict="imitation", kind="link", why="user")
    why = _pretends(host, mine)
    return MessageVerdict(verdict="imitation" if why else "foreign", kind="link", why=why)


def _address(told: str, settings: Settings) -> MessageVerdict:
    found = parseaddr(told)[1].lower()
    own = {parseaddr(settings.mail_from)[1].lower(), settings.service_email.lower()} - {""}
    if found in own:
        return MessageVerdict(verdict="ours", kind="email")
    name, _, host = found.rpartition("@")
    if not name or not host:
        return MessageVerdict(verdict="unreadable", kind="email")
    for mine in sorted({each.rpartition("@")[2] for each in own}):
        if host == mine:
            # Our domain, but nobody who writes to people: a From line is easily forged.
            return MessageVerdict(verdict="imitation", kind="email", why="user")
        why = _pretends(host, mine)
        if why:
            return MessageVerdict(verdict="imitation", kind="email", why=why)
    return MessageVerdict(verdict="foreign", kind="email")


def _pretends(host: str, mine: str) -> str:
    """What makes another host look like ours, or nothing."""
    if re.fullmatch(r"[0-9.:]+", mine):
        return ""  # a number has no look
    shown = _shown(host)
    seen, own = _skeleton(shown), _skeleton(mine)
    if seen == own:
        return "letters"
    brand = max(own.split("."), key=len)
    letters = "" if shown.isascii() else "letters"
    if own.replace(".", "-") in seen or (len(brand) > 3 and brand in seen):
        return letters or "domain"
    parts = [part for part in seen.split(".") if len(part) > 3]
    likeness = [SequenceMatcher(None, part, brand).ratio() for part in parts]
    if SequenceMatcher(None, seen, own).ratio() >= NEAR or max(likeness, default=0) >= NEAR:
        return letters or "near"
    return ""


def _shown(host: str) -> str:
    """A host as a browser may show it: punycode in letters."""
    parts = []
    for part in host.lower().split("."):
        if part.startswith("xn--"):
            with suppress(UnicodeError, ValueError):
                part = part[4:].encode("ascii").decode("punycode")
        parts.append(part)
    return ".".join(parts)


def _skeleton(text: str) -> str:
    """Letters that look alike made one: what an eye reads."""
    flat = unicodedata.normalize("NFKD", text).lower().translate(LOOKS)
    flat = "".join(c for c in flat if not unicodedata.combining(c))
    return flat.replace("rn", "m").replace("vv", "w")


def _usual(scheme: str) -> int | None:
    return {"https": 443, "http": 80}.get(scheme.lower())


def _phones(settings: Settings) -> list[str]:
    return re.findall(r"\+?[0-9][0-9 .\u00a0\u202f-]{2,}", settings.service_phone)


def _phone(text: str) -> str:
    """A French number, however its country is written."""
    digits = re.sub(r"[^0-9+]", "", text)
    for prefix in ("+33", "0033"):
        if digits.startswith(prefix):
            return "0" + digits.removeprefix(prefix).lstrip("0")
    return digits
