"""Intents: what each element of a write call meant, open until its outcome is known.

At most one is open per object (a unique index says so): the next write waits for the outcome of
the last. What an invoice's create meant stands in the bytes of its call and in the version it was
made of, which stays as long as the call is open; other intents say it themselves, and so does
every one that was refused or given up. Called by the engine's delivery and prober; the protocol is
`rules.queue.uncertain_write`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

import msgspec

from syncd.domain.ids import CallId, IdempotencyKey, IntentId, TenantId
from syncd.domain.model.intent_body import (
    EXACT,
    ContactIntentBody,
    IntentBody,
    InvoiceIntentBody,
    TieSlack,
)
from syncd.domain.model.invoice import Invoice, StepKind
from syncd.domain.model.value import Value
from syncd.ports.billing import ChangeKind
from syncd.ports.driver import Row
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("intents")
_OPEN = "open"
_INVOICE = msgspec.json.Decoder(InvoiceIntentBody)
_CONTACT = msgspec.json.Decoder(ContactIntentBody)
_TIES = msgspec.json.Decoder(TieSlack)
_VERSION = msgspec.json.Decoder(Invoice)


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
    elements its call had. `body` None: see `invoices.meant`; the base says what was applied.
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
    body: IntentBody | None
    ties: TieSlack = EXACT
    together: int = 1


def open_intents(
    tenant: TenantId,
    intents: Iterable[NewIntent],
    *,
    idempotency_key: IdempotencyKey,
    at: datetime,
    are_whole: bool = False,
) -> Statement[None]:
    """Store the elements of a call, in the transaction that opens the call, after it.

    Raises Conflict when one of the objects has an open intent already; also when a create's
    version is not the stored one any more, unless all of them are stored whole.
    """
    now = rows.to_ms(at)
    elements = [
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
            *_meant(one.body, is_whole=are_whole),
        )
        for one in intents
    ]
    return tell(_QUERIES["open"], elements, must_change=len(elements))


def ids_of_sent_call(idempotency_key: IdempotencyKey) -> Statement[tuple[IntentId, CallId]]:
    """The intents of the call with this key, by element; also right after they were opened."""
    return ask(_QUERIES["ids_of_sent_call"], idempotency_key, decode=_ids)


def of_calls(calls: Iterable[CallId]) -> Statement[Intent]:
    """All intents of these calls, by call and element: each other's siblings."""
    return ask(_QUERIES["of_calls"], _list(calls), decode=_intent)


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


def close(ends: Iterable[tuple[Intent, IntentEnd]], at: datetime) -> Statement[None]:
    """Close these intents; one that is closed already stays as it is.

    One that ended without being applied keeps what was meant, for there is no base that says it.
    """
    now = rows.to_ms(at)
    closed = [(one.id, end, now, _kept(one, end)) for one, end in ends]
    then = (tell(_QUERIES["forget_versions"]).bound,)
    return replace(tell(_QUERIES["close"], closed), then=then)


def keep_meant(tenant: TenantId, invoice: str, meant: InvoiceIntentBody) -> Statement[None]:
    """The base of an invoice may be forgotten now: its applied creates keep what that says."""
    return tell(_QUERIES["keep_meant"], [(tenant, invoice, msgspec.json.encode(meant))])


def versions_carried(intents: Iterable[IntentId]) -> Statement[tuple[IntentId, Invoice]]:
    """Of these open intents of invoices, the version that each carries, as Pipeline showed it."""
    return ask(_QUERIES["versions_carried"], _list(intents), decode=_version)


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


def _list(ids: Iterable[int]) -> str:
    return msgspec.json.encode(list(ids)).decode()


def _meant(body: IntentBody, *, is_whole: bool) -> tuple[bytes | None, bytes | None]:
    """The columns of a body: itself, or what call and version leave open of it.

    They say all else of an invoice's create, which rests on nothing that Xero showed before.
    """
    if (
        is_whole
        or not isinstance(body, InvoiceIntentBody)
        or body.write.step is not StepKind.CREATE
        or body.base_xero is not None
        or body.desired is None
    ):
        return msgspec.json.encode(body), None
    return None, None if body.ties == EXACT else msgspec.json.encode(body.ties)


def _kept(one: Intent, end: IntentEnd) -> bytes | None:
    if end in (IntentEnd.APPLIED, IntentEnd.UNSENT) or one.body is None:
        return None
    return msgspec.json.encode(one.body)


_ids = rows.decoder(tuple[IntentId, CallId])


def _intent(row: Row) -> Intent:
    id_, kind, key, call, element, step, version, xero_id, state, *rest = row
    was_uncertain, was_not_unique, clean_looks, look_at, opened_at, body, ties, together = rest
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
        body=None if body is None else decode(rows.bytes_of(body)),
        ties=EXACT if ties is None else _TIES.decode(rows.bytes_of(ties)),
        together=rows.whole_of(together),
    )


def _version(row: Row) -> tuple[IntentId, Invoice]:
    id_, body = row
    return IntentId(rows.whole_of(id_)), _VERSION.decode(rows.bytes_of(body))
