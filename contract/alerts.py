"""Is this message from us?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from contract.base import Answer, Wire


class MessageCheck(Wire):
    """A link, an e-mail address or a phone number, as pasted."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class MessageVerdict(Answer):
    """`ours`; `foreign`: of somebody else; `imitation`: made to look like ours; `unreadable`.
    `why` names what gives an imitation away: domain, letters, user, scheme, port, near."""

    verdict: Literal["ours", "foreign", "imitation", "unreadable"]
    kind: Literal["link", "email", "phone", "none"]
    why: str = ""
