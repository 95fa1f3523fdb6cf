"""Chapters of the acceptance story: tokens, connections, and who may do what."""

from __future__ import annotations

import json

import pytest
from xero_python.exceptions import HTTPStatusException

from tests.sandbox.acceptance.support.sdk import REDIRECT, Xero, detail, said

HALF_AN_HOUR_S = 1800


def consent_leads_to_tokens_and_a_connection(xero: Xero) -> None:
    back = xero.consent()
    answer = xero.ask_token(
        grant_type="authorization_code", code=back["code"], redirect_uri=REDIRECT
    )
    token = json.loads(answer.body)
    again = xero.ask_token(
        grant_type="authorization_code", code=back["code"], redirect_uri=REDIRECT
    )

    assert back["state"] == "s-1"
    assert (token["token_type"], token["expires_in"]) == ("Bearer", HALF_AN_HOUR_S)
    assert {"id_token", "access_token", "refresh_token", "scope"} <= set(token)
    assert (again.status, again.body) == (400, b'{"error":"invalid_grant"}')
    (connection,) = xero.identity.get_connections()
    assert (connection.tenant_type, connection.tenant_name) == ("ORGANISATION", "Harbour Build")


def refusal_at_consent_is_told_by_the_redirect(xero: Xero) -> None:
    xero.sandbox.switch(consent="deny")

    assert xero.consent() == {"error": "access_denied", "state": "s-1"}


def refresh_rotates_both_tokens(xero: Xero) -> None:
    first = dict(xero.token)
    xero.refresh()

    assert xero.token["access_token"] != first["access_token"]
    assert xero.token["refresh_token"] != first["refresh_token"]
    assert xero.call("get_organisations").organisations[0].base_currency.value == "NZD"


def sdk_renews_by_itself_when_time_is_up(xero: Xero) -> None:
    first = xero.token["access_token"]
    xero.token["expires_at"] = 1.0

    xero.call("get_organisations")

    assert xero.token["access_token"] != first


def expired_token_is_told(xero: Xero) -> None:
    xero.sandbox.advance(HALF_AN_HOUR_S + 1)
    with pytest.raises(HTTPStatusException) as refused:
        xero.call("get_organisations")

    assert refused.value.status == 401
    assert detail(refused.value).startswith("TokenExpired: token expired at ")


def token_made_up_is_401(xero: Xero) -> None:
    xero.token["access_token"] = "made.up.token"
    with pytest.raises(HTTPStatusException) as refused:
        xero.call("get_organisations")

    assert (refused.value.status, detail(refused.value)) == (401, "AuthenticationUnsuccessful")


def narrow_scope_is_401(xero: Xero) -> None:
    xero.connect("offline_access accounting.contacts.read")
    with pytest.raises(HTTPStatusException) as refused:
        xero.call("get_invoices")

    assert xero.call("get_contacts").contacts == []
    assert (refused.value.status, detail(refused.value)) == (401, "AuthorizationUnsuccessful")


def strange_tenant_is_403(xero: Xero) -> None:
    with pytest.raises(HTTPStatusException) as refused:
        xero.api.get_organisations("00000000-0000-0000-0000-000000000001")

    assert (refused.value.status, detail(refused.value)) == (403, "AuthenticationUnsuccessful")


def custom_connection_needs_no_tenant_and_no_consent(xero: Xero) -> None:
    xero.oauth.get_client_credentials_access_token(xero.client, app_store_billing=False)

    assert "refresh_token" not in xero.token
    assert xero.api.get_organisations("").organisations[0].name == "Harbour Build"


def connection_can_be_cut_while_the_token_lives(xero: Xero) -> None:
    (connection,) = xero.identity.get_connections()
    xero.identity.delete_connection(connection.id)
    with pytest.raises(HTTPStatusException) as refused:
        xero.call("get_organisations")
    with pytest.raises(HTTPStatusException) as gone:
        xero.identity.delete_connection("00000000-0000-0000-0000-000000000001")

    assert refused.value.status == 403
    assert gone.value.status == 404
    assert xero.identity.get_connections() == []


def disconnected_by_the_user_refresh_still_succeeds(xero: Xero) -> None:
    xero.sandbox.commands("disconnect")
    xero.refresh()
    with pytest.raises(HTTPStatusException) as refused:
        xero.call("get_organisations")

    assert refused.value.status == 403


def revocation_ends_every_connection(xero: Xero) -> None:
    held = dict(xero.token)
    xero.oauth.update_token(**xero.token)
    assert xero.oauth.revoke_access_token(xero.client)
    xero.token = held

    assert xero.identity.get_connections() == []
    with pytest.raises(HTTPStatusException) as refused:
        xero.refresh()
    assert refused.value.body == b'{"error":"invalid_grant"}'


def role_too_low_is_403(xero: Xero) -> None:
    xero.sandbox.commands("role", role="read_only")
    with pytest.raises(HTTPStatusException) as refused:
        xero.contact("Acme")

    assert refused.value.status == 403
    assert xero.call("get_contacts").contacts == []


def lock_date_refuses_and_is_told(xero: Xero) -> None:
    xero.sandbox.commands("lock", period="2026-11-20", year="2026-03-31")
    organisation = xero.call("get_organisations").organisations[0]
    with pytest.raises(HTTPStatusException) as refused:
        xero.invoice()

    assert organisation.period_lock_date.isoformat()[:10] == "2026-11-20"
    assert organisation.end_of_year_lock_date.isoformat()[:10] == "2026-03-31"
    assert said(refused.value) == [
        "The document date cannot be before the period lock date, currently set at 20-Nov-2026"
    ]
