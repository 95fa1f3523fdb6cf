"""Pages and errors of the identity service (facts §1.2, §1.4)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode

import pytest

from tests.sandbox.xero.builders import REDIRECT, SCOPES, Client


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "nobody"},
        {"response_type": "token"},
        {"redirect_uri": "https://elsewhere.example/cb"},
        {"scope": "accounting.everything"},
        {"scope": ""},
        {"code_challenge": "x", "code_challenge_method": "plain"},
    ],
)
def test_wrong_consent_shows_a_page_and_redirects_nobody(
    client: Client, wrong: dict[str, str]
) -> None:
    query = {
        "response_type": "code",
        "client_id": client.world.client_id,
        "redirect_uri": REDIRECT,
        "scope": SCOPES,
        **wrong,
    }

    response = client.send("GET", "/identity/connect/authorize", **query)

    assert response.status == 400
    assert response.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "scope": "x.y"}, "invalid_scope"),
    ],
)
def test_token_errors_are_400_with_error_alone(
    client: Client, form: dict[str, str], error: str
) -> None:
    answer = client.token(**form)

    assert answer.status == 400
    assert answer.body == f'{{"error":"{error}"}}'.encode()


def test_discovery_points_at_the_endpoints(client: Client) -> None:
    client.world.identity_url = "http://127.0.0.1:5/"

    found = client.get("/.well-known/openid-configuration")

    assert found["issuer"] == "https://identity.xero.com"
    assert found["token_endpoint"] == "http://127.0.0.1:5/connect/token"


def test_published_key_is_the_one_tokens_name(client: Client) -> None:
    (key,) = client.get("/.well-known/openid-configuration/jwks")["keys"]

    head = client.access.partition(".")[0]
    named = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    assert (key["kid"], key["alg"]) == (named["kid"], named["alg"])
