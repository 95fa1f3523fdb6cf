"""Consent, tokens, rotation, revocation (facts §1.2 to §1.7)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import pytest

from tests.sandbox.xero.builders import REDIRECT, SCOPES, Client, new_client


def exchange(client: Client, code: str, **more: str) -> Any:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **more}
    return client.token(**form)


def test_consent_returns_code_and_state_unchanged(client: Client) -> None:
    back = client.consent(state="a b&c")

    assert back["state"] == "a b&c"
    assert back["code"]


def test_token_answer_has_the_documented_keys(client: Client) -> None:
    answer = json.loads(exchange(client, client.consent()["code"]).body)

    assert set(answer) == {
        "id_token",
        "access_token",
        "expires_in",
        "token_type",
        "refresh_token",
        "scope",
    }
    assert (answer["expires_in"], answer["token_type"]) == (1800, "Bearer")
    assert answer["scope"] == SCOPES


def test_no_refresh_token_without_offline_access(client: Client) -> None:
    code = client.consent(scope="openid accounting.invoices")["code"]

    assert "refresh_token" not in json.loads(exchange(client, code).body)


def test_code_works_once(client: Client) -> None:
    code = client.consent()["code"]

    assert [exchange(client, code).status for _ in range(2)] == [200, 400]


@pytest.mark.parametrize(("age_s", "status"), [(299, 200), (301, 400)])
def test_code_lives_five_minutes(client: Client, age_s: int, status: int) -> None:
    code = client.consent()["code"]
    client.time.pass_s(age_s)

    assert exchange(client, code).status == status


def test_redirect_must_be_the_same_at_the_exchange(client: Client) -> None:
    answer = exchange(client, client.consent()["code"], redirect_uri="http://localhost:9/other")

    assert answer.body == b'{"error":"invalid_grant"}'


def test_proof_key_must_match(client: Client) -> None:
    verifier = "v" * 64
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}

    right = exchange(client, client.consent(**pkce)["code"], code_verifier=verifier)
    wrong = exchange(client, client.consent(**pkce)["code"], code_verifier="w" * 64)
    none = exchange(client, client.consent(**pkce)["code"])

    assert [right.status, wrong.status, none.status] == [200, 400, 400]


def test_app_without_a_secret_needs_a_proof_key(client: Client) -> None:
    query = {
        "response_type": "code",
        "client_id": client.world.pkce_client_id,
        "redirect_uri": REDIRECT,
        "scope": SCOPES,
    }

    assert client.send("GET", "/identity/connect/authorize", **query).status == 400


def test_person_who_refuses_comes_back_with_access_denied() -> None:
    client = new_client()
    client.world.switches.consent = "deny"

    assert client.consent() == {"error": "access_denied", "state": "s1"}


def test_registered_redirect_is_exact(client: Client) -> None:
    client.world.identity.redirect_uris.append("https://sync.example.com/oauth/xero/callback")
    query = {"redirect_uri": "https://sync.example.com/oauth/xero/callback"}
    longer = {"redirect_uri": "https://sync.example.com/oauth/xero/callback/"}

    assert "code" in client.consent(**query)
    with pytest.raises(AssertionError):
        client.consent(**longer)


# --- refreshing


def refresh(client: Client, token: str) -> Any:
    return client.token(grant_type="refresh_token", refresh_token=token)


def test_refresh_rotates_both_tokens(client: Client) -> None:
    answer = json.loads(refresh(client, client.refresh).body)

    assert answer["refresh_token"] != client.refresh
    assert answer["access_token"] != client.access


@pytest.mark.parametrize(("age_s", "status"), [(1799, 200), (1801, 400)])
def test_used_refresh_token_has_thirty_minutes_of_grace(
    client: Client, age_s: int, status: int
) -> None:
    assert refresh(client, client.refresh).status == 200
    client.time.pass_s(age_s)

    answer = refresh(client, client.refresh)

    assert answer.status == status
    if status == 400:
        assert answer.body == b'{"error":"invalid_grant"}'


def test_used_refresh_token_is_dead_at_once_when_strict() -> None:
    client = new_client(strict_refresh=True)

    assert [refresh(client, client.refresh).status for _ in range(2)] == [200, 400]


@pytest.mark.parametrize("keeps", [True, False])
def test_first_pair_of_a_grace_stays_good_as_switched(keeps: bool) -> None:
    client = new_client(grace_keeps_all_pairs=keeps)
    first = json.loads(refresh(client, client.refresh).body)
    refresh(client, client.refresh)

    answer = refresh(client, first["refresh_token"])

    assert (answer.status == 200) is keeps


def test_refresh_token_dies_after_sixty_days(client: Client) -> None:
    client.time.pass_s(60 * 86_400 + 1)

    assert refresh(client, client.refresh).body == b'{"error":"invalid_grant"}'


def test_wrong_secret_is_invalid_client_and_400(client: Client) -> None:
    answer = client.token(secret="wrong", grant_type="refresh_token", refresh_token="x")

    assert (answer.status, answer.body) == (400, b'{"error":"invalid_client"}')


def test_secret_in_the_form_is_taken_as_the_official_client_sends_it(client: Client) -> None:
    answer = client.token(
        basic=False,
        grant_type="refresh_token",
        refresh_token=client.refresh,
        client_id=client.world.client_id,
        client_secret=client.world.client_secret,
    )

    assert answer.status == 200


def test_client_credentials_reach_one_organisation_without_a_tenant(client: Client) -> None:
    answer = client.token(grant_type="client_credentials", scope="accounting.settings.read")
    client.access, client.tenant = json.loads(answer.body)["access_token"], ""

    assert client.get("Organisation")["Organisations"]
    assert "refresh_token" not in json.loads(answer.body)


def test_client_credentials_without_scope_carry_those_of_the_app(client: Client) -> None:
    body = json.loads(client.token(grant_type="client_credentials").body)
    client.access, client.tenant = body["access_token"], ""

    assert "accounting.invoices" in body["scope"].split()
    assert client.get("Invoices")["Invoices"] == []


# --- the end of a connection


def test_revocation_kills_token_and_connections(client: Client) -> None:
    body = f"token={client.refresh}&client_id={client.world.client_id}"
    body += f"&client_secret={client.world.client_secret}"
    answer = client.send(
        "POST", "/connect/revocation", body.encode(), headers={"authorization": ""}
    )

    assert (answer.status, answer.body) == (200, b"")
    assert refresh(client, client.refresh).status == 400
    assert client.get("/connections") == []


@pytest.mark.parametrize(("lives", "status"), [(True, 403), (False, 401)])
def test_access_token_outlives_its_revocation_as_switched(lives: bool, status: int) -> None:
    client = new_client(revoked_access_lives=lives)
    body = f"token={client.refresh}&client_id={client.world.client_id}"
    body += f"&client_secret={client.world.client_secret}"
    client.send("POST", "/connect/revocation", body.encode(), headers={"authorization": ""})

    assert client.send("GET", "Organisation").status == status


def test_spent_token_is_counted_when_it_is_presented(client: Client) -> None:
    for _ in range(3):
        refresh(client, client.refresh)

    assert client.world.counters()["refreshes"] == 3
    assert client.world.counters()["spent_tokens_presented"] == 2
