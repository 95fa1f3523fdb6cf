"""What many wait for alike is found by its kind, and what is one's own affair has no cause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.ids import PipelineCustomerId
from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.job import Reason
from syncd.domain.model.objection import Objection
from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.rules.queue import hold_cause
from tests.domain.rules.queue.test_holds import CONTEXT

PAINT = HoldCause(kind=CauseKind.COST_CODE, name="PAINT")
OBJECTION = Objection(reason=Reason.ACCOUNT_UNMAPPED, text="no account", cause=PAINT)


@pytest.mark.parametrize("reason", hold_cause.OF_CONTACTS)
def test_what_waits_for_a_contact_waits_for_its_customer(reason: Reason) -> None:
    found = hold_cause.of_hold(reason, CONTEXT, [OBJECTION])

    assert found == HoldCause(kind=CauseKind.CUSTOMER, name="c-1")


def test_an_objection_of_the_same_reason_names_the_cause() -> None:
    of_contact = Objection(reason=Reason.CONTACT_UNMAPPED, text="no contact")

    assert hold_cause.of_hold(Reason.ACCOUNT_UNMAPPED, CONTEXT, [of_contact, OBJECTION]) == PAINT
    assert hold_cause.of_hold(Reason.TAX_UNMAPPED, CONTEXT, [OBJECTION]) is None


@pytest.mark.parametrize("reason", [None, Reason.REFUSED, Reason.INVALID_DOCUMENT])
def test_a_customer_is_its_own_cause_whatever_it_waits_for(reason: Reason | None) -> None:
    own = replace(CONTEXT, is_invoice=False)

    assert hold_cause.of_hold(reason, own) == HoldCause(kind=CauseKind.CUSTOMER, name="c-1")


@pytest.mark.parametrize("reason", hold_cause.OF_THE_TENANT)
@pytest.mark.parametrize("is_invoice", [True, False])
def test_what_holds_all_of_a_tenant_is_no_customers_affair(
    reason: Reason, *, is_invoice: bool
) -> None:
    of_one = replace(CONTEXT, is_invoice=is_invoice)

    assert hold_cause.of_hold(reason, of_one, [OBJECTION]) is None


def test_a_cause_without_a_customer_is_none() -> None:
    nobody = replace(CONTEXT, customer=PipelineCustomerId(""))

    assert hold_cause.of_hold(Reason.CONTACT_UNMAPPED, nobody) is None


@pytest.mark.parametrize(
    ("movers", "expected"),
    [
        ([MovedBy.PIPELINE], "pipeline"),
        ([MovedBy.XERO, None], "xero"),
        ([MovedBy.PIPELINE, MovedBy.XERO], "both"),
        ([MovedBy.BOTH], "both"),
        ([None], None),
    ],
)
def test_out_of_sync_goes_by_who_moved(movers: list[MovedBy | None], expected: str | None) -> None:
    differences = [
        Difference(field="total", pipeline="1", xero="2", agreed="3", moved_by=mover)
        for mover in movers
    ]

    found = hold_cause.of_differences(differences)

    assert (None if found is None else found.name) == expected
