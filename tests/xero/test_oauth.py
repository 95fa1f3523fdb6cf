"""Consent, tokens and connections against the pretend Xero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from syncd.domain.errors import NotSent, OutcomeUnknown, RemoteError, ServerTrouble, Unauthorised
from syncd.ports.transport import HttpRequest, HttpResponse
from syncd.runtime.system_entropy import SystemEntropy
from syncd.sandbox.http import Request
from syncd.xero.oauth import XeroApp, XeroIdentity
from syncd.xero.token_answers import InvalidClient, InvalidGrant
from tests.xero.support import worlds
from tests.xero.support.worlds import Connected, connect, virtually


def played(world: Callable[[Connected], Any], **switches: Any) -> None:
    async def main() -> None:
        await world(await connect(**switches))

    virtually(main)


def test_consent_asks_with_state_and_a_challenge() -> None:
    async def world(xero: Connected) -> None:
        consent = xero.identity.consent()

        parts = urlsplit(consent.url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert parts.netloc == "login.xero.com"
        assert query["response_type"] == "code"
        assert query["redirect_uri"] == worlds.REDIRECT
        assert query["scope"].split() == list(xero.app.scopes)
        assert query["state"] == consent.state
        assert query["code_challenge_method"] == "S256"
        assert query["code_challenge"] not in (consent.verifier, "")
        assert 43 <= len(consent.verifier) <= 128

    played(world)


def test_every_consent_has_a_state_and_verifier_of_its_own() -> None:
    async def world(xero: Connected) -> None:
        consents = [xero.identity.consent() for _ in range(20)]

        assert len({consent.state for consent in consents}) == 20
        assert len({consent.verifier for consent in consents}) == 20
        assert consents[0].state not in repr(consents[0])

    played(world)


def test_consent_may_be_asked_of_a_pretend_xero_on_loopback() -> None:
    async def world(xero: Connected) -> None:
        app = replace(xero.app, authorize_url="http://127.0.0.1:9/identity/connect/authorize")
        local = XeroIdentity(xero.transport, app=app, clock=xero.clock, entropy=SystemEntropy())

        assert local.consent().url.startswith("http://127.0.0.1:9/identity/connect/authorize?")

    played(world)


def test_code_works_once_and_only_with_its_verifier() -> None:
    async def world(xero: Connected) -> None:
        consent = xero.identity.consent()
        code = worlds.visit(xero.world, consent.url)["code"]

        with pytest.raises(InvalidGrant):
            await xero.identity.exchange(code, "x" * 64)
        pair = await xero.identity.exchange(code, consent.verifier)
        with pytest.raises(InvalidGrant):
            await xero.identity.exchange(code, consent.verifier)

        assert xero.identity.missing_scopes(pair.scopes) == ()

    played(world)


def test_refused_consent_comes_back_with_its_state_and_no_code() -> None:
    async def world(xero: Connected) -> None:
        xero.world.set_switches({"consent": "deny"})
        consent = xero.identity.consent()

        back = worlds.visit(xero.world, consent.url)

        assert back == {"error": "access_denied", "state": consent.state}

    played(world)


def test_secret_travels_in_the_basic_header_only() -> None:
    async def world(xero: Connected) -> None:
        await xero.identity.refresh(xero.tokens.pair.refresh_token)

        (sent,) = xero.transport.sent
        assert sent.headers["Authorization"].startswith("Basic ")
        assert xero.app.client_secret.encode() not in (sent.body or b"")
        assert xero.app.client_secret not in repr(xero.app)

    played(world)


def test_refresh_brings_a_new_pair_and_the_old_one_dies_after_its_grace() -> None:
    async def world(xero: Connected) -> None:
        old = xero.tokens.pair
        new = await xero.identity.refresh(old.refresh_token)
        again = await xero.identity.refresh(old.refresh_token)
        xero.world.clock.advance(1801)

        with pytest.raises(InvalidGrant):
            await xero.identity.refresh(old.refresh_token)

        assert len({old.refresh_token, new.refresh_token, again.refresh_token}) == 3
        assert new.access_expires_at > old.access_expires_at or new.access_token != old.access_token
        assert new.authentication_event_id == old.authentication_event_id

    played(world)


@pytest.mark.parametrize(
    "fault", ["drop_before_commit", "drop_after_commit", "truncated", "error_after_commit", "html"]
)
def test_lost_refresh_is_an_unknown_outcome(fault: str) -> None:
    async def world(xero: Connected) -> None:
        xero.world.faults.set([{"do": fault}])

        with pytest.raises(OutcomeUnknown):
            await xero.identity.refresh(xero.tokens.pair.refresh_token)

    played(world)


def test_wrong_secret_names_the_configuration() -> None:
    async def world(xero: Connected) -> None:
        wrong = XeroIdentity(
            xero.transport,
            app=replace(xero.app, client_secret="wrong"),
            clock=xero.clock,
            entropy=SystemEntropy(),
        )

        with pytest.raises(InvalidClient, match=r"xero\.client_secret"):
            await wrong.refresh(xero.tokens.pair.refresh_token)

    played(world)


def test_connections_list_every_organisation_the_person_connected() -> None:
    async def world(xero: Connected) -> None:
        (found,) = await xero.identity.connections(xero.tokens.pair.access_token)

        assert found.organisation_id in xero.world.books
        assert found.name
        assert found.authentication_event_id == xero.tokens.pair.authentication_event_id
        # A first link is updated some milliseconds after it was made (facts §1.6).
        assert found.updated_at - found.created_at == timedelta(milliseconds=2)

    played(world)


def test_disconnect_cuts_one_off_and_is_fine_twice() -> None:
    async def world(xero: Connected) -> None:
        token = xero.tokens.pair.access_token
        (found,) = await xero.identity.connections(token)

        await xero.identity.disconnect(token, found.id)
        await xero.identity.disconnect(token, found.id)

        assert await xero.identity.connections(token) == ()

    played(world)


def test_disconnect_by_the_organisations_id_is_refused_loudly() -> None:
    async def world(xero: Connected) -> None:
        token = xero.tokens.pair.access_token
        (found,) = await xero.identity.connections(token)

        with pytest.raises(RemoteError):
            await xero.identity.disconnect(token, found.organisation_id)

    played(world)


def test_lost_answers_of_the_api_are_trouble_to_reads_and_unknown_to_writes() -> None:
    async def world(xero: Connected) -> None:
        token = xero.tokens.pair.access_token
        xero.world.faults.set([{"do": "drop_before_commit", "times": 2}])

        with pytest.raises(ServerTrouble):
            await xero.identity.connections(token)
        with pytest.raises(OutcomeUnknown):
            await xero.identity.disconnect(token, "x")

    played(world)


def test_expired_token_is_said_to_be_so() -> None:
    async def world(xero: Connected) -> None:
        xero.world.clock.advance(1900)

        with pytest.raises(Unauthorised) as caught:
            await xero.identity.connections(xero.tokens.pair.access_token)

        assert caught.value.cause == "token_expired"

    played(world)


def test_revoked_grant_is_dead() -> None:
    async def world(xero: Connected) -> None:
        await xero.identity.revoke(xero.tokens.pair.refresh_token)

        with pytest.raises(InvalidGrant):
            await xero.identity.refresh(xero.tokens.pair.refresh_token)

    played(world)


def test_missing_permission_is_named() -> None:
    async def world(xero: Connected) -> None:
        assert xero.identity.missing_scopes(["offline_access", "accounting.contacts"]) == (
            "accounting.invoices",
            "accounting.payments.read",
            "accounting.settings.read",
        )

    played(world)


class Unreachable:
    async def send(self, request: HttpRequest) -> HttpResponse:
        raise NotSent(f"{request.method}: nobody there", system="xero")


def test_unreachable_identity_service_surely_used_nothing() -> None:
    async def world(xero: Connected) -> None:
        away = XeroIdentity(
            Unreachable(),
            app=XeroApp(client_id="c", client_secret="s", redirect_uri="r"),
            clock=xero.clock,
            entropy=SystemEntropy(),
        )

        with pytest.raises(NotSent) as caught:
            await away.refresh("canary")

        assert str(caught.value).startswith("refresh_token: ")
        assert "canary" not in str(caught.value)

    played(world)


def test_browser_of_the_tests_brings_back_only_redirects() -> None:
    async def world(xero: Connected) -> None:
        bad = Request(method="GET", path="/identity/connect/authorize", query={"client_id": "?"})

        assert xero.world.handle(bad).status == 400

    played(world)


@pytest.mark.parametrize(
    ("role", "may"),
    [("adviser", True), ("standard", True), ("invoice_only", True), ("read_only", False)],
)
def test_role_of_whoever_connected_says_whether_invoices_may_be_written(
    role: str, *, may: bool
) -> None:
    async def world(xero: Connected) -> None:
        xero.do(do="role", role=role)

        access = xero.tokens.pair.access_token
        assert await xero.identity.may_write(access, xero.tokens.organisation) is may

    played(world)


class Answering:
    """A transport that answers everything alike."""

    def __init__(self, response: HttpResponse) -> None:
        self._response = response

    async def send(self, request: HttpRequest) -> HttpResponse:
        assert request.method
        return self._response


@pytest.mark.parametrize("status", [401, 403])
def test_role_that_may_not_even_ask_permits_no_writing(status: int) -> None:
    async def world(xero: Connected) -> None:
        body = b"You are not permitted to access this resource"
        identity = XeroIdentity(
            Answering(HttpResponse(status=status, body=body)),
            app=xero.app,
            clock=xero.clock,
            entropy=SystemEntropy(),
        )

        assert not await identity.may_write("access", xero.tokens.organisation)

    played(world)
