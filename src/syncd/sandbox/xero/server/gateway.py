"""The door of the accounting API: token, tenant, rate, idempotency, and only then the work (§9).

Called by the world for every path of the API. Misbehaviour that strikes between these steps is
played here; what strikes before or after them is played by the world.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import formatdate
from urllib.parse import urlencode

from syncd.sandbox.http import Request, Response
from syncd.sandbox.xero.identity import connections
from syncd.sandbox.xero.identity.grants import Grants
from syncd.sandbox.xero.identity.tokens import TokenInvalid, TokenSigner
from syncd.sandbox.xero.ledger import scopes
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.identifiers import Mint, is_guid
from syncd.sandbox.xero.ledger.model import APP
from syncd.sandbox.xero.ledger.switches import Switches
from syncd.sandbox.xero.protocol import envelope
from syncd.sandbox.xero.protocol.calls import Call, Died
from syncd.sandbox.xero.protocol.envelope import CORRELATION, Failed, Refusal
from syncd.sandbox.xero.protocol.faults import Fault
from syncd.sandbox.xero.protocol.idempotency import IdempotencyStore
from syncd.sandbox.xero.protocol.limits import Limits
from syncd.sandbox.xero.server import resources
from syncd.sandbox.xero.server.resources import Route

API = "/api.xro/2.0/"


def is_of_api(path: str) -> bool:
    """Whether a path leads to the accounting API, whatever its case (§9)."""
    return path.lower().startswith(API.rstrip("/"))


Later = Callable[[int, Callable[[int], None]], None]
_COMMIT_FAULTS = ("error_before", "partial_commit", "error_after_commit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who calls: the app and what it was granted. `is_custom`: client credentials, one tenant."""

    client_id: str
    scopes: list[str]
    is_custom: bool


@dataclass(slots=True, kw_only=True)
class Gateway:
    """The door of one world. `later` runs something at an instant of world time."""

    tenants: Mapping[str, Books]
    grants: Grants
    signer: TokenSigner
    limits: Limits
    idempotency: IdempotencyStore
    switches: Switches
    answers: Mint
    later: Later
    on_bearer: Callable[[str], None]
    """Told each access token that is good for a call."""
    calls: Counter[str] = field(default_factory=Counter)
    by_tenant: Counter[str] = field(default_factory=Counter)
    writes: int = 0

    def serve(self, request: Request, fault: Fault | None, now_ms: int) -> Response:
        """Answer one call."""
        try:
            bearer = self._bearer(request, now_ms)
            if request.path.lower().startswith("/connections"):
                return self._connections(request, bearer, now_ms)
            books = self._tenant(request, bearer)
        except Refusal as refusal:
            return refusal.response
        tenant = books.organisation.id
        refused = self.limits.admit(tenant, now_ms / 1000)
        if refused is not None:
            return refused
        if fault is not None and fault.do == "throttle":
            return self.limits.breach(fault.problem, tenant, now_ms / 1000, fault.retry_after)
        try:
            response = self._work(request, bearer, books, fault, now_ms)
        except Refusal as refusal:
            response = refusal.response
        if self.switches.shortest_numbers:
            response = envelope.with_shortest_numbers(response)
        if not _accepts_json(request):
            response = envelope.in_xml(response)
        return replace(response, headers=self._headers(response, tenant, now_ms))

    def _headers(self, response: Response, tenant: str, now_ms: int) -> dict[str, str]:
        """What every answer about a tenant carries, whatever its status (facts §2.2)."""
        date = formatdate(now_ms / 1000, usegmt=True)
        return {
            CORRELATION: self.answers.guid(),
            **response.headers,
            **self.limits.headers(tenant, now_ms / 1000),
            "Xero-Tenant-Id": tenant,
            "Cache-Control": "max-age=0, no-cache, no-store",
            "Pragma": "no-cache",
            "Date": date,
            "Expires": date,
        }

    # --- who

    def _bearer(self, request: Request, now_ms: int) -> Bearer:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            claims = self.signer.read(token)
        except TokenInvalid as wrong:
            raise self._unauthorised("AuthenticationUnsuccessful") from wrong
        if scheme.lower() != "bearer" or "scope" not in claims:
            raise self._unauthorised("AuthenticationUnsuccessful")
        if now_ms >= claims["exp"] * 1000:
            expired = datetime.fromtimestamp(claims["exp"], tz=UTC)
            raise self._unauthorised(f"TokenExpired: token expired at {expired:%m/%d/%Y %H:%M:%S}")
        self.on_bearer(token)
        is_revoked = claims.get("global_session_id") in self.grants.revoked_sessions
        if is_revoked and not self.switches.revoked_access_lives:
            raise self._unauthorised("AuthenticationUnsuccessful")
        return Bearer(
            client_id=claims["client_id"], scopes=claims["scope"], is_custom="sub" not in claims
        )

    def _connections(self, request: Request, bearer: Bearer, now_ms: int) -> Response:
        own = {CORRELATION: self.answers.guid(), **self.limits.count_for_app(now_ms / 1000)}
        response = self._of_connections(request, bearer)
        return replace(response, headers={**own, **response.headers})

    def _of_connections(self, request: Request, bearer: Bearer) -> Response:
        self.calls[f"{request.method} connections"] += 1
        key = request.path.rstrip("/").split("/")[2:]
        if request.method == "GET" and not key:
            names = {tenant: books.organisation.name for tenant, books in self.tenants.items()}
            return connections.listing(self.grants, bearer.client_id, names, request)
        if request.method == "DELETE" and len(key) == 1:
            instance = self.answers.guid()
            return connections.cut(self.grants, bearer.client_id, key[0], instance)
        return envelope.not_found()

    def _tenant(self, request: Request, bearer: Bearer) -> Books:
        tenant = request.headers.get("xero-tenant-id", "").lower()
        if bearer.is_custom:
            tenant = tenant or next(iter(self.tenants))
        elif self.grants.connection(bearer.client_id, tenant) is None:
            raise self._forbidden("AuthenticationUnsuccessful")
        books = self.tenants.get(tenant)
        if books is None or books.organisation.user_role == "none":
            raise self._forbidden("AuthenticationUnsuccessful")
        return books

    def _unauthorised(self, detail: str, headers: Mapping[str, str] | None = None) -> Refusal:
        response = envelope.problem(401, "Unauthorized", detail, self.answers.guid())
        return Refusal(replace(response, headers={**response.headers, **(headers or {})}))

    def _without_permission(self, hint: Mapping[str, str]) -> Refusal:
        if not self.switches.missing_scope_is_403:
            return self._unauthorised("AuthorizationUnsuccessful", hint)
        refusal = self._forbidden("AuthorizationUnsuccessful")
        headers = {**refusal.response.headers, **hint}
        return Refusal(replace(refusal.response, headers=headers))

    def _forbidden(self, detail: str) -> Refusal:
        return Refusal(envelope.problem(403, "Forbidden", detail, self.answers.guid()))

    # --- what

    def _work(
        self, request: Request, bearer: Bearer, books: Books, fault: Fault | None, now_ms: int
    ) -> Response:
        route, keys = self._route(request)
        self.calls[route.operation] += 1
        self.by_tenant[books.organisation.id] += 1
        if not scopes.allows(bearer.scopes, route.scope, writes=route.writes):
            hint = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
            raise self._without_permission(hint)
        if route.writes and books.organisation.user_role == "read_only":
            raise self._forbidden("You are not permitted to access this resource")
        query = self._query(request, route)
        if not route.writes:
            call = self._call(request, bearer, books, query, now_ms)
            return self._run(route, call, keys, fault)
        replayed = self.idempotency.replay(bearer.client_id, request, now_ms)
        if replayed is not None:
            return replayed
        if fault is not None and fault.do == "late_commit":

            def commit(at_ms: int) -> None:
                late = self._call(request, bearer, books, query, at_ms)
                response = self._run(route, late, keys, None)
                self.idempotency.keep(bearer.client_id, request, response)

            self.later(now_ms + int(fault.seconds * 1000), commit)
            return Response(status=504, drop="before_commit")
        call = self._call(request, bearer, books, query, now_ms)
        response = self._run(route, call, keys, fault)
        self.idempotency.keep(bearer.client_id, request, response)
        return response

    def _route(self, request: Request) -> tuple[Route, list[str]]:
        segments = request.path[len(API) :].rstrip("/").split("/")
        routes, keys = resources.methods_of(segments)
        if not routes:
            if resources.is_uncovered(segments[0]):
                text = f"sandbox: {segments[0]} is a resource of Xero's, not of this sandbox"
                raise Refusal(envelope.not_implemented(text))
            raise Refusal(envelope.not_found())
        if request.method == "DELETE" and request.method not in routes:
            raise Refusal(envelope.not_found())
        if request.method not in routes:
            text = f"sandbox: {request.method} does not exist here, only {', '.join(routes)}"
            raise Refusal(envelope.not_implemented(text))
        return routes[request.method], keys

    def _query(self, request: Request, route: Route) -> dict[str, str]:
        if not self.switches.answers_xml and not _accepts_json(request):
            text = (
                "sandbox: without Accept: application/json Xero answers XML; this sandbox refuses"
            )
            raise Refusal(envelope.problem(406, "Not Acceptable", text, self.answers.guid()))
        raw = request.raw_query or urlencode(request.query)
        ids = next((text for name, text in request.query.items() if name.lower() == "ids"), "")
        too_many = ids.count(",") + 1 > self.switches.max_ids
        if too_many or len(request.path) + 1 + len(raw) > self.switches.max_url:
            raise Refusal(envelope.not_found())
        query = {name.lower(): text for name, text in request.query.items()}
        for name in ("Ids", "ContactIds"):
            parts = (part.strip() for part in query.get(name.lower(), "").split(","))
            if not all(is_guid(part) for part in parts if part):
                raise Refusal(envelope.ids_unreadable(name))
        strangers = [name for name in query if name not in route.queries]
        if strangers and self.switches.strict_queries:
            text = f"sandbox: {route.operation} does not know {', '.join(sorted(strangers))}"
            raise Refusal(envelope.query_refused(text))
        return query

    def _call(
        self,
        request: Request,
        bearer: Bearer,
        books: Books,
        query: Mapping[str, str],
        at_ms: int,
    ) -> Call:
        author = Author(who=APP, at_ms=at_ms, client_id=bearer.client_id)
        return Call(books=books, request=request, query=query, author=author, answers=self.answers)

    def _run(self, route: Route, call: Call, keys: list[str], fault: Fault | None) -> Response:
        strikes = fault.do if fault is not None and fault.do in _COMMIT_FAULTS else None
        if strikes == "error_before":
            return envelope.server_error(self.answers.guid())
        if fault is not None and strikes == "partial_commit":
            call.dies_after = fault.commit
        try:
            response = route.run(call, keys)
        except Refusal as refusal:
            response = refusal.response
        except (Died, Failed):
            response = envelope.server_error(self.answers.guid())
        if route.writes:
            self.writes += 1
        if strikes is not None:
            return envelope.server_error(self.answers.guid())
        return response


def _accepts_json(request: Request) -> bool:
    return "json" in request.headers.get("accept", "").lower()
