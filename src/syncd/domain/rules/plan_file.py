"""Builds plan files, hashes and checks them, and says what moved since one was made.

Called by `engine.plans.build` and `engine.plans.apply`. Fingerprints are of one side of one object:
24 hex digits over everything, which decide, then four for each field, which name what has moved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from syncd.domain.ids import TenantId
from syncd.domain.model.contact import Customer, LiveContact
from syncd.domain.model.invoice import Invoice, LiveInvoice
from syncd.domain.model.money import canonical
from syncd.domain.model.planned import (
    FORMAT,
    Plan,
    PlanAction,
    PlanItem,
    PlanKind,
    PlanScope,
    PlanTotal,
)
from syncd.domain.model.snapshot import HEADER_FIELDS, PUBLIC_NAMES, Snapshot
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.compare import snapshots
from syncd.domain.rules.compare.comparison import Comparison
from syncd.domain.rules.compare.field_diff import FieldDiff
from syncd.domain.rules.contacts import field_moves
from syncd.domain.rules.contacts.field_moves import Field

NOTHING = "nothing"
"""The fingerprint of a side that is not there."""
_WHOLE, _FIELD = 24, 4
_KINDS = tuple(PlanKind)
_ACTIONS = tuple(PlanAction)
_INVOICE_FIELDS = ("status", *HEADER_FIELDS, "lines")
_CONTACT_FIELDS = (*Field, "status", "mark", "merge", "contact set by hand")
_OTHER_DOCUMENT = ("contact", "currency")


def plan_of(
    items: Iterable[PlanItem],
    *,
    tenant: TenantId,
    organisation_id: str,
    organisation: str,
    mode: str,
    made_at: datetime,
    scope: PlanScope,
) -> Plan:
    """The plan of these items: in their order, counted, with its hash."""
    ordered = tuple(sorted(items, key=_place))
    plan = Plan(
        syncd_plan=FORMAT,
        tenant=tenant,
        organisation_id=organisation_id,
        organisation=organisation,
        mode=mode,
        made_at=made_at.astimezone(UTC).isoformat(timespec="seconds"),
        scope=scope,
        totals=totals_of(ordered),
        items=ordered,
    )
    return replace(plan, hash=plan.digest())


def objection(plan: Plan, tenant: TenantId, organisation_id: str) -> str:
    """Why this plan is not to be applied to this tenant; nothing when it may be."""
    if plan.syncd_plan != FORMAT:
        return f"The plan is of form {plan.syncd_plan}; this daemon applies form {FORMAT}."
    if plan.hash != plan.digest():
        return "The plan was changed after it was made: its hash does not fit. Plan again."
    if plan.tenant != tenant:
        return f"The plan is of tenant {plan.tenant}, not of {tenant}."
    if plan.organisation_id != organisation_id:
        return (
            f"The plan is of the organisation {plan.organisation} ({plan.organisation_id}), and "
            f"the tenant is connected to {organisation_id}. Plan again."
        )
    return ""


def totals_of(items: Iterable[PlanItem]) -> tuple[PlanTotal, ...]:
    """Count and money by kind, action and currency, in the order of a plan."""
    sums: dict[tuple[PlanKind, PlanAction, str], tuple[int, Decimal, Decimal]] = {}
    for item in items:
        place = (item.kind, item.action, item.currency)
        count, before, after = sums.get(place, (0, Decimal(0), Decimal(0)))
        sums[place] = (count + 1, before + Decimal(item.before), after + Decimal(item.after))
    ordered = sorted(sums.items(), key=lambda each: (_rank(each[0][0], each[0][1]), each[0][2]))
    return tuple(
        PlanTotal(
            kind=kind,
            action=action,
            currency=currency,
            count=count,
            before=canonical(before),
            after=canonical(after),
        )
        for (kind, action, currency), (count, before, after) in ordered
    )


def adoption(compared: Comparison) -> tuple[PlanAction, str]:
    """What may become of a document with the invoice's number that nobody has linked.

    `compared` is without a base. Another contact or currency is another document, or a customer
    that is not linked rightly: a person says which.
    """
    differing = [diff for diff in compared.diffs if not diff.same]
    other = [field for field in _OTHER_DOCUMENT if _has(differing, field)]
    if other:
        return PlanAction.AMBIGUOUS, (
            f"Xero has a document of this number, but with another {' and '.join(other)}. Link the "
            "customer to that contact, or change one of the two numbers, and plan again."
        )
    if not differing:
        return PlanAction.ADOPT, "It stands in Xero and shows the same."
    names = ", ".join(dict.fromkeys(diff.name for diff in differing))
    return PlanAction.ADOPT_DIFFERING, (
        f"It stands in Xero and shows something else ({names}): linked as out of sync, nothing is "
        "overwritten; then resolve it, or make both the same."
    )


def invoice_fingerprint(invoice: Invoice | None) -> str:
    """The fingerprint of an invoice in Pipeline; None: withdrawn, or not readable."""
    return NOTHING if invoice is None else _of_snapshot(snapshots.of_pipeline(invoice))


def document_fingerprint(live: LiveInvoice | None) -> str:
    """The fingerprint of a document in Xero. A payment is no edit, so PAID is AUTHORISED."""
    if live is None:
        return NOTHING
    snapshot = snapshots.of_xero(live)
    if live.status is XeroStatus.PAID:
        snapshot = replace(snapshot, status=XeroStatus.AUTHORISED.value)
    return _of_snapshot(snapshot)


def customer_fingerprint(customer: Customer | None) -> str:
    """The fingerprint of a customer in Pipeline; None: deleted, or not readable."""
    if customer is None:
        return NOTHING
    values = field_moves.pipeline_values(customer)
    by_hand = customer.xero_contact_id or ""
    return _fingerprint([*(repr(values[field]) for field in Field), "", "", "", by_hand])


def contact_fingerprint(contact: LiveContact | None) -> str:
    """The fingerprint of a contact in Xero."""
    if contact is None:
        return NOTHING
    values = field_moves.xero_values(contact)
    merged = contact.merged_to or ""
    words = [
        *(repr(values[field]) for field in Field),
        contact.status.value,
        contact.number,
        merged,
    ]
    return _fingerprint([*words, ""])


def moved(kind: PlanKind, before: str, now: str) -> str:
    """In words what differs between two fingerprints of one side; nothing when they are equal."""
    if before == now:
        return ""
    if NOTHING in (before, now):
        return "it came since" if before == NOTHING else "it is gone"
    names = _INVOICE_FIELDS if kind is PlanKind.INVOICE else _CONTACT_FIELDS
    old, new = (_fields(text) for text in (before, now))
    if not len(old) == len(new) == len(names):
        return "it changed"
    public: Mapping[str, str] = PUBLIC_NAMES if kind is PlanKind.INVOICE else {}
    changed = [
        public.get(name, name) for name, was, is_ in zip(names, old, new, strict=True) if was != is_
    ]
    return ", ".join(changed) or "it changed"


def _of_snapshot(snapshot: Snapshot) -> str:
    header = [getattr(snapshot, field) or "" for field in HEADER_FIELDS]
    return _fingerprint([snapshot.status, *header, repr(snapshot.lines)])


def _fingerprint(words: Sequence[str]) -> str:
    whole = hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:_WHOLE]
    each = "".join(hashlib.sha256(word.encode()).hexdigest()[:_FIELD] for word in words)
    return f"{whole}.{each}"


def _fields(text: str) -> list[str]:
    _, _, digits = text.partition(".")
    return [digits[start : start + _FIELD] for start in range(0, len(digits), _FIELD)]


def _has(diffs: Sequence[FieldDiff], field: str) -> bool:
    return any(diff.line_index is None and diff.field == field for diff in diffs)


def _rank(kind: PlanKind, action: PlanAction) -> tuple[int, int]:
    return _KINDS.index(kind), _ACTIONS.index(action)


def _place(item: PlanItem) -> tuple[tuple[int, int], str, str, str]:
    return _rank(item.kind, item.action), item.name, item.key, item.xero_id
