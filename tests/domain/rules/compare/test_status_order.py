"""The laws of progress: status is an order, approval no edit, going back a regression."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.model.statuses import PipelineStatus, XeroStatus
from syncd.domain.rules.compare.comparison import Moves
from tests.domain import builders

DRAFT, APPROVED, SENT = PipelineStatus
FORWARD = (XeroStatus.DRAFT, XeroStatus.SUBMITTED, XeroStatus.AUTHORISED, XeroStatus.PAID)


def moves(
    was: PipelineStatus, now: PipelineStatus, was_live: XeroStatus, now_live: XeroStatus
) -> tuple[Moves, bool]:
    said = builders.invoice(status=was)
    base = builders.agreed(said, builders.shown(said, status=was_live))
    live = builders.shown(said, status=now_live, sent_to_contact=now is SENT)
    look = builders.compared(base, replace(said, status=now), live)
    return look.moves, look.approved


@pytest.mark.parametrize(
    ("was", "now"), [(a, b) for i, a in enumerate(FORWARD) for b in FORWARD[i:]]
)
def test_xero_further_on_is_never_an_edit(was: XeroStatus, now: XeroStatus) -> None:
    found, approved = moves(DRAFT, DRAFT, was, now)

    assert not found.xero
    assert approved == (now is not was and was is not XeroStatus.AUTHORISED)


def test_payment_gone_is_no_move() -> None:
    found, approved = moves(APPROVED, APPROVED, XeroStatus.PAID, XeroStatus.AUTHORISED)

    assert (found, approved) == (Moves(), False)


def test_xero_behind_what_it_was_is_a_regression_there() -> None:
    found, _ = moves(APPROVED, APPROVED, XeroStatus.SUBMITTED, XeroStatus.DRAFT)

    assert found.xero
    assert found.xero_regressed
    assert not found.converged


def test_xero_back_at_what_pipeline_shows_converges() -> None:
    found, _ = moves(DRAFT, DRAFT, XeroStatus.SUBMITTED, XeroStatus.DRAFT)

    assert found.xero
    assert found.converged


def test_pipeline_back_on_an_authorised_document_is_a_regression_here() -> None:
    found, _ = moves(APPROVED, DRAFT, XeroStatus.AUTHORISED, XeroStatus.PAID)

    assert found.pipeline_regressed
    assert not found.converged


def test_pipeline_from_sent_to_approved_agrees_with_an_authorised_document() -> None:
    found, _ = moves(SENT, APPROVED, XeroStatus.AUTHORISED, XeroStatus.AUTHORISED)

    assert found.pipeline
    assert found.converged
    assert not found.pipeline_regressed


def test_pipeline_forward_is_a_move_until_xero_is_there() -> None:
    ahead, _ = moves(DRAFT, APPROVED, XeroStatus.DRAFT, XeroStatus.DRAFT)
    there, _ = moves(DRAFT, APPROVED, XeroStatus.DRAFT, XeroStatus.AUTHORISED)

    assert (ahead.pipeline, ahead.converged) == (True, False)
    assert (there.pipeline, there.converged) == (True, True)


@pytest.mark.parametrize("live", FORWARD)
@pytest.mark.parametrize("reference", ["PO 1", "PO 2"])
def test_only_the_mark_of_sent_is_apart_where_xero_is_authorised_and_nothing_else_moved(
    live: XeroStatus, reference: str
) -> None:
    said = builders.invoice(status=APPROVED, reference="PO 1")
    base = builders.agreed(said, builders.shown(said, status=XeroStatus.AUTHORISED))
    sent = replace(said, status=SENT, reference=reference)

    look = builders.compared(base, sent, builders.shown(said, status=live))

    is_authorised = live in (XeroStatus.AUTHORISED, XeroStatus.PAID)
    assert look.moves.only_unsent == (is_authorised and reference == "PO 1")
