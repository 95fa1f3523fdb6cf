"""The emulated Pipeline: one handler for the contract under `/api/v1`, for several tenants.

Called by `sandbox.serve` and, without any network, by tests and the simulation. Which tenant is
meant is decided by the key.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request, Response
from syncd.sandbox.pipeline import reading
from syncd.sandbox.pipeline.books import KINDS, Books, Entry
from syncd.sandbox.pipeline.exact import decode
from syncd.sandbox.pipeline.faults import Faults
from syncd.sandbox.pipeline.limits import Limit
from syncd.sandbox.pipeline.problems import Refused, answer_json, problem
from syncd.sandbox.pipeline.results import Results
from syncd.sandbox.pipeline.webhooks import Webhooks

BASE = "/api/v1"
_MOST_RESULTS = 200
SWITCHES: dict[str, float] = {
    "rate_limit": 100_000,  # calls a minute and key
    "max_body_bytes": 4 * 1024 * 1024,
    "repeat_entries": 0.0,  # chance of a feed entry to come again
    "offline": 0.0,  # chance of any call to be answered with 503
    "stall_s": 0.0,  # seconds by which every answer is late
    "most_changes": 500,  # entries of a page of the feed at most, whatever is asked for
    "seq_gaps": 0.1,  # chance of `seq` to leave numbers out
    "webhooks_lost": 0.0,  # chance of a webhook never to be sent
    "webhooks_repeated": 0.0,  # chance of a webhook to be sent twice
}


_ROUTES: dict[tuple[str, int], tuple[str, str, str]] = {
    ("changes", 1): ("GET", "listChanges", ""),
    ("invoices", 1): ("GET", "listInvoices", "invoice"),
    ("invoices", 2): ("GET", "getInvoice", "invoice"),
    ("customers", 1): ("GET", "listCustomers", "customer"),
    ("customers", 2): ("GET", "getCustomer", "customer"),
    ("sync-results", 1): ("POST", "putSyncResults", ""),
}


@dataclass(slots=True, kw_only=True)
class Tenant:
    """One customer of Pipeline: its books, what came back, what was planted, and what it asked."""

    name: str
    books: Books
    results: Results
    limit: Limit = field(default_factory=Limit)
    calls: dict[str, int] = field(default_factory=dict)
    planted: dict[str, str] = field(default_factory=dict)
    tax_rate: Decimal = Decimal("0.15")
    """At which its office invoices."""

    def dump(self) -> dict[str, Any]:
        """Everything of this tenant, as JSON values; money as text."""
        counted = {"calls": dict(self.calls), "planted": dict(self.planted)}
        return self.books.dump() | self.results.dump() | counted

    def load(self, dump: Mapping[str, Any]) -> None:
        """Become what an earlier `dump` says."""
        self.books.load(dump)
        self.results.load(dump)
        self.calls, self.planted = dict(dump["calls"]), dict(dump["planted"])

    def set_back(self, earlier: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
        """A backup, an earlier `dump`, is put back; no cursor given out since is known any more.

        Answers kind, id and what stood there, of what was changed since. What was made since is
        gone.
        """
        now, epoch = self.books.dump(), self.books.epoch
        self.load(earlier)
        self.books.epoch = epoch + 1
        return [
            (kind, identity, stood)
            for kind in KINDS
            for identity, shown in earlier[f"{kind}s"].items()
            if (stood := now[f"{kind}s"][identity]) != shown
        ]

    def clear(self) -> None:
        """Start over with empty books."""
        self.books.clear()
        self.results.standing = {}
        self.calls, self.planted = {}, {}


class PipelineWorld:
    """A Pipeline with the tenants named; same seed, same ids and keys.

    `equal_ids`: what one tenant makes as its nth customer, invoice or line has the id of every
    other tenant's nth, and people give equal numbers and names: a client that forgets whose
    something is mixes them up.
    """

    def __init__(
        self,
        *,
        clock: SandboxClock,
        seed: int = 0,
        tenants: Sequence[str] = ("demo",),
        switches: Mapping[str, float] | None = None,
        equal_ids: bool = False,
    ) -> None:
        self.clock = clock
        self._seed = seed
        self.equal_ids = equal_ids
        self.rng = Random(f"pipeline-{seed}")  # noqa: S311 - a pretend world's dice
        self.switches = {**SWITCHES, **(switches or {})}
        self.faults = Faults(self.rng)
        self.keys = {name: f"pip_key_{_secret(seed, name, 'key').hex()}" for name in tenants}
        self.webhook_secrets = {
            name: "whsec_" + b64encode(_secret(seed, name, "webhook")).decode() for name in tenants
        }
        self._by_key = {f"Bearer {key}": name for name, key in self.keys.items()}
        self.webhooks = Webhooks(
            rng=self.rng, secrets=self.webhook_secrets, chance=self.switches.__getitem__
        )
        self.tenants = {name: self._tenant(name) for name in tenants}

    def handle(self, request: Request) -> Response:
        """Answer one request; `delay_s` and `drop` of the answer are the server's to act out."""
        operation = _operation(request)
        if isinstance(operation, Response):
            return operation
        name, kind, identity = operation
        tenant = self.tenants.get(self._by_key.get(request.headers.get("authorization", ""), ""))
        if tenant is None:
            return problem(401, "expected Authorization: Bearer pip_key_…")
        tenant.calls[name] = tenant.calls.get(name, 0) + 1
        passes, headers = tenant.limit.spend(self.clock.now(), int(self.switches["rate_limit"]))
        if not passes:
            return problem(429, "too many calls in this minute", headers)
        if self.switches["offline"] and self.rng.random() < self.switches["offline"]:
            return problem(503, "the sandbox is away", headers)
        answer = partial(self._answer, request, tenant, name, kind, identity)
        answered = self.faults.around(request, tenant.name, answer)
        delay_s = answered.delay_s + self.switches["stall_s"]
        return replace(answered, headers={**headers, **answered.headers}, delay_s=delay_s)

    def begin(self, _request: Request) -> Response | None:
        """Pipeline limits no calls in flight: every request may start."""
        return None

    def end(self, _request: Request) -> None:
        """Nothing is counted in flight."""

    def dump(self) -> dict[str, Any]:
        """The whole world as JSON values, per tenant; money as text."""
        return {"tenants": {name: tenant.dump() for name, tenant in self.tenants.items()}}

    def load(self, dump: Mapping[str, Any]) -> None:
        """Become what an earlier `dump` says; keys, switches and faults stay."""
        for name, dumped in dump["tenants"].items():
            self.tenants[name].load(dumped)

    def reset(self) -> None:
        """Empty books for every tenant, no faults."""
        self.faults.set([])
        for tenant in self.tenants.values():
            tenant.clear()

    def set_switches(self, switches: Mapping[str, float]) -> None:
        """Turn the named switches. Raises ValueError naming one that does not exist."""
        strangers = sorted(set(switches) - set(SWITCHES))
        if strangers:
            raise ValueError(f"switches: expected some of {sorted(SWITCHES)}, got {strangers}")
        self.switches.update(switches)

    def _tenant(self, name: str) -> Tenant:
        books = Books(
            clock=self.clock,
            rng=self._dice(f"books of {name}") if self.equal_ids else self.rng,
            gaps=lambda: self.switches["seq_gaps"],
            ids={kind: self._dice(f"ids of {kind}s") for kind in (*KINDS, "line")}
            if self.equal_ids
            else None,
        )
        books.on_change = partial(self._note, name)
        return Tenant(name=name, books=books, results=Results(books))

    def _dice(self, name: str) -> Random:
        return Random(f"pipeline-{self._seed}/{name}")  # noqa: S311 - a pretend world's dice

    def _note(self, tenant: str, entry: Entry, deleted: bool) -> None:  # noqa: FBT001 - a listener
        self.webhooks.note(tenant, entry, deleted=deleted, now=self.clock.now())

    def _answer(
        self, request: Request, tenant: Tenant, name: str, kind: str, identity: str
    ) -> Response:
        try:
            if name == "putSyncResults":
                return self._store(request, tenant)
            if name == "listChanges":
                return reading.changes(
                    tenant.books,
                    request.query,
                    most=int(self.switches["most_changes"]),
                    repeat=self.switches["repeat_entries"],
                    rng=self.rng,
                )
            if identity:
                return reading.point(tenant.books, kind, identity)
            return reading.listing(tenant.books, kind, request.query)
        except Refused as refused:
            return refused.answer

    def _store(self, request: Request, tenant: Tenant) -> Response:
        if len(request.body) > self.switches["max_body_bytes"]:
            most = int(self.switches["max_body_bytes"])
            return problem(413, f"expected at most {most} bytes, got {len(request.body)}")
        try:
            body = decode(request.body)
        except ValueError as error:
            return problem(400, str(error))
        items = body.get("results") if isinstance(body, dict) else None
        if not isinstance(items, list):
            return problem(400, "results: expected a list")
        if len(items) > _MOST_RESULTS:
            return problem(400, f"results: expected at most {_MOST_RESULTS}, got {len(items)}")
        outcomes = [{"index": at, **tenant.results.put(item)} for at, item in enumerate(items)]
        return answer_json({"results": outcomes})


def _secret(seed: int, tenant: str, use: str) -> bytes:
    return hashlib.sha256(f"pipeline {seed} {tenant} {use}".encode()).digest()[:24]


def _operation(request: Request) -> tuple[str, str, str] | Response:
    """The operationId of the contract, the kind it is about, and the id in the path."""
    parts = request.path.removeprefix(BASE).strip("/").split("/")
    route = _ROUTES.get((parts[0], len(parts))) if request.path.startswith(BASE + "/") else None
    if route is None:
        return problem(404, f"no such path: {request.path}")
    method, name, kind = route
    if request.method != method:
        return problem(405, f"expected {method}, got {request.method}", {"Allow": method})
    return name, kind, parts[1] if len(parts) > 1 else ""
