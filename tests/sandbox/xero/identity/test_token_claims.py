"""What the tokens say (facts §1.5)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

from tests.sandbox.xero.builders import REDIRECT, SCOPES, START, Client


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return dict(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def exchange(client: Client, code: str, **more: str) -> Any:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **more}
    return client.token(**form)


def test_access_token_carries_the_documented_claims(client: Client) -> None:
    claims = claims_of(client.access)

    assert claims["iss"] == "https://identity.xero.com"
    assert claims["aud"] == "https://identity.xero.com/resources"
    assert claims["scope"] == SCOPES.split()
    assert claims["exp"] - claims["nbf"] == 1800
    row = client.get("/connections")[0]
    assert claims["authentication_event_id"] == row["authEventId"]


def test_identity_token_says_nothing_of_the_event(client: Client) -> None:
    answer = json.loads(exchange(client, client.consent()["code"]).body)

    assert "authentication_event_id" not in claims_of(answer["id_token"])
    assert claims_of(answer["id_token"])["aud"] == client.world.client_id


def test_token_times_follow_the_world_clock(client: Client) -> None:
    assert claims_of(client.access)["nbf"] == int(START)
