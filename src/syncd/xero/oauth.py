"""Consent, tokens and connections: the Identity port over OAuth 2.0 with PKCE.

The protocol's forms are oauthlib's, the bytes go over Transport. Each call is made once: whether to
ask again is the token keeper's to decide (facts §1).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import msgspec
from oauthlib.oauth2 import WebApplicationClient

from syncd.domain.errors import (
    NotFound,
    OutcomeUnknown,
    RemoteError,
    ServerTrouble,
    TooLong,
    Unauthorised,
)
from syncd.domain.ids import XeroOrganisationId
from syncd.domain.model.value import Value
from syncd.ports.clock import Clock
from syncd.ports.entropy import Entropy
from syncd.ports.identity import Consent, OrganisationConnection, TokenPair
from syncd.ports.transport import HttpRequest, HttpResponse, Transport
from syncd.xero import faults, scopes, token_answers, wire
from syncd.xero.faults import RequestTraits

_SYSTEM = "xero"
_STATE_BYTES = 32
_VERIFIER_BYTES = 48
"""64 characters: PKCE asks for 43 to 128."""


class XeroApp(Value, frozen=True, kw_only=True):
    """This app as registered with Xero, and where Xero is."""

    not_shown = ("client_secret",)

    client_id: str
    client_secret: str
    redirect_uri: str
    authorize_url: str = "https://login.xero.com/identity/connect/authorize"
    identity_url: str = "https://identity.xero.com"
    api_url: str = "https://api.xero.com"
    scopes: tuple[str, ...] = scopes.GRANULAR


class _ConnectionWire(msgspec.Struct, rename="camel"):
    id: str
    tenant_id: str
    tenant_type: str
    tenant_name: str | None = None
    auth_event_id: str | None = None
    created_date_utc: str | None = None
    updated_date_utc: str | None = None


class _ActionWire(wire.Wire):
    name: str = ""
    status: str = ""


class _ActionsWire(wire.Wire):
    actions: tuple[_ActionWire, ...] = ()


_WRITING, _ALLOWED = "CreateApprovedInvoice", "ALLOWED"
_READ_ACTIONS = msgspec.json.Decoder(_ActionsWire)
_CONNECTION = msgspec.json.Decoder(_ConnectionWire)


class XeroIdentity:
    """Xero's identity service, for one app."""

    def __init__(
        self,
        transport: Transport,
        *,
        app: XeroApp,
        clock: Clock,
        entropy: Entropy,
        timeout_s: float = 30.0,
    ) -> None:
        self._transport = transport
        self._app = app
        self._clock = clock
        self._entropy = entropy
        self._timeout_s = timeout_s

    def use_secret(self, secret: str) -> None:
        """Be known to Xero by another secret from now on."""
        self._app = replace(self._app, client_secret=secret)

    def consent(self) -> Consent:
        """A fresh state and PKCE verifier, and the address that asks a person for consent."""
        state = self._entropy.token(_STATE_BYTES)
        verifier = self._entropy.token(_VERIFIER_BYTES)
        client = WebApplicationClient(self._app.client_id)
        where = urlsplit(self._app.authorize_url)
        # oauthlib refuses http, which the pretend Xero speaks on loopback.
        asked = client.prepare_request_uri(
            urlunsplit(where._replace(scheme="https")),
            redirect_uri=self._app.redirect_uri,
            scope=list(self._app.scopes),
            state=state,
            code_challenge=client.create_code_challenge(verifier, "S256"),
            code_challenge_method="S256",
        )
        url = urlunsplit(urlsplit(asked)._replace(scheme=where.scheme))
        return Consent(url=url, state=state, verifier=verifier)

    def missing_scopes(self, granted: Sequence[str]) -> tuple[str, ...]:
        """The permissions asked for or needed all the same, and not covered by `granted`.

        In the order asked: a configured list that leaves out what writing needs is noticed too.
        """
        asked = self._app.scopes
        return scopes.missing((*asked, *scopes.missing(scopes.GRANULAR, asked)), granted)

    async def exchange(self, code: str, verifier: str) -> TokenPair:
        """The pair for a code, which works once and for five minutes. Raises InvalidGrant.

        Without a refresh token when `offline_access` was not granted.
        """
        form = WebApplicationClient(self._app.client_id).prepare_request_body(
            code=code,
            redirect_uri=self._app.redirect_uri,
            code_verifier=verifier,
            include_client_id=False,
        )
        return await self._tokens("exchange_code", form)

    async def refresh(self, refresh_token: str) -> TokenPair:
        """A new pair. See `Identity.refresh` for what it raises."""
        form = WebApplicationClient(self._app.client_id).prepare_refresh_body(
            refresh_token=refresh_token
        )
        pair = await self._tokens("refresh_token", form)
        if not pair.refresh_token:
            message = "refresh_token: Xero's answer holds no new refresh token"
            raise OutcomeUnknown(message, system=_SYSTEM)
        return pair

    async def connections(self, access_token: str) -> tuple[OrganisationConnection, ...]:
        """Every organisation the person ever connected to this app, in Xero's order."""
        asked = RequestTraits(operation="list_connections")
        response = await self._api("GET", "/connections", access_token, asked)
        listed = b'{"connections":%s}' % response.body
        return tuple(wire.readable_elements(_CONNECTION, listed, "connections", _connection))

    async def may_write(self, access_token: str, organisation: XeroOrganisationId) -> bool:
        """Whether the role of whoever granted it permits writing invoices (facts §7)."""
        asked = RequestTraits(operation="list_actions")
        path = "/api.xro/2.0/Organisation/Actions"
        try:
            response = await self._api("GET", path, access_token, asked, organisation)
        except Unauthorised as error:
            if error.cause != "role_refused":
                raise
            return False  # a role that may not even ask
        found = wire.decode(_READ_ACTIONS, response.body)
        return any(one.name == _WRITING and one.status == _ALLOWED for one in found.actions)

    async def disconnect(self, access_token: str, connection_id: str) -> None:
        """Cut one organisation off; the token lives on for others. Fine when it is gone already."""
        path = f"/connections/{quote(connection_id, safe='')}"
        asked = RequestTraits(
            operation="delete_connection", is_write=True, is_by_id=True, wants_json=False
        )
        try:
            await self._api("DELETE", path, access_token, asked)
        except NotFound:
            return

    async def revoke(self, refresh_token: str) -> None:
        """End the grant: every organisation of that person is cut off."""
        form = urlencode({"token": refresh_token, "token_type_hint": "refresh_token"})
        response = await self._form("revoke_token", "/connect/revocation", form)
        if response.status != HTTPStatus.OK:
            raise token_answers.error_of("revoke_token", response)

    async def _tokens(self, operation: str, form: str) -> TokenPair:
        asked_at = self._clock.now()
        response = await self._form(operation, "/connect/token", form)
        if response.status != HTTPStatus.OK:
            raise token_answers.error_of(operation, response)
        return token_answers.pair_of(operation, response.body, asked_at)

    async def _form(self, operation: str, path: str, form: str) -> HttpResponse:
        own = f"{self._app.client_id}:{self._app.client_secret}".encode()
        headers = {
            "Authorization": f"Basic {base64.b64encode(own).decode('ascii')}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        return await self._send(
            HttpRequest(
                method="POST",
                url=self._app.identity_url.rstrip("/") + path,
                headers=headers,
                body=form.encode("ascii"),
                timeout_s=self._timeout_s,
            ),
            operation,
        )

    async def _api(
        self,
        method: str,
        path: str,
        access_token: str,
        asked: RequestTraits,
        organisation: XeroOrganisationId | None = None,
    ) -> HttpResponse:
        which = {} if organisation is None else {"xero-tenant-id": organisation}
        request = HttpRequest(
            method=method,
            url=self._app.api_url.rstrip("/") + path,
            headers={
                "Authorization": f"Bearer {access_token}",
                "Accept": "application/json",
                **which,
            },
            timeout_s=self._timeout_s,
        )
        try:
            response = await self._send(request, asked.operation)
        except OutcomeUnknown as error:
            if asked.is_write:
                raise
            raise ServerTrouble(str(error), system=_SYSTEM) from error
        fault = faults.classify(response, asked)
        if fault is not None:
            raise fault
        return response

    async def _send(self, request: HttpRequest, operation: str) -> HttpResponse:
        try:
            return await self._transport.send(request)
        except RemoteError as error:
            kind: type[RemoteError] = type(error)
            if isinstance(error, TooLong):
                kind = OutcomeUnknown
            raise kind(f"{operation}: {error}", system=_SYSTEM) from error


def _connection(found: _ConnectionWire) -> OrganisationConnection | None:
    """None for a practice."""
    if found.tenant_type != "ORGANISATION":
        return None
    return OrganisationConnection(
        id=found.id,
        organisation_id=XeroOrganisationId(found.tenant_id),
        name=found.tenant_name or "",
        authentication_event_id=found.auth_event_id or "",
        created_at=wire.read_instant(found.created_date_utc, "createdDateUtc"),
        updated_at=wire.read_instant(found.updated_date_utc, "updatedDateUtc"),
    )
