"""Write calls to Xero: idempotency key, exact bytes and when they were sent.

A call and its intents (`store.intents`) are opened in one transaction before the first byte
leaves; the call closes, and forgets its bytes, with the last of its intents. Called by the
engine's delivery and prober.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from syncd.domain.ids import CallId, IdempotencyKey, TenantId
from syncd.domain.model.value import Value
from syncd.ports.ledger import PreparedCall
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("calls")


class Call(Value, frozen=True, kw_only=True):
    """One write call as it is stored; `body` is None once it is closed."""

    not_shown = ("body",)

    id: CallId
    tenant: TenantId
    idempotency_key: IdempotencyKey
    operation: str
    method: str
    target: str
    elements: int
    body: bytes | None
    opened_at: datetime
    first_sent_at: datetime
    last_sent_at: datetime
    sends: int

    def prepared(self) -> PreparedCall:
        """The same bytes, to be sent again. Only while the call is open."""
        assert self.body is not None, "a closed call is never sent again"
        return PreparedCall(
            operation=self.operation,
            method=self.method,
            target=self.target,
            body=self.body,
            elements=self.elements,
        )


def open_call(
    tenant: TenantId, call: PreparedCall, *, idempotency_key: IdempotencyKey, at: datetime
) -> Statement[CallId]:
    """Store a call, as if its first send began at `at`; its id."""
    return ask(
        _QUERIES["open"],
        tenant,
        idempotency_key,
        call.operation,
        call.method,
        call.target,
        call.elements,
        call.body,
        rows.to_ms(at),
        decode=_id,
    )


def get(calls: Iterable[CallId]) -> Statement[Call]:
    """These calls, oldest first."""
    return ask(_QUERIES["get"], _list(calls), decode=_call)


def resent(call: CallId, at: datetime) -> Statement[None]:
    """The same bytes are about to leave again. Raises Conflict when the call is closed."""
    return tell(_QUERIES["resent"], [(call, rows.to_ms(at))], must_change=1)


def last_byte_left(call: CallId, at: datetime) -> Statement[None]:
    """The latest send took until `at`: certainty is counted from there."""
    return tell(_QUERIES["last_byte_left"], [(call, rows.to_ms(at))])


def close_ended(calls: Iterable[CallId], at: datetime) -> Statement[None]:
    """Close those of these calls that have no open intent left, and drop their bytes."""
    return tell(_QUERIES["close_ended"], [(_list(calls), rows.to_ms(at))])


def _list(calls: Iterable[CallId]) -> str:
    return msgspec.json.encode(list(calls)).decode()


_id = rows.decoder(CallId)
_call = rows.decoder(Call)
