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

from collections.abc import Callable
from datetime import datetime

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, XeroInvoiceId
from syncd.domain.model.job import Reason
from syncd.domain.model.predicate import (
    BothSidesAgree,
    BrakeReleased,
    ChoicesChanged,
    ContactLinked,
    ContactUsable,
    CustomerLookedAt,
    InvoiceClosed,
    ModeLive,
    MoneyGone,
    MovedInXero,
    NumberFree,
    Predicate,
    SettingsRefreshed,
)
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


_Releaser = Callable[[HoldContext], Predicate | None]


# What a customer's own round says, invoices alone wait for: a customer that waited for its own word
# would never rest.
def _linked(context: HoldContext) -> Predicate | None:
    return ContactLinked(customer=context.customer) if context.is_invoice else None


def _usable(context: HoldContext) -> Predicate | None:
    return ContactUsable(customer=context.customer) if context.is_invoice else None


def _looked_at(context: HoldContext) -> Predicate | None:
    return CustomerLookedAt(customer=context.customer) if context.is_invoice else None


def _chosen(_: HoldContext) -> Predicate:
    return ChoicesChanged()


def _settings(_: HoldContext) -> Predicate:
    return SettingsRefreshed()


def _agreed(context: HoldContext) -> Predicate | None:
    return None if context.invoice is None else BothSidesAgree(invoice=context.invoice)


def _money(context: HoldContext) -> Predicate | None:
    return None if context.invoice is None else MoneyGone(invoice=context.invoice)


_RELEASERS: dict[Reason | None, tuple[_Releaser, ...]] = {
    None: (_agreed, _usable, _chosen),
    Reason.OBSERVING: (lambda _: ModeLive(),),
    Reason.PAUSED: (),
    Reason.NOT_CONNECTED: (),
    Reason.TOKEN_EXPIRED: (),
    Reason.CONTACT_UNMAPPED: (_linked, _looked_at, _chosen),
    Reason.CONTACT_ARCHIVED: (_usable, _linked, _looked_at),
    Reason.CONTACT_NAME_TAKEN: (_linked, _looked_at),
    Reason.ACCOUNT_UNMAPPED: (_chosen, _settings),
    Reason.TAX_UNMAPPED: (_chosen, _settings),
    Reason.CURRENCY_UNAVAILABLE: (_settings,),
    Reason.LOCKED_PERIOD: (_settings,),
    Reason.NUMBER_TAKEN: (lambda context: NumberFree(number=context.number),),
    Reason.TOTALS_MISMATCH: (_chosen, _settings),
    Reason.HAS_PAYMENTS: (_money,),
    Reason.INVALID_DOCUMENT: (_chosen,),
    Reason.STATUS_REGRESSION: (_agreed, _chosen),
    Reason.GONE_IN_XERO: (_agreed, _chosen),
    Reason.RATE_LIMITED: (),
    Reason.BREAKER_OPEN: (),
    Reason.BRAKE_HALTED: (lambda _: BrakeReleased(),),
    Reason.REFUSED: (_usable, _settings),
}
"""What is out of sync may be so for a contact that was merged, until the merge is followed. What
waits for calls, or for Xero to answer, has its instant as its clock; a closed gate and a pause are
read, never written into a job (docs/decisions/0003-closed-gates-are-not-written-into-jobs.md)."""


def predicates_for(reason: Reason | None, context: HoldContext) -> tuple[Predicate, ...]:
    """The events that release a hold of this reason; None is out of sync."""
    own = (releaser(context) for releaser in _RELEASERS[reason])
    moved = (MovedInXero(id=each.lower()) for each in context.in_the_way)
    closed = (InvoiceClosed(key=each) for each in context.still_open)
    return (*(predicate for predicate in own if predicate is not None), *moved, *closed)


def waits_for_settings(reason: Reason) -> bool:
    """Whether newer settings of the organisation may take this reason away."""
    return _settings in _RELEASERS[reason]


_WORDS: dict[type[Predicate], str] = {
    ContactLinked: "contact_linked",
    ContactUsable: "contact_usable",
    ChoicesChanged: "choices_changed",
    SettingsRefreshed: "settings_read",
    MoneyGone: "money_gone",
    NumberFree: "number_free",
    MovedInXero: "moved_in_xero",
    CustomerLookedAt: "customer_looked_at",
    InvoiceClosed: "invoice_closed",
    BothSidesAgree: "sides_agree",
    ModeLive: "mode_live",
    BrakeReleased: "brake_released",
}


def topic(predicate: Predicate) -> str:
    """The stored text its event is matched by: the kind, and whom it is about."""
    word = _WORDS[type(predicate)]
    match predicate:
        case ContactLinked() | ContactUsable() | CustomerLookedAt():
            return f"{word}:{predicate.customer}"
        case MoneyGone() | BothSidesAgree():
            return f"{word}:{predicate.invoice}"
        case NumberFree():
            return f"{word}:{predicate.number}"
        case MovedInXero():
            return f"{word}:{predicate.id}"
        case InvoiceClosed():
            return f"{word}:{predicate.key}"
        case _:
            return word
