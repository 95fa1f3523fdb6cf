"""The token endpoint's answers: a pair, or an error the token keeper can act on (facts §1.4)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.domain.errors import OutcomeUnknown, Refused, RemoteError, Throttled, Unauthorised
from syncd.ports.transport import HttpResponse
from syncd.xero import token_answers
from syncd.xero.token_answers import InvalidClient, InvalidGrant

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def jwt(**claims: Any) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{middle}.c2ln"


def answer(**fields: Any) -> bytes:
    return json.dumps(
        {"access_token": jwt(scope=["a"]), "refresh_token": "r-1", "token_type": "Bearer", **fields}
    ).encode()


def test_pair_expires_from_before_it_was_asked_for() -> None:
    pair = token_answers.pair_of("refresh_token", answer(expires_in=900), NOW)

    assert pair.access_expires_at == NOW + timedelta(seconds=900)
    assert token_answers.pair_of("x", answer(), NOW).access_expires_at == NOW + timedelta(0, 1800)


def test_scopes_are_the_answers_else_the_tokens() -> None:
    both = token_answers.pair_of("x", answer(scope="b c"), NOW)
    claimed = token_answers.pair_of("x", answer(), NOW)

    assert (both.scopes, claimed.scopes) == (("b", "c"), ("a",))


@pytest.mark.parametrize("event", ["e-1", ""])
def test_grant_knows_which_consent_it_comes_from(event: str) -> None:
    token = jwt(authentication_event_id=event, exp=7)

    pair = token_answers.pair_of("x", answer(access_token=token), NOW)

    assert pair.authentication_event_id == event
    assert token_answers.read_claims(token).expires_at_s == 7


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.!!.c", "a.e30.c", "é.é.é"])
def test_token_that_is_no_jwt_claims_nothing(token: str) -> None:
    assert token_answers.read_claims(token) == token_answers.Claims()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b'{"access_token":1,"refresh_token":"r"}',
        b"\xff",
        b'{"access_token":"","refresh_token":"r"}',
        b'{"access_token":"a","refresh_token":""}',
        b'{"access_token":"a\\r\\nX: y","refresh_token":"r"}',
        b'{"access_token":"a","refresh_token":"r\xc3\xa9"}',
        b'{"access_token":"a","refresh_token":"%s"}' % (b"r" * 20_000),
        b'{"access_token":"a","refresh_token":"r","extra":%s}' % (b"[" * 100_000 + b"]" * 100_000),
    ],
)
def test_good_status_without_a_pair_is_an_unknown_outcome(body: bytes) -> None:
    """The old token may have been used up: nobody can say."""
    with pytest.raises(OutcomeUnknown):
        token_answers.pair_of("refresh_token", body, NOW)


@pytest.mark.parametrize(
    ("said", "life_s"),
    [
        ("1800", 1800),
        ("900", 900),
        (900.0, 900),
        (0, 1200),
        (-1, 1200),
        (2, 1200),
        (86_401, 1200),
        (10**12, 1200),
        (1e300, 1200),
        ("soon", 1200),
        (None, 1200),
        ({}, 1200),
        (True, 1200),
    ],
)
def test_pair_is_kept_whatever_is_said_of_its_life(said: Any, life_s: int) -> None:
    """The old token was used up for it."""
    token = jwt(nbf=1_000, exp=2_200)

    pair = token_answers.pair_of("refresh_token", answer(access_token=token, expires_in=said), NOW)

    assert pair.refresh_token == "r-1"
    assert pair.access_expires_at == NOW + timedelta(seconds=life_s)


@pytest.mark.parametrize("claims", [{}, {"nbf": "x", "exp": 9}, {"nbf": 9, "exp": 1}])
def test_pair_that_nobody_says_the_life_of_lives_as_xeros_do(claims: dict[str, Any]) -> None:
    odd = answer(access_token=jwt(**claims), expires_in=-1)

    pair = token_answers.pair_of("refresh_token", odd, NOW)

    assert pair.access_expires_at == NOW + timedelta(seconds=1800)


@pytest.mark.parametrize("scope", [7, {"a": 1}, [["a"]], None])
def test_pair_is_kept_whatever_is_said_of_its_scopes(scope: Any) -> None:
    pair = token_answers.pair_of("refresh_token", answer(scope=scope), NOW)

    assert (pair.refresh_token, pair.scopes) == ("r-1", ("a",))


def test_one_odd_claim_hides_no_other() -> None:
    found = token_answers.read_claims(jwt(nbf=7.5, exp="x", scope=7, authentication_event_id="e-1"))

    assert found == token_answers.Claims(authentication_event_id="e-1", issued_at_s=7)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"error":"invalid_grant"}', InvalidGrant),
        (400, b'{"error":"invalid_grant","error_description":"x"}', InvalidGrant),
        (400, b'{"error":"invalid_client"}', InvalidClient),
        (401, b'{"error":"invalid_client"}', InvalidClient),
        (400, b'{"error":"unauthorized_client"}', InvalidClient),
        (400, b'{"error":"unsupported_grant_type"}', Refused),
        (400, b'{"error":"invalid_scope"}', Refused),
        (400, b"<html>", OutcomeUnknown),
        (400, b'{"error":7}', OutcomeUnknown),
        (403, b"<html>", OutcomeUnknown),
        (429, b"", Throttled),
        (302, b"", OutcomeUnknown),
        (500, b'{"error":"invalid_grant"}', OutcomeUnknown),
        (503, b"", OutcomeUnknown),
    ],
)
def test_answer_without_tokens_is_one_error(
    status: int, body: bytes, kind: type[RemoteError]
) -> None:
    error = token_answers.error_of("refresh_token", HttpResponse(status=status, body=body))

    assert type(error) is kind


def test_dead_grant_closes_the_gate_as_expired() -> None:
    error = token_answers.error_of("x", HttpResponse(status=400, body=b'{"error":"invalid_grant"}'))

    assert isinstance(error, Unauthorised)
    assert error.cause == "token_expired"


def test_pair_is_never_shown() -> None:
    pair = token_answers.pair_of(
        "x", answer(access_token="canary-a", refresh_token="canary-r"), NOW
    )

    assert "canary" not in repr(pair)


def test_unreadable_pair_is_never_quoted() -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        token_answers.pair_of("x", b'{"access_token":"canary","refresh_token":7}', NOW)

    assert "canary" not in str(caught.value)
