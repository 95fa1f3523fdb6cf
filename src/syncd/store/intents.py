"""Intents: what each element of a write call meant, open until its outcome is known.

At most one is open per object (a unique index says so): the next write waits for the outcome of
the last. Called by the engine's delivery and prober; the protocol is `rules.queue.uncertain_write`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from syncd.domain.ids import CallId, IdempotencyKey, IntentId, TenantId
from syncd.domain.model.intent_body import ContactIntentBody, IntentBody, InvoiceIntentBody
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.value import Value
from syncd.ports.billing import ChangeKind
from syncd.ports.driver import Row
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("intents")
_OPEN = "open"
_INVOICE = msgspec.json.Decoder(InvoiceIntentBody)
_CONTACT = msgspec.json.Decoder(ContactIntentBody)


class IntentEnd(StrEnum):
    """How an intent closed."""

    APPLIED = "applied"
    REFUSED = "refused"
    UNSENT = "unsent"
    """Surely no byte of it was accepted."""
    ABANDONED = "abandoned"
    """It did not land, and cannot any more."""


class NewIntent(Value, frozen=True, kw_only=True):
    """One element of a call about to be made.

    `was_uncertain`: an earlier call with this same write had no usable answer and was abandoned.
    """

    not_shown = ("body",)

    kind: ChangeKind
    key: str
    element: int
    step: StepKind
    version: int
    body: IntentBody
    xero_id: str | None = None
    was_uncertain: bool = False


class Intent(Value, frozen=True, kw_only=True):
    """One intent as it stands; `end` is None while it is open.

    `clean_looks` and `look_at` are what the last probe left (`probing.StayUncertain`);
    `was_not_unique`: the latest answer said the number, or name, is taken. `together` is how many
    elements its call had.
    """

    not_shown = ("body",)

    id: IntentId
    kind: ChangeKind
    key: str
    call: CallId
    element: int
    step: StepKind
    version: int
    xero_id: str | None
    end: IntentEnd | None
    was_uncertain: bool
    was_not_unique: bool
    clean_looks: int
    look_at: datetime | None
    opened_at: datetime
    body: IntentBody
    together: int = 1


def open_intents(
    tenant: TenantId,
    intents: Iterable[NewIntent],
    *,
    idempotency_key: IdempotencyKey,
    at: datetime,
) -> Statement[None]:
    """Store the elements of a call, in the transaction that opens the call, after it.

    Raises Conflict when one of the objects has an open intent already.
    """
    now = rows.to_ms(at)
    return tell(
        _QUERIES["open"],
        [
            (
                tenant,
                one.kind,
                one.key,
                idempotency_key,
                one.element,
                one.step,
                one.version,
                one.xero_id,
                one.was_uncertain,
                now,
                msgspec.json.encode(one.body),
            )
            for one in intents
        ],
    )


def ids_of_sent_call(idempotency_key: IdempotencyKey) -> Statement[tuple[IntentId, CallId]]:
    """The intents of the call with this key, by element; also right after they were opened."""
    return ask(_QUERIES["ids_of_sent_call"], idempotency_key, decode=_ids)


def of_calls(calls: Iterable[CallId]) -> Statement[Intent]:
    """All intents of these calls, by call and element: each other's siblings."""
    ids = msgspec.json.encode(list(calls)).decode()
    return ask(_QUERIES["of_calls"], ids, decode=_intent)


def open_by_keys(tenant: TenantId, kind: ChangeKind, keys: Iterable[str]) -> Statement[Intent]:
    """The open intents of these objects."""
    return ask(_QUERIES["open_by_keys"], tenant, kind, rows.json_list(keys), decode=_intent)


def open_on(tenant: TenantId, kind: ChangeKind, ids: Iterable[str]) -> Statement[tuple[str, str]]:
    """Documents with a write of no certain outcome, each with the key it is written for."""
    decode = rows.decoder(tuple[str, str])
    return ask(_QUERIES["open_on"], tenant, kind, rows.json_list(ids), decode=decode)


def open_of_tenant(tenant: TenantId) -> Statement[Intent]:
    """Every open intent of a tenant, oldest first."""
    return ask(_QUERIES["open_of_tenant"], tenant, decode=_intent)


def since_base(tenant: TenantId, kind: ChangeKind, keys: Iterable[str]) -> Statement[Intent]:
    """Closed intents opened after the object's base last moved, oldest first; all without a base.

    A live document equal to one of them is ours, late.
    """
    return ask(_QUERIES["since_base"], tenant, kind, rows.json_list(keys), decode=_intent)


def close(ends: Iterable[tuple[IntentId, IntentEnd]], at: datetime) -> Statement[None]:
    """Close these intents; one that is closed already stays as it is."""
    now = rows.to_ms(at)
    return tell(_QUERIES["close"], [(intent, end, now) for intent, end in ends])


def note_probes(probes: Iterable[tuple[IntentId, int, datetime | None]]) -> Statement[None]:
    """After a probe that settled nothing: (intent, clean looks so far, when to look again)."""
    return tell(
        _QUERIES["note_probes"],
        [(intent, clean, rows.ms_or_none(look_at)) for intent, clean, look_at in probes],
    )


def not_unique(intents: Iterable[IntentId]) -> Statement[None]:
    """Xero answered that these numbers or names are taken: they are looked for at once."""
    return tell(_QUERIES["not_unique"], [(intent,) for intent in intents])


def resent(call: CallId) -> Statement[None]:
    """The call's bytes leave again: its open intents count their looks from none."""
    return tell(_QUERIES["resent"], [(call,)])


_ids = rows.decoder(tuple[IntentId, CallId])


def _intent(row: Row) -> Intent:
    id_, kind, key, call, element, step, version, xero_id, state, *rest = row
    was_uncertain, was_not_unique, clean_looks, look_at, opened_at, body, together = rest
    object_kind = ChangeKind(rows.text_of(kind))
    decode = _INVOICE.decode if object_kind is ChangeKind.INVOICE else _CONTACT.decode
    return Intent(
        id=IntentId(rows.whole_of(id_)),
        kind=object_kind,
        key=rows.text_of(key),
        call=CallId(rows.whole_of(call)),
        element=rows.whole_of(element),
        step=StepKind(rows.text_of(step)),
        version=rows.whole_of(version),
        xero_id=rows.text_or_none(xero_id),
        end=None if state == _OPEN else IntentEnd(rows.text_of(state)),
        was_uncertain=bool(was_uncertain),
        was_not_unique=bool(was_not_unique),
        clean_looks=rows.whole_of(clean_looks),
        look_at=rows.from_ms_or_none(look_at),
        opened_at=rows.from_ms(opened_at),
        body=decode(rows.bytes_of(body)),
        together=rows.whole_of(together),
    )
