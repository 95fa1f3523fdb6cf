"""Every hold is released by what caused it, and every event has a topic of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import PipelineCustomerId, PipelineInvoiceId, XeroInvoiceId
from syncd.domain.model import predicate as predicates
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
texts = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=20)
any_predicate = st.one_of(
    st.builds(predicates.ContactLinked, customer=texts.map(PipelineCustomerId)),
    st.builds(predicates.ContactUsable, customer=texts.map(PipelineCustomerId)),
    st.builds(predicates.MoneyGone, invoice=texts.map(XeroInvoiceId)),
    st.builds(predicates.NumberFree, number=texts),
    st.builds(predicates.MovedInXero, id=texts),
    st.builds(predicates.CustomerLookedAt, customer=texts.map(PipelineCustomerId)),
    st.builds(predicates.BothSidesAgree, invoice=texts.map(XeroInvoiceId)),
    st.builds(predicates.InvoiceClosed, key=texts.map(PipelineInvoiceId)),
    st.sampled_from(
        [
            predicates.ChoicesChanged(),
            predicates.SettingsRefreshed(),
            predicates.ModeLive(),
            predicates.BrakeReleased(),
        ]
    ),
)


@given(any_predicate, any_predicate)
def test_different_predicates_have_different_topics(left: Predicate, right: Predicate) -> None:
    assert (holds.topic(left) == holds.topic(right)) == (left == right)


@pytest.mark.parametrize("reason", [None, *Reason])
def test_every_reason_has_an_event_or_is_known_to_have_none(reason: Reason | None) -> None:
    alone = replace(CONTEXT, in_the_way=(), still_open=())

    assert bool(holds.predicates_for(reason, alone)) == (reason not in BY_THE_CLOCK_ALONE)


def test_a_customer_never_waits_for_its_own_look() -> None:
    own = holds.predicates_for(Reason.CONTACT_UNMAPPED, replace(CONTEXT, is_invoice=False))

    assert not [each for each in own if isinstance(each, predicates.CustomerLookedAt)]


def test_what_stands_in_the_way_is_matched_whatever_its_case() -> None:
    topics = [holds.topic(each) for each in holds.predicates_for(Reason.NUMBER_TAKEN, CONTEXT)]

    assert topics == ["number_free:INV-1", "moved_in_xero:x-2", "invoice_closed:i-1"]


def test_every_event_is_one_that_some_reason_waits_for() -> None:
    waited_for = {
        type(each) for reason in (None, *Reason) for each in holds.predicates_for(reason, CONTEXT)
    }

    assert waited_for == {*get_args(Predicate)}


@pytest.mark.parametrize("reason", [None, Reason.HAS_PAYMENTS])
def test_what_does_not_stand_in_xero_waits_for_nothing_of_a_document(
    reason: Reason | None,
) -> None:
    found = holds.predicates_for(reason, replace(CONTEXT, invoice=None))

    assert not [
        each for each in found if isinstance(each, predicates.BothSidesAgree | predicates.MoneyGone)
    ]


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (Reason.OBSERVING, predicates.ModeLive),
        (Reason.CONTACT_UNMAPPED, predicates.ContactLinked),
        (Reason.CONTACT_NAME_TAKEN, predicates.ContactLinked),
        (Reason.CONTACT_ARCHIVED, predicates.ContactUsable),
        (Reason.ACCOUNT_UNMAPPED, predicates.ChoicesChanged),
        (Reason.TAX_UNMAPPED, predicates.ChoicesChanged),
        (Reason.LOCKED_PERIOD, predicates.SettingsRefreshed),
        (Reason.CURRENCY_UNAVAILABLE, predicates.SettingsRefreshed),
        (Reason.NUMBER_TAKEN, predicates.NumberFree),
        (Reason.HAS_PAYMENTS, predicates.MoneyGone),
        (Reason.BRAKE_HALTED, predicates.BrakeReleased),
        (Reason.STATUS_REGRESSION, predicates.BothSidesAgree),
        (None, predicates.BothSidesAgree),
    ],
)
def test_a_reason_is_released_by_what_caused_it(reason: Reason | None, kind: type) -> None:
    found = holds.predicates_for(reason, CONTEXT)

    assert any(isinstance(predicate, kind) for predicate in found)


def test_topics_are_what_an_event_can_say() -> None:
    linked = predicates.ContactLinked(customer=PipelineCustomerId("c-1"))

    assert holds.topic(linked) == "contact_linked:c-1"
    assert holds.topic(predicates.SettingsRefreshed()) == "settings_read"
