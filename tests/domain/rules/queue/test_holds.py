"""Every hold is released by what caused it, and every event has a topic of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, XeroInvoiceId
from syncd.domain.model.job import Reason
from syncd.domain.model.predicate import Predicate
from syncd.domain.rules.queue import holds

CONTEXT = holds.HoldContext(
    now=datetime(2026, 11, 22, 12, tzinfo=UTC),
    customer=PipelineCustomerId("c-1"),
    number="INV-1",
    invoice=XeroInvoiceId("x-1"),
    in_the_way=("X-2",),
    still_open=(PipelineInvoiceId("i-1"),),
)
BY_THE_CLOCK_ALONE = {
    # The clock is when calls may pass again; a closed gate is never written into a job.
    *(Reason.RATE_LIMITED, Reason.BREAKER_OPEN),
    *(Reason.PAUSED, Reason.NOT_CONNECTED, Reason.TOKEN_EXPIRED),
}


@pytest.mark.parametrize("reason", [None, *Reason])
def test_every_reason_has_an_event_or_is_known_to_have_none(reason: Reason | None) -> None:
    alone = replace(CONTEXT, in_the_way=(), still_open=())

    assert bool(holds.predicates_for(reason, alone)) == (reason not in BY_THE_CLOCK_ALONE)


def test_a_customer_never_waits_for_its_own_look() -> None:
    own = holds.predicates_for(Reason.CONTACT_UNMAPPED, replace(CONTEXT, is_invoice=False))

    assert own == (Predicate.CHOICES_CHANGED, "moved_in_xero:x-2", "invoice_closed:i-1")


def test_what_stands_in_the_way_is_matched_whatever_its_case() -> None:
    topics = holds.predicates_for(Reason.NUMBER_TAKEN, CONTEXT)

    assert topics == ("number_free:inv-1", "moved_in_xero:x-2", "invoice_closed:i-1")


def test_every_event_is_one_that_some_reason_waits_for() -> None:
    waited_for = {
        each.partition(":")[0]
        for reason in (None, *Reason)
        for each in holds.predicates_for(reason, CONTEXT)
    }

    assert waited_for == {each.value for each in Predicate}


@pytest.mark.parametrize("reason", [None, Reason.HAS_PAYMENTS])
def test_what_does_not_stand_in_xero_waits_for_nothing_of_a_document(
    reason: Reason | None,
) -> None:
    found = holds.predicates_for(reason, replace(CONTEXT, invoice=None))

    assert not [each for each in found if each.startswith(("sides_agree", "money_gone"))]


@pytest.mark.parametrize(
    ("reason", "topic"),
    [
        (Reason.OBSERVING, "mode_live"),
        (Reason.OBSERVING, "choices_changed"),
        (Reason.CONTACT_UNMAPPED, "contact_linked:c-1"),
        (Reason.CONTACT_NAME_TAKEN, "contact_linked:c-1"),
        (Reason.CONTACT_ARCHIVED, "contact_usable:c-1"),
        (Reason.ACCOUNT_UNMAPPED, "choices_changed"),
        (Reason.TAX_UNMAPPED, "choices_changed"),
        (Reason.LOCKED_PERIOD, "settings_read"),
        (Reason.CURRENCY_UNAVAILABLE, "settings_read"),
        (Reason.NUMBER_TAKEN, "number_free:inv-1"),
        (Reason.HAS_PAYMENTS, "money_gone:x-1"),
        (Reason.BRAKE_HALTED, "brake_released"),
        (Reason.STATUS_REGRESSION, "sides_agree:x-1"),
        (None, "sides_agree:x-1"),
    ],
)
def test_a_reason_is_released_by_what_caused_it(reason: Reason | None, topic: str) -> None:
    assert topic in holds.predicates_for(reason, CONTEXT)
