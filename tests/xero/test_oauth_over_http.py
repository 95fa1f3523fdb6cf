"""Single calls to Xero's identity service through aiohttp: what leaves, and what an answer means.

No server: aioresponses answers with what Xero's documents show (facts §1). What needs Xero's own
memory (a code that works once, rotation) is played against the emulator in test_oauth.py.
"""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aioresponses import aioresponses
from yarl import URL

from syncd.domain.errors import NotSent, OutcomeUnknown, Refused, RemoteError, Throttled
from syncd.runtime.aiohttp_transport import AiohttpTransport, tcp_transport
from syncd.runtime.system_entropy import SystemEntropy
from syncd.xero.oauth import XeroApp, XeroIdentity
from syncd.xero.token_answers import InvalidClient, InvalidGrant

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
TOKEN_URL = "https://identity.xero.com/connect/token"
CONNECTIONS_URL = "https://api.xero.com/connections"
APP = XeroApp(
    client_id="CLIENT",
    client_secret="its secret",
    redirect_uri="https://sync.example.com/oauth/xero/callback",
    authorize_url="https://login.xero.com/identity/connect/authorize",
    identity_url="https://identity.xero.com",
    api_url="https://api.xero.com",
    scopes=("openid", "offline_access", "accounting.invoices"),
)
REFUSED = aiohttp.ClientConnectorError(
    aiohttp.client_reqrep.ConnectionKey("identity.xero.com", 443, True, True, None, None, None),
    OSError(111, "Connection refused"),
)


class Clock:
    def now(self) -> datetime:
        return NOW


def jwt(**claims: object) -> str:
    """An access token as Xero makes them; nobody here checks its signature."""
    parts = ({"alg": "RS256", "typ": "JWT"}, claims)
    head, middle = (base64.urlsafe_b64encode(json.dumps(one).encode()).decode() for one in parts)
    return ".".join((head.rstrip("="), middle.rstrip("="), "c2ln"))


ACCESS = jwt(nbf=int(NOW.timestamp()), authentication_event_id="ae1", scope=["openid"])
PAIR = {
    "access_token": ACCESS,
    "refresh_token": "the next one",
    "expires_in": 1800,
    "token_type": "Bearer",
    "scope": "openid offline_access accounting.invoices",
}


@pytest.fixture
def remote() -> Iterator[aioresponses]:
    with aioresponses() as mocked:
        yield mocked


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with tcp_transport("xero-identity") as made:
        yield made


@pytest.fixture
def identity(transport: AiohttpTransport) -> XeroIdentity:
    return XeroIdentity(transport, app=APP, clock=Clock(), entropy=SystemEntropy())


def sent(remote: aioresponses, method: str, url: str) -> dict[str, Any]:
    """How the only call of this kind left."""
    (call,) = remote.requests[method, URL(url)]
    asked: dict[str, Any] = call.kwargs
    return asked


async def test_refresh_presents_the_token_and_the_app_and_keeps_the_next_pair(
    remote: aioresponses, identity: XeroIdentity
) -> None:
    remote.post(TOKEN_URL, payload=PAIR)

    pair = await identity.refresh("a token / with + signs")

    asked = sent(remote, "POST", TOKEN_URL)
    form = parse_qs(asked["data"].decode())
    assert form == {"grant_type": ["refresh_token"], "refresh_token": ["a token / with + signs"]}
    basic = base64.b64decode(asked["headers"]["Authorization"].removeprefix("Basic "))
    assert basic == b"CLIENT:its secret"
    assert asked["headers"]["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked["allow_redirects"] is False
    assert (pair.access_token, pair.refresh_token) == (ACCESS, "the next one")
    assert pair.access_expires_at == NOW + timedelta(minutes=30)
    assert pair.scopes == ("openid", "offline_access", "accounting.invoices")
    assert (pair.issued_at, pair.authentication_event_id) == (NOW, "ae1")


async def test_code_is_exchanged_with_its_verifier(
    remote: aioresponses, identity: XeroIdentity
) -> None:
    remote.post(TOKEN_URL, payload=PAIR)

    await identity.exchange("the code", "v" * 64)

    form = parse_qs(sent(remote, "POST", TOKEN_URL)["data"].decode())
    assert form == {
        "grant_type": ["authorization_code"],
        "code": ["the code"],
        "redirect_uri": [APP.redirect_uri],
        "code_verifier": ["v" * 64],
    }


@pytest.mark.parametrize(
    ("status", "payload", "kind"),
    [
        (400, {"error": "invalid_grant"}, InvalidGrant),
        (400, {"error": "invalid_client"}, InvalidClient),
        (401, {"error": "invalid_client"}, InvalidClient),
        (400, {"error": "unauthorized_client"}, InvalidClient),
        (400, {"error": "unsupported_grant_type"}, Refused),
        (429, {}, Throttled),
        (400, {}, OutcomeUnknown),
        (500, {"error": "invalid_grant"}, OutcomeUnknown),
    ],
)
async def test_refusal_is_told_by_its_word_and_never_by_a_server_error(
    remote: aioresponses,
    identity: XeroIdentity,
    status: int,
    payload: dict[str, str],
    kind: type[RemoteError],
) -> None:
    remote.post(TOKEN_URL, status=status, payload=payload)

    with pytest.raises(kind) as caught:
        await identity.refresh("old")

    assert type(caught.value) is kind
    assert "its secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (REFUSED, NotSent),
        (TimeoutError(), OutcomeUnknown),
        (aiohttp.ServerDisconnectedError(), OutcomeUnknown),
        (aiohttp.ClientPayloadError("half an answer"), OutcomeUnknown),
    ],
)
async def test_refresh_without_an_answer_is_only_unsent_where_nothing_left(
    remote: aioresponses, identity: XeroIdentity, broken: Exception, kind: type[RemoteError]
) -> None:
    """A refresh token that was presented may be spent."""
    remote.post(TOKEN_URL, exception=broken)

    with pytest.raises(kind) as caught:
        await identity.refresh("old")

    assert type(caught.value) is kind


@pytest.mark.parametrize("body", ["<html>maintenance</html>", "{", '{"access_token": 5}', ""])
async def test_good_answer_without_a_pair_is_an_unknown_outcome(
    remote: aioresponses, identity: XeroIdentity, body: str
) -> None:
    remote.post(TOKEN_URL, status=200, body=body)

    with pytest.raises(OutcomeUnknown):
        await identity.refresh("old")


async def test_throttled_refresh_waits_as_long_as_it_is_told(
    remote: aioresponses, identity: XeroIdentity
) -> None:
    remote.post(TOKEN_URL, status=429, headers={"Retry-After": "17"})

    with pytest.raises(Throttled) as caught:
        await identity.refresh("old")

    assert caught.value.retry_after_s == 17


async def test_connections_are_organisations_in_xeros_order(
    remote: aioresponses, identity: XeroIdentity
) -> None:
    rows = [
        {
            "id": f"c{number}",
            "authEventId": "ae1",
            "tenantId": f"o{number}",
            "tenantType": kind,
            "tenantName": "Demo",
            "createdDateUtc": "2026-11-29T11:59:00.0000000",
            "updatedDateUtc": "2026-11-29T12:00:00.0000000",
        }
        for number, kind in enumerate(["ORGANISATION", "PRACTICE", "ORGANISATION"])
    ]
    remote.get(CONNECTIONS_URL, payload=rows)

    found = await identity.connections("bearer")

    assert [one.organisation_id for one in found] == ["o0", "o2"]
    assert sent(remote, "GET", CONNECTIONS_URL)["headers"]["Authorization"] == "Bearer bearer"


async def test_disconnecting_what_is_gone_already_is_fine(
    remote: aioresponses, identity: XeroIdentity
) -> None:
    remote.delete(f"{CONNECTIONS_URL}/c1", status=404)

    await identity.disconnect("bearer", "c1")

    assert len(remote.requests) == 1
