"""What the provider of the tests says of people: an address, verified for some."""

from __future__ import annotations

from typing import Any, ClassVar

from oauth2_provider.oauth2_validators import OAuth2Validator


class Validator(OAuth2Validator):
    """Adds the e-mail address to what the toolkit says."""

    oidc_claim_scope: ClassVar[dict[str, str]] = {
        **OAuth2Validator.oidc_claim_scope,
        "email_verified": "email",
    }

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """The address, verified for everybody but alex."""
        if not request.user.email:
            return {}
        verified = request.user.username != "alex"
        return {"email": request.user.email, "email_verified": verified}
