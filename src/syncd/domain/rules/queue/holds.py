"""What releases a hold: the events of its reason, stored as topics.

Called by the engine when a job is held, and when something happened that may release it. The store
matches topics by equality: the kind of event, and whom it is about.

    contact_linked:9f3c…           released when that customer is linked
    settings_read                  released when the organisation's settings were read anew

A release only makes the job ready: what to do is then read from the world. What is leased when its
release comes is looked at again if it ends as held (`store.jobs`). A new version in Pipeline, a
person's hand and the clock (`recheck_s`) release every hold; a reason without an event of its own
waits for these alone.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, XeroInvoiceId
from syncd.domain.model.job import Reason
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.value import Value


class HoldContext(Value, frozen=True, kw_only=True):
    """What is known when a job is held, from which its predicates are made."""

    now: datetime
    customer: PipelineCustomerId
    number: str = ""
    invoice: XeroInvoiceId | None = None
    is_invoice: bool = True
    """What is held: an invoice, else its customer itself."""
    in_the_way: tuple[str, ...] = ()
    """Ids of contacts or documents in Xero that stand in its way."""
    still_open: tuple[PipelineInvoiceId, ...] = ()
    """Invoices for whose sake a contact stays."""


_RELEASERS: dict[Reason | None, tuple[Predicate, ...]] = {
    None: (Predicate.SIDES_AGREE, Predicate.CONTACT_USABLE, Predicate.CHOICES_CHANGED),
    Reason.OBSERVING: (Predicate.MODE_LIVE, Predicate.CHOICES_CHANGED),
    Reason.PAUSED: (),
    Reason.NOT_CONNECTED: (),
    Reason.TOKEN_EXPIRED: (),
    Reason.CONTACT_UNMAPPED: (
        Predicate.CONTACT_LINKED,
        Predicate.CUSTOMER_LOOKED_AT,
        Predicate.CHOICES_CHANGED,
    ),
    Reason.CONTACT_ARCHIVED: (
        Predicate.CONTACT_USABLE,
        Predicate.CONTACT_LINKED,
        Predicate.CUSTOMER_LOOKED_AT,
    ),
    Reason.CONTACT_NAME_TAKEN: (Predicate.CONTACT_LINKED, Predicate.CUSTOMER_LOOKED_AT),
    Reason.ACCOUNT_UNMAPPED: (Predicate.CHOICES_CHANGED, Predicate.SETTINGS_READ),
    Reason.TAX_UNMAPPED: (Predicate.CHOICES_CHANGED, Predicate.SETTINGS_READ),
    Reason.CURRENCY_UNAVAILABLE: (Predicate.SETTINGS_READ,),
    Reason.LOCKED_PERIOD: (Predicate.SETTINGS_READ,),
    Reason.NUMBER_TAKEN: (Predicate.NUMBER_FREE,),
    Reason.TOTALS_MISMATCH: (Predicate.CHOICES_CHANGED, Predicate.SETTINGS_READ),
    Reason.HAS_PAYMENTS: (Predicate.MONEY_GONE,),
    Reason.INVALID_DOCUMENT: (Predicate.CHOICES_CHANGED,),
    Reason.STATUS_REGRESSION: (Predicate.SIDES_AGREE, Predicate.CHOICES_CHANGED),
    Reason.GONE_IN_XERO: (Predicate.SIDES_AGREE, Predicate.CHOICES_CHANGED),
    Reason.RATE_LIMITED: (),
    Reason.BREAKER_OPEN: (),
    Reason.BRAKE_HALTED: (Predicate.BRAKE_RELEASED,),
    Reason.REFUSED: (Predicate.CONTACT_USABLE, Predicate.SETTINGS_READ),
}
"""What is out of sync may be so for a contact that was merged, until the merge is followed. What
waits for calls, or for Xero to answer, has its instant as its clock; a closed gate and a pause are
read, never written into a job (docs/decisions/0003-closed-gates-are-not-written-into-jobs.md)."""


def predicates_for(reason: Reason | None, context: HoldContext) -> tuple[str, ...]:
    """The topics that release a hold of this reason; None is out of sync."""
    own = (_topic(each, context) for each in _RELEASERS[reason])
    moved = (Predicate.MOVED_IN_XERO.of(each.lower()) for each in context.in_the_way)
    closed = (Predicate.INVOICE_CLOSED.of(each) for each in context.still_open)
    return (*(topic for topic in own if topic is not None), *moved, *closed)


def waits_for_settings(reason: Reason) -> bool:
    """Whether newer settings of the organisation may take this reason away."""
    return Predicate.SETTINGS_READ in _RELEASERS[reason]


def _topic(predicate: Predicate, context: HoldContext) -> str | None:
    """The event about what is held; None where there is nothing it could be about."""
    match predicate:
        case Predicate.CONTACT_LINKED | Predicate.CONTACT_USABLE | Predicate.CUSTOMER_LOOKED_AT:
            # What a customer's own round says, invoices alone wait for: a customer that waited for
            # its own word would never rest.
            return predicate.of(context.customer) if context.is_invoice else None
        case Predicate.SIDES_AGREE | Predicate.MONEY_GONE:
            return None if context.invoice is None else predicate.of(context.invoice)
        case Predicate.NUMBER_FREE:
            return predicate.of(context.number)
        case _:
            return predicate.value
