"""A real OpenID Connect provider on loopback: Django OAuth Toolkit, in a process of its own.

    python -m tests.support.provider FOLDER CALLBACK LEFT

It prints its address. The folder holds its database and its signing key; `camille` and `alex` may
sign in with PASSWORD. Its clients are `quittance` and `another`, both with SECRET.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

PASSWORD = "sesame du fournisseur"
SECRET = "secret-of-the-tests"
KEY = "provider.pem"
PEOPLE = {
    "camille": "camille@example.org", "alex": "alex@example.org", "sasha": "Sasha@Example.org",
    "nobody": "",
}  # fmt: skip


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def run(folder: Path, callback: str, left: str) -> None:
    """Serve until killed."""
    import os

    import django
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from django.conf import settings

    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )  # fmt: skip
    (folder / KEY).write_bytes(key)
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback
    server = make_server("127.0.0.1", 0, lambda *_: [], WSGIServer, _Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    settings.configure(
        SECRET_KEY="tests", ALLOWED_HOSTS=["127.0.0.1"], USE_TZ=True,
        ROOT_URLCONF="tests.support.provider_urls",
        DEBUG=False, LOGIN_URL="/login", DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3",
                               "NAME": str(folder / "provider.sqlite3")}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes",
                        "django.contrib.sessions", "oauth2_provider"],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                    "django.contrib.auth.middleware.AuthenticationMiddleware"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates",
                    "APP_DIRS": True}],
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True, "OIDC_RSA_PRIVATE_KEY": key.decode(), "PKCE_REQUIRED": True,
            "OIDC_ISS_ENDPOINT": address, "SCOPES": {"openid": "o", "email": "e"},
            "OAUTH2_VALIDATOR_CLASS": "tests.support.provider_claims.Validator",
            "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
            "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
        },
    )  # fmt: skip
    django.setup()
    _fill(callback, left)
    from django.core.handlers.wsgi import WSGIHandler

    server.set_app(WSGIHandler())
    print(address, flush=True)
    server.serve_forever()


def _fill(callback: str, left: str) -> None:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from oauth2_provider.models import get_application_model

    call_command("migrate", verbosity=0)
    for name, email in PEOPLE.items():
        get_user_model().objects.create_user(name, email, PASSWORD)
    for client in ("quittance", "another"):
        get_application_model().objects.create(
            client_id=client, client_secret=SECRET, client_type="confidential", name=client,
            authorization_grant_type="authorization-code", redirect_uris=callback,
            post_logout_redirect_uris=left, skip_authorization=True, algorithm="RS256",
        )  # fmt: skip


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
