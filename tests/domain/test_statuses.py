"""The statuses of both sides and their common order."""

from __future__ import annotations

import pytest

from syncd.domain.model.statuses import (
    PipelineStatus,
    Rank,
    XeroStatus,
    rank_in_xero,
    wanted_in_xero,
)


def test_the_order_is_draft_submitted_authorised_and_paid_as_far_as_authorised() -> None:
    living = [XeroStatus.DRAFT, XeroStatus.SUBMITTED, XeroStatus.AUTHORISED, XeroStatus.PAID]

    assert [rank_in_xero(status) for status in living] == [
        Rank.DRAFT,
        Rank.SUBMITTED,
        Rank.AUTHORISED,
        Rank.AUTHORISED,
    ]


@pytest.mark.parametrize("status", XeroStatus)
def test_exactly_the_dead_have_no_rank(status: XeroStatus) -> None:
    if status.is_gone:
        with pytest.raises(KeyError):
            rank_in_xero(status)
    else:
        assert rank_in_xero(status) in Rank


@pytest.mark.parametrize("approved_as", [XeroStatus.AUTHORISED, XeroStatus.SUBMITTED])
def test_what_pipeline_asks_never_goes_back_along_its_workflow(approved_as: XeroStatus) -> None:
    asked = [rank_in_xero(wanted_in_xero(status, approved_as)) for status in PipelineStatus]

    assert asked == sorted(asked)


def test_approved_follows_the_tenants_choice_and_sent_does_not() -> None:
    chosen = XeroStatus.SUBMITTED

    assert wanted_in_xero(PipelineStatus.DRAFT, chosen) is XeroStatus.DRAFT
    assert wanted_in_xero(PipelineStatus.APPROVED, chosen) is XeroStatus.SUBMITTED
    assert wanted_in_xero(PipelineStatus.SENT, chosen) is XeroStatus.AUTHORISED
