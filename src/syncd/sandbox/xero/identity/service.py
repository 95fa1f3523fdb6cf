"""Xero's identity service: consent, tokens, revocation, discovery (facts §1.1 to §1.5).

Called by the world for every path outside the API. Consent approves itself; `&org=N` picks the
organisation, 1 being the first, and a switch lets the person refuse.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

from syncd.sandbox.http import Request, Response
from syncd.sandbox.xero.identity import token_claims
from syncd.sandbox.xero.identity.grants import (
    CODE_S,
    GRACE_S,
    REFRESH_S,
    App,
    Code,
    Connection,
    Grants,
    RefreshToken,
)
from syncd.sandbox.xero.identity.pages import error_page, oauth_error, oauth_json
from syncd.sandbox.xero.identity.token_claims import Person
from syncd.sandbox.xero.identity.token_conduct import TokenConduct
from syncd.sandbox.xero.identity.tokens import TokenSigner
from syncd.sandbox.xero.ledger import scopes
from syncd.sandbox.xero.ledger.identifiers import Mint
from syncd.sandbox.xero.ledger.switches import Switches

_LINKED_WITHIN_MS = 2
"""A first link is updated this soon after it was created (facts §1.6)."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Identity:
    """The identity service of one world; `tenants` names its organisations in order."""

    def __init__(
        self,
        *,
        apps: Sequence[App],
        redirect_uris: Sequence[str],
        tenants: Sequence[str],
        grants: Grants,
        switches: Switches,
        mint: Mint,
        signer: TokenSigner,
        person: Person,
    ) -> None:
        self._apps = {each.client_id: each for each in apps}
        self.redirect_uris = list(redirect_uris)
        self._tenants = list(tenants)
        self._grants = grants
        self._switches = switches
        self._mint = mint
        self._signer = signer
        self._person = person
        self.conduct = TokenConduct()
        self.consents = 0
        self.refreshes = 0
        self.spent_tokens = 0

    # --- consent

    def authorize(self, request: Request, now_ms: int) -> Response:
        """GET /identity/connect/authorize: back to the app with a code, or an error page."""
        query = request.query
        refused = self._consent_error(query)
        if refused is not None:
            return error_page(*refused)
        app, redirect = self._apps[query["client_id"]], query["redirect_uri"]
        withheld = self._switches.withheld_scopes.split()
        asked = [each for each in query["scope"].split() if each not in withheld]
        state = {"state": query["state"]} if "state" in query else {}
        if self._switches.consent == "deny":
            return _back(redirect, {"error": "access_denied", **state})
        tenant = self._picked(query.get("org", "1"))
        if tenant is None:
            return error_page("invalid_request", "org: there is no such organisation")
        event_id = self._connect(app.client_id, tenant, now_ms)
        if event_id is None:
            return error_page("connection_limit", "This app has reached its maximum connections")
        code = self._mint.opaque(43)
        self._grants.codes[code] = Code(
            client_id=app.client_id,
            redirect_uri=redirect,
            scopes=asked,
            challenge=query.get("code_challenge"),
            event_id=event_id,
            issued_ms=now_ms,
        )
        self.consents += 1
        return _back(redirect, {"code": code, "scope": " ".join(asked), **state})

    def _consent_error(self, query: Mapping[str, str]) -> tuple[str, str] | None:
        app = self._apps.get(query.get("client_id", ""))
        if app is None or query.get("response_type") != "code":
            return "unauthorized_client", "Unknown client or client not enabled"
        if not self._is_registered(query.get("redirect_uri", "")):
            return "unauthorized_client", "Invalid redirect_uri"
        asked = query.get("scope", "").split()
        if not asked or scopes.unknown(asked, broad_allowed=self._switches.broad_scopes):
            return "invalid_scope", "Invalid scope for client"
        challenge = query.get("code_challenge")
        pkce_is_wrong = challenge is not None and query.get("code_challenge_method") != "S256"
        if pkce_is_wrong or (app.secret is None and not challenge):
            return "invalid_request", "code_challenge with method S256 is expected"
        return None

    def _is_registered(self, redirect: str) -> bool:
        parts = urlsplit(redirect)
        if parts.scheme == "http" and parts.hostname == "localhost":
            return True
        is_loopback = parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK
        return redirect in self.redirect_uris or (is_loopback and self._switches.loopback_redirects)

    def _picked(self, org: str) -> str | None:
        if org in self._tenants:
            return org
        place = max(int(org), 1) - 1 if org.isdecimal() else len(self._tenants)
        return self._tenants[place] if place < len(self._tenants) else None

    def _connect(self, client_id: str, tenant: str, now_ms: int) -> str | None:
        event_id = self._mint.guid()
        for each in self._grants.connections:
            if each.client_id == client_id and each.tenant_id == tenant:
                keeps = each.live and self._switches.reauthorise_keeps_event
                each.live, each.updated_ms = True, now_ms
                each.event_id = each.event_id if keeps else event_id
                return event_id
        if len(self._grants.live(client_id)) >= self._switches.max_connections:
            return None
        self._grants.connections.append(
            Connection(
                id=self._mint.guid(),
                client_id=client_id,
                tenant_id=tenant,
                event_id=event_id,
                created_ms=now_ms,
                updated_ms=now_ms + _LINKED_WITHIN_MS,
            )
        )
        return event_id

    # --- tokens

    def token(self, request: Request, now_ms: int) -> Response:
        """POST /connect/token: three grants. Errors are 400 with `error` alone."""
        form = {
            name: values[0] for name, values in parse_qs(request.body.decode("latin-1")).items()
        }
        app = self._authenticated(request, form)
        if app is None:
            return oauth_error("invalid_client")
        kind = form.get("grant_type")
        if kind == "authorization_code":
            return self._exchange(app, form, now_ms)
        if kind == "refresh_token":
            return self._refresh(app, form, now_ms)
        if kind == "client_credentials":
            return self._credentials(app, form, now_ms)
        return oauth_error("invalid_request" if kind is None else "unsupported_grant_type")

    def _authenticated(self, request: Request, form: Mapping[str, str]) -> App | None:
        scheme, _, basic = request.headers.get("authorization", "").partition(" ")
        client_id, secret = form.get("client_id", ""), form.get("client_secret")
        if scheme.lower() == "basic":
            try:
                client_id, _, secret = b64decode(basic, validate=True).decode().partition(":")
            except ValueError:
                return None
        app = self._apps.get(client_id)
        if app is None or app.secret is None:
            return app
        given = (secret or "").encode()
        return app if hmac.compare_digest(given, app.secret.encode()) else None

    def _exchange(self, app: App, form: Mapping[str, str], now_ms: int) -> Response:
        code = self._grants.codes.get(form.get("code", ""))
        if code is None or code.used or code.client_id != app.client_id:
            return oauth_error("invalid_grant")
        too_old = now_ms - code.issued_ms > CODE_S * 1000
        if too_old or form.get("redirect_uri") != code.redirect_uri:
            return oauth_error("invalid_grant")
        if code.challenge is not None and code.challenge != _s256(form.get("code_verifier", "")):
            return oauth_error("invalid_grant")
        code.used = True
        root = RefreshToken(
            client_id=app.client_id,
            scopes=code.scopes,
            event_id=code.event_id,
            session_id=self._mint.hexadecimal(32),
            auth_ms=code.issued_ms,
            issued_ms=now_ms,
        )
        return self._issue(root, now_ms)[0]

    def _refresh(self, app: App, form: Mapping[str, str], now_ms: int) -> Response:
        self.refreshes += 1
        presented = form.get("refresh_token", "")
        self.conduct.presented(presented)
        token = self._grants.refresh_tokens.get(presented)
        if token is None or token.client_id != app.client_id or token.revoked:
            return oauth_error("invalid_grant")
        if now_ms - token.issued_ms > REFRESH_S * 1000:
            return oauth_error("invalid_grant")
        grace_s = 0 if self._switches.strict_refresh else GRACE_S
        if token.used_ms is not None:
            self.spent_tokens += 1
            if self._switches.strict_refresh or now_ms - token.used_ms > grace_s * 1000:
                return oauth_error("invalid_grant")
            if not self._switches.grace_keeps_all_pairs:
                for child in token.children:
                    self._grants.refresh_tokens[child].revoked = True
        else:
            token.used_ms = now_ms
        response, refresh_token = self._issue(token, now_ms, parent=presented)
        if refresh_token is not None:
            token.children.append(refresh_token)
        return response

    def _credentials(self, app: App, form: Mapping[str, str], now_ms: int) -> Response:
        if app.secret is None:
            return oauth_error("unauthorized_client")
        # A form that names none is granted what the app has: official clients send none.
        asked = form.get("scope", "").split() or list(scopes.OF_AN_APP)
        if scopes.unknown(asked, broad_allowed=self._switches.broad_scopes):
            return oauth_error("invalid_scope")
        life_s = self._switches.access_token_s
        claims = token_claims.of_app(app.client_id, asked, self._mint, now_ms, life_s)
        return oauth_json(
            {
                "access_token": self._signer.write(claims),
                "expires_in": life_s,
                "token_type": "Bearer",
                "scope": " ".join(asked),
            }
        )

    def _issue(
        self, basis: RefreshToken, now_ms: int, *, parent: str = ""
    ) -> tuple[Response, str | None]:
        life_s = self._switches.access_token_s
        claims = token_claims.of_person(basis, self._person, self._mint, now_ms, life_s)
        access = self._signer.write(claims)
        answer: dict[str, object] = {
            "access_token": access,
            "expires_in": life_s,
            "token_type": "Bearer",
        }
        if "openid" in basis.scopes:
            answer["id_token"] = self._signer.write(
                token_claims.of_identity(basis, self._person, access, now_ms)
            )
        refresh_token = None
        if "offline_access" in basis.scopes:
            refresh_token = self._mint.opaque(43)
            answer["refresh_token"] = refresh_token
            self._grants.refresh_tokens[refresh_token] = RefreshToken(
                client_id=basis.client_id,
                scopes=basis.scopes,
                event_id=basis.event_id,
                session_id=basis.session_id,
                auth_ms=basis.auth_ms,
                issued_ms=now_ms,
            )
        self.conduct.issued(parent, access, refresh_token)
        answer["scope"] = " ".join(basis.scopes)
        return oauth_json(answer), refresh_token

    # --- the end

    def revoke(self, request: Request, now_ms: int) -> Response:
        """POST /connect/revocation: 200 whatever the token; cuts every connection of the user."""
        form = {
            name: values[0] for name, values in parse_qs(request.body.decode("latin-1")).items()
        }
        app = self._authenticated(request, form)
        if app is None:
            return oauth_error("invalid_client")
        token = self._grants.refresh_tokens.get(form.get("token", ""))
        if token is not None and token.client_id == app.client_id:
            for each in self._grants.refresh_tokens.values():
                if each.session_id == token.session_id:
                    each.revoked = True
            self._grants.revoked_sessions[token.session_id] = now_ms
            for connection in self._grants.live(app.client_id):
                connection.live = False
        return Response(status=200)


def _back(redirect: str, parameters: Mapping[str, str]) -> Response:
    joint = "&" if urlsplit(redirect).query else "?"
    return Response(status=302, headers={"Location": f"{redirect}{joint}{urlencode(parameters)}"})


def _s256(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
