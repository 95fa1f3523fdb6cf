"""Who has a number is said by what people call it, with the one remedy that works."""

from __future__ import annotations

import pytest

from syncd.domain.ids import PipelineInvoiceId, XeroInvoiceId
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.decide import number_taken
from syncd.domain.rules.decide.number_taken import Holder, LinkedInvoice

ID = XeroInvoiceId("X-1")
KEY = PipelineInvoiceId("p-2")


def said(owner: str | None, *, own: str | None, status: XeroStatus = XeroStatus.AUTHORISED) -> str:
    whose = None if owner is None else LinkedInvoice(key=KEY, number=owner)
    found = number_taken.outcome("INV-2", Holder(id=ID, status=status, owner=whose), own=own)
    assert found.in_the_way == (ID,)
    return found.text


@pytest.mark.parametrize(
    ("owner", "own", "status", "word"),
    [
        (None, None, XeroStatus.PAID, "a document that is not ours (X-1)"),
        (None, "INV-1", XeroStatus.VOIDED, "a voided document (X-1)"),
        ("INV-3", "INV-1", XeroStatus.AUTHORISED, "It goes by itself"),
        ("INV-3", None, XeroStatus.DRAFT, "Pipeline's invoice INV-3 (X-1)"),
        (" inv-1", "INV-1", XeroStatus.AUTHORISED, "swap their numbers"),
        ("INV-2", "INV-1", XeroStatus.AUTHORISED, "with the same number (p-2)"),
        ("INV-3", "INV-1", XeroStatus.VOIDED, "gives no such number free"),
    ],
)
def test_a_holder_is_named_with_the_way_out(
    owner: str | None, own: str | None, status: XeroStatus, word: str
) -> None:
    assert word in said(owner, own=own, status=status)


def test_a_number_without_a_holder_is_nobodys_fault_yet() -> None:
    found = number_taken.outcome("INV-2", None, own=None)

    assert (found.text, found.in_the_way) == (number_taken.NOT_SHOWN, ())


def test_only_what_may_be_the_invoice_itself_is_offered_to_a_plan() -> None:
    assert "a plan adopts it where both are one invoice." in said(None, own=None)
    assert "adopts" not in said(None, own="INV-1")
    assert "adopts" not in said(None, own=None, status=XeroStatus.VOIDED)
