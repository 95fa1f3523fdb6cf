"""The pretend Xero as one value: requests in, answers out, and a person who works in the books.

Driven by `sandbox.serve` on a port, by the simulation, and by tests directly. Everything follows
from the seed, the clock and the requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request, Response, rewritten
from syncd.sandbox.xero.actor.commands import Actor
from syncd.sandbox.xero.identity import pages
from syncd.sandbox.xero.identity.grants import App, Grants
from syncd.sandbox.xero.identity.service import Identity
from syncd.sandbox.xero.identity.token_claims import Person
from syncd.sandbox.xero.identity.tokens import TokenSigner
from syncd.sandbox.xero.ledger import reference
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.events import Listener, WebhookEvent
from syncd.sandbox.xero.ledger.identifiers import Mint
from syncd.sandbox.xero.ledger.switches import Switches
from syncd.sandbox.xero.protocol import envelope
from syncd.sandbox.xero.protocol.faults import Fault, FaultPlan
from syncd.sandbox.xero.protocol.idempotency import IdempotencyStore
from syncd.sandbox.xero.protocol.limits import Limits
from syncd.sandbox.xero.server import dump
from syncd.sandbox.xero.server.gateway import Gateway, is_of_api
from syncd.sandbox.xero.webhooks.sender import Webhooks

VERSION = 1
TOKEN_PATH = "/connect/token"  # noqa: S105  (a path)
_DISCOVERY = "/.well-known/openid-configuration"


class XeroWorld:
    """One pretend Xero with its organisations, its app and its time.

    `identity_url` and `authorize_url` are what discovery tells; a server sets its own addresses.
    """

    def __init__(
        self,
        *,
        clock: SandboxClock,
        seed: int = 0,
        switches: Switches | None = None,
        organisations: int = 1,
        countries: Sequence[str] = reference.ORDER,
        redirect_uris: Sequence[str] = (),
    ) -> None:
        self.clock = clock
        self.seed = seed
        self.switches = switches or Switches()
        self.faults = FaultPlan(seed)
        self.on_event: list[Listener] = []
        self.redirect_uris = list(redirect_uris)
        self.identity_url = "https://identity.xero.com"
        self.authorize_url = "https://login.xero.com/identity/connect/authorize"
        keys = Mint(f"{seed}-app")
        self.client_id = keys.hexadecimal(32).upper()
        self.client_secret = keys.opaque(48)
        self.pkce_client_id = keys.hexadecimal(32).upper()
        self.webhook_key = keys.opaque(60)
        self.webhooks = Webhooks(self.webhook_key, seed, self.switches)
        self.on_event.append(self.webhooks.collect)
        self._signing_key = keys.opaque(64).encode()
        self._organisations = organisations
        self._countries = countries
        self._begin()

    def _begin(self) -> None:
        now_ms = self._now_ms()
        mint = Mint(f"{self.seed}-documents")
        self._answers = Mint(f"{self.seed}-answers")
        self._pending: list[tuple[int, Callable[[int], None]]] = []
        self.books: dict[str, Books] = {}
        for place in range(self._organisations):
            organisation = reference.new_organisation(place, mint, now_ms, self._countries)
            self.books[organisation.id] = Books(
                organisation=organisation,
                settings=reference.new_settings(organisation, mint, now_ms),
                switches=self.switches,
                mint=mint,
                announce=self._announce,
            )
        self.grants = Grants()
        self._wire()

    def _wire(self) -> None:
        self._signer = signer = TokenSigner(self._signing_key)
        tokens = Mint(f"{self.seed}-tokens-{self._now_ms()}")
        person = Mint(f"{self.seed}-person")
        self.identity = Identity(
            apps=[
                App(client_id=self.client_id, secret=self.client_secret),
                App(client_id=self.pkce_client_id, secret=None),
            ],
            redirect_uris=self.redirect_uris,
            tenants=list(self.books),
            grants=self.grants,
            switches=self.switches,
            mint=tokens,
            signer=signer,
            person=Person(person.guid(), person.hexadecimal(32)),
        )
        self.limits = Limits(self.switches, self.seed)
        self.gateway = Gateway(
            tenants=self.books,
            grants=self.grants,
            signer=signer,
            limits=self.limits,
            idempotency=IdempotencyStore(self.switches, self._answers.guid),
            switches=self.switches,
            answers=self._answers,
            later=self._later,
            on_bearer=self.identity.conduct.used,
        )
        self.actor = Actor(self.books, self.grants)

    # --- serving

    def handle(self, request: Request) -> Response:
        """Answer one request of any path. Never raises for what a client sends."""
        self.settle()
        fault = self.faults.pick(request)
        for_tokens = request.path.endswith(TOKEN_PATH)
        if self.switches.offline or (for_tokens and self.switches.tokens_offline):
            return envelope.offline()
        response = self._serve(request, None) if fault is None else self._misbehave(request, fault)
        late_s = 0.0 if for_tokens else self.switches.stall_s
        return replace(response, delay_s=response.delay_s + late_s)

    def begin(self, request: Request) -> Response | None:
        """Say that a call begins; a 429 when five of its tenant are in progress."""
        if request.path.endswith(TOKEN_PATH):
            self.identity.conduct.begin()
        tenant = request.headers.get("xero-tenant-id", "").lower()
        return self.limits.begin(tenant, self.clock.now()) if tenant in self.books else None

    def end(self, request: Request) -> None:
        """Say that a call begun has ended; not for one that `begin` refused."""
        if request.path.endswith(TOKEN_PATH):
            self.identity.conduct.end()
        tenant = request.headers.get("xero-tenant-id", "").lower()
        if tenant in self.books:
            self.limits.end(tenant)

    def settle(self) -> None:
        """Do what was put off until now: late commits, in the order they fall due."""
        now_ms = self._now_ms()
        while due := sorted((each for each in self._pending if each[0] <= now_ms), key=_when):
            self._pending.remove(due[0])
            due[0][1](due[0][0])

    def _serve(self, request: Request, fault: Fault | None) -> Response:
        path, now_ms = request.path.rstrip("/"), self._now_ms()
        if is_of_api(path) or path.lower().startswith("/connections"):
            return self.gateway.serve(request, fault, now_ms)
        own: dict[tuple[str, str], Callable[[], Response]] = {
            ("GET", "/identity/connect/authorize"): lambda: self.identity.authorize(
                request, now_ms
            ),
            ("POST", "/connect/token"): lambda: self.identity.token(request, now_ms),
            ("POST", "/connect/revocation"): lambda: self.identity.revoke(request, now_ms),
            ("GET", _DISCOVERY): lambda: pages.discovery(self.identity_url, self.authorize_url),
            ("GET", f"{_DISCOVERY}/jwks"): lambda: pages.oauth_json(self._signer.keys),
        }
        return own.get((request.method, path), envelope.not_found)()

    def _misbehave(self, request: Request, fault: Fault) -> Response:
        untouched: dict[str, Callable[[], Response]] = {
            "drop_before_commit": lambda: Response(status=502, drop="before_commit"),
            "html": lambda: envelope.html_garbage(fault.status),
            "unavailable": envelope.offline,
            "unauthorised": lambda: envelope.problem(
                401, "Unauthorized", "AuthenticationUnsuccessful", self._answers.guid()
            ),
        }
        if not is_of_api(request.path):
            # The API's own door plays these between its steps.
            untouched["error_before"] = lambda: envelope.server_error(self._answers.guid())
            untouched["late_commit"] = lambda: self._serve_late(request, fault)
        if request.path.endswith(TOKEN_PATH):
            untouched["throttle"] = lambda: pages.throttled(fault.retry_after)
        if fault.do in untouched:
            return untouched[fault.do]()
        response = self._serve(request, fault)
        match fault.do:
            case "drop_after_commit":
                response = replace(response, drop="after_commit")
            case "truncated":
                response = replace(response, drop="truncated")
            case "slow":
                response = replace(response, delay_s=fault.seconds)
            case "rewritten":
                response = rewritten(response, fault.find, fault.put)
            case "error_after_commit" if not is_of_api(request.path):
                response = envelope.server_error(self._answers.guid())
        return response

    def _serve_late(self, request: Request, fault: Fault) -> Response:
        def commit(_: int) -> None:
            self._serve(request, None)

        self._later(self._now_ms() + int(fault.seconds * 1000), commit)
        return Response(status=504, drop="before_commit")

    # --- the books from outside

    def set_switches(self, switches: Mapping[str, Any]) -> None:
        """Turn the named switches. Raises ValueError naming what is wrong."""
        self.switches.turn(switches)

    def bookkeeper(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do in Xero what a person would, by command. Raises ValueError saying what is wrong."""
        self.settle()
        return self.actor.do(command, self._now_ms())

    def dump(self) -> dict[str, Any]:
        """Everything as JSON: the books with their histories, the grants, the counters."""
        self.settle()
        return {
            "version": VERSION,
            "now": self.clock.now(),
            "organisations": [dump.books_to_json(each) for each in self.books.values()],
            "grants": self.grants.dump(),
            "switches": self.switches.as_json(),
            "webhooks": self.webhooks.as_json(),
            "counters": self.counters(),
        }

    def counters(self) -> dict[str, Any]:
        """What was asked of this Xero so far."""
        return {
            "calls": dict(sorted(self.gateway.calls.items())),
            "by_tenant": dict(sorted(self.gateway.by_tenant.items())),
            "writes": self.gateway.writes,
            "refreshes": self.identity.refreshes,
            "spent_tokens_presented": self.identity.spent_tokens,
            **self.identity.conduct.as_json(),
            "consents": self.identity.consents,
            "throttled": dict(sorted(self.limits.refused.items())),
            "faults": dict(sorted(self.faults.fired.items())),
        }

    def load(self, dumped: dict[str, Any]) -> None:
        """Stand where a dump stood: books, grants and switches. Raises ValueError."""
        if dumped.get("version") != VERSION:
            raise ValueError(f"expected a dump of version {VERSION}, got {dumped.get('version')!r}")
        self._organisations = len(dumped["organisations"])
        self.switches.turn(dumped["switches"])
        self._begin()
        fresh = list(self.books.values())
        self.books.clear()
        for books, row in zip(fresh, dumped["organisations"], strict=True):
            dump.books_from_json(books, row)
            # Two mints of one seed would give two documents one id.
            books.mint = Mint(f"{self.seed}-documents-{dumped['now']}-{row['tenant_id']}")
            self.books[books.organisation.id] = books
        self.grants.load(dumped["grants"])
        self._wire()

    def reset(self) -> None:
        """Begin again: new books, no grants, no faults; the app keeps its credentials."""
        self.faults.clear()
        self._begin()

    # --- inside

    def _announce(self, event: WebhookEvent) -> None:
        for listener in self.on_event:
            listener(event)

    def _later(self, due_ms: int, act: Callable[[int], None]) -> None:
        self._pending.append((due_ms, act))

    def _now_ms(self) -> int:
        return int(self.clock.now() * 1000)


def _when(pending: tuple[int, Callable[[int], None]]) -> int:
    return pending[0]
