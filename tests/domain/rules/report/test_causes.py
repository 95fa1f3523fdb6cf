"""Causes: one is only given where something on paper says it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain.model.control_totals import Cause
from syncd.domain.model.invoice import Invoice, LiveInvoice
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.statuses import PipelineStatus
from syncd.domain.rules.report import causes, contributions
from syncd.domain.rules.report.causes import Pair, PairCause, StoredInvoice
from tests.domain import builders

SAID = builders.invoice()
LIVE = builders.shown(SAID, lines=(builders.live_line(line_item_id="x-p1"),))
BASE = builders.agreed(SAID, LIVE)
SYNCED = StoredInvoice(
    key="k", number="N", invoice=SAID, state=PublicState.SYNCED, is_linked=True, base=BASE
)


def judged(
    paper: StoredInvoice, live: LiveInvoice | None = LIVE, **policy: Any
) -> PairCause | None:
    said, settings = paper.invoice, builders.settings()
    alive = live is not None and not live.status.is_gone
    meant = None if said is None else builders.meaning(said)
    pair = Pair(
        stored=paper,
        live=live,
        pipeline=None
        if said is None or meant is None
        else contributions.of_pipeline(said, meant, settings),
        xero=contributions.of_xero(live, SAID.customer_id) if live and alive else None,
        translation=meant,
    )
    return causes.cause_of(pair, builders.policy(**policy), settings)


def dearer(cents: str = "1.00") -> LiveInvoice:
    """Xero's document, its total moved by hand."""
    by = Decimal(cents)
    return replace(LIVE, sub_total=LIVE.sub_total + by, total=LIVE.total + by)


def written(said: Invoice = SAID, **fields: Any) -> StoredInvoice:
    return replace(SYNCED, invoice=said, **fields)


def test_what_is_even_and_settled_is_no_exception() -> None:
    assert judged(SYNCED) is None
    assert judged(replace(SYNCED, state=PublicState.PENDING)) is None


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        (PublicState.WAITING, Cause.HELD),
        (PublicState.OUT_OF_SYNC, Cause.OUT_OF_SYNC),
        (PublicState.FAILED, Cause.FAILED),
        (PublicState.UNCERTAIN, Cause.UNCERTAIN),
    ],
)
def test_what_rests_unsettled_is_listed_even_where_amounts_are_the_same(
    state: PublicState, cause: Cause
) -> None:
    for live in (LIVE, dearer()):
        found = judged(replace(SYNCED, state=state), live)
        assert found is not None
        assert found.cause is cause


def test_an_edit_in_xero_that_nobody_has_looked_at_is_said_with_its_fields() -> None:
    found = judged(SYNCED, dearer())

    assert found is not None
    assert (found.cause, found.fields) == (Cause.EDITED_IN_XERO, ("nett", "total"))


def test_an_approval_in_xero_is_no_edit() -> None:
    draft = replace(SAID, status=PipelineStatus.DRAFT)
    paper = written(draft, base=builders.agreed(draft, LIVE))

    found = judged(paper)

    assert found is not None
    assert found.cause is Cause.APPROVED_IN_XERO


def test_rounding_is_only_what_the_tolerance_or_a_tie_explains() -> None:
    live = dearer("0.02")
    paper = replace(SYNCED, base=builders.agreed(SAID, live))

    within = judged(paper, live, totals_tolerance=Decimal("0.02"))
    beyond = judged(paper, live)

    assert within is not None
    assert within.cause is Cause.ROUNDING
    assert beyond is not None
    assert beyond.cause is None, "both halves show it, but nobody has accepted it"


def test_what_was_kept_is_said_to_be_kept() -> None:
    live = dearer()
    paper = replace(SYNCED, base=builders.agreed(SAID, live, kept=("total", "nett")))

    found = judged(paper, live)

    assert found is not None
    assert found.cause is Cause.KEPT


def test_a_decision_explains_what_it_was_about_and_nothing_besides() -> None:
    live = replace(dearer(), reference="THEIRS")
    paper = replace(SYNCED, base=builders.agreed(SAID, live, kept=("reference",)))

    found = judged(paper, live)

    assert found is not None
    assert found.cause is None


@pytest.mark.parametrize(
    ("code", "cause"), [(None, Cause.MAPPING_CHANGED), ("200", None)], ids=["mapped", "said"]
)
def test_the_same_amounts_under_another_account_are_a_changed_mapping_where_one_decides(
    code: str | None, cause: Cause | None
) -> None:
    said = replace(SAID, lines=(replace(SAID.lines[0], account_code=code),))
    (line,) = LIVE.lines
    live = replace(LIVE, lines=(replace(line, account_code="260"),))
    paper = written(said, base=builders.agreed(said, live))

    found = judged(paper, live)

    assert found is not None
    assert found.cause is cause


def test_what_nothing_on_paper_explains_has_no_cause() -> None:
    moved = replace(SAID, nett=Decimal(90), total=Decimal(105))

    found = judged(written(moved))

    assert found is not None
    assert found.cause is None


def test_only_one_side_has_its_own_cause() -> None:
    gone = replace(LIVE, status=type(LIVE.status).VOIDED)
    alone = replace(SYNCED, is_linked=False, state=PublicState.PENDING)

    assert judged(SYNCED, gone).cause is Cause.GONE_IN_XERO  # type: ignore[union-attr]  # found
    assert judged(SYNCED, None).cause is Cause.GONE_IN_XERO  # type: ignore[union-attr]  # found
    assert judged(alone, None).cause is Cause.PENDING  # type: ignore[union-attr]  # found
    assert judged(replace(alone, state=None), None).cause is Cause.BEFORE_START  # type: ignore[union-attr]  # found
    unread = replace(SYNCED, invoice=None, problem="tax: expected a number")
    assert judged(unread).cause is Cause.UNREADABLE  # type: ignore[union-attr]  # found
    assert judged(replace(alone, state=PublicState.SYNCED), None).cause is None  # type: ignore[union-attr]  # found


def test_a_deletion_counts_nothing_once_it_is_done_and_has_a_cause_until_then() -> None:
    deleted = replace(SYNCED, is_withdrawn=True, invoice=None, state=PublicState.WAITING)
    paid = replace(deleted, reason=Reason.HAS_PAYMENTS)

    assert judged(replace(deleted, state=PublicState.VOIDED), None) is None
    assert judged(paid).cause is Cause.DELETED_WITH_MONEY  # type: ignore[union-attr]  # found
    assert judged(deleted).cause is Cause.DELETED_IN_PIPELINE  # type: ignore[union-attr]  # found
    assert judged(replace(deleted, state=PublicState.OUT_OF_SYNC)).cause is Cause.OUT_OF_SYNC  # type: ignore[union-attr]  # found
    assert judged(replace(deleted, state=PublicState.VOIDED)).cause is None  # type: ignore[union-attr]  # found


def test_deleted_here_and_left_standing_there_is_a_decision_and_says_so() -> None:
    left = replace(SYNCED, is_withdrawn=True, invoice=None, base=replace(BASE, left=2))

    found = judged(left)
    assert found is not None
    assert (found.cause, found.text) == (
        Cause.KEPT,
        "Deleted in Pipeline, and left standing in Xero by decision.",
    )
    # Nobody decided: then nothing says why, and the report says that first.
    undecided = judged(replace(left, base=BASE))
    assert undecided is not None
    assert undecided.cause is None
