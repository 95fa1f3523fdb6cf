"""Xero's Idempotency-Key: six minutes, per app, errors too (facts §3.9).

Called by the gateway around every write. The clock runs from a key's first call.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from syncd.sandbox.http import Request, Response
from syncd.sandbox.xero.ledger.switches import Switches
from syncd.sandbox.xero.protocol import envelope

LONGEST = 128


@dataclass(slots=True)
class Remembered:
    """A key's first request, and its answer once there is one."""

    fingerprint: bytes
    first_ms: int
    response: Response | None


class IdempotencyStore:
    """The keys of all apps; `instance` mints the id of an error."""

    def __init__(self, switches: Switches, instance: Callable[[], str]) -> None:
        self._switches = switches
        self._instance = instance
        self._known: OrderedDict[tuple[str, str], Remembered] = OrderedDict()

    def replay(self, client_id: str, request: Request, now_ms: int) -> Response | None:
        """The answer already given for this key, a refusal, or None: then the call is new."""
        key = request.headers.get("idempotency-key")
        if key is None or request.method not in {"PUT", "POST", "PATCH"}:
            return None
        if not 0 < len(key) <= LONGEST:
            return envelope.bad_request(
                10, "ValidationException", f"Idempotency Key must be 1 to {LONGEST} characters long"
            )
        self._expire(now_ms)
        known = self._known.get((client_id, key))
        if known is None:
            self._known[client_id, key] = Remembered(_fingerprint(request), now_ms, None)
            return None
        if known.fingerprint != _fingerprint(request):
            return envelope.bad_request(
                10,
                "ValidationException",
                f"Idempotency Key: {key} is used with a different request.",
            )
        if known.response is None and self._switches.key_in_flight == "error":
            return envelope.server_error(self._instance())
        return known.response

    def keep(self, client_id: str, request: Request, response: Response) -> None:
        """Remember the answer of a key's first call."""
        known = self._known.get((client_id, request.headers.get("idempotency-key", "")))
        if known is not None and known.response is None:
            known.response = response

    def _expire(self, now_ms: int) -> None:
        oldest = now_ms - self._switches.idempotency_s * 1000
        while self._known:
            key, known = next(iter(self._known.items()))
            if known.first_ms > oldest:
                return
            del self._known[key]


def _fingerprint(request: Request) -> bytes:
    query = repr(sorted(request.query.items()))
    tenant = request.headers.get("xero-tenant-id", "")
    head = f"{request.method} {request.path} {query} {tenant}\n"
    return sha256(head.encode(errors="surrogateescape") + request.body).digest()
