"""Answers of the identity service: error pages, OAuth errors, discovery (facts §1.2, §1.4).

Called by `identity` and `connections`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from syncd.sandbox.http import Response
from syncd.sandbox.xero.identity.tokens import ISSUER

_JSON = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}


def error_page(error: str, message: str) -> Response:
    """What a person sees at Xero when the request itself is wrong; nobody is redirected."""
    body = (
        f"<html><body><h1>Sorry, something went wrong</h1><p>{error}: {message}</p></body></html>"
    )
    return Response(
        status=400, headers={"Content-Type": "text/html; charset=utf-8"}, body=body.encode()
    )


def oauth_error(error: str) -> Response:
    """400 with exactly `{"error":"…"}`: official clients compare the text."""
    return oauth_json({"error": error}, 400)


def oauth_json(value: Mapping[str, object], status: int = 200) -> Response:
    """JSON without spaces, as the token endpoint writes it."""
    return Response(
        status=status, headers=_JSON, body=json.dumps(value, separators=(",", ":")).encode()
    )


def throttled(retry_after_s: int | None) -> Response:
    """429 without a word, but how long to wait where that is said."""
    wait = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return Response(status=429, headers=wait)


def discovery(identity_url: str, authorize_url: str) -> Response:
    """GET /.well-known/openid-configuration."""
    base = identity_url.rstrip("/")
    return oauth_json(
        {
            "issuer": ISSUER,
            "jwks_uri": f"{base}/.well-known/openid-configuration/jwks",
            "authorization_endpoint": authorize_url,
            "token_endpoint": f"{base}/connect/token",
            "revocation_endpoint": f"{base}/connect/revocation",
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "subject_types_supported": ["public"],
        }
    )
