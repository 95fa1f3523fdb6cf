"""A fingerprint stays the same exactly as long as nothing of what is shown has moved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.rules.compare import snapshots, view_fingerprint
from tests.domain import builders
from tests.searching import examples

SAID = snapshots.of_pipeline(builders.invoice())
BASE = builders.agreed(builders.invoice())
TOTAL = Difference(field="total", pipeline="1", xero="2", agreed="1", moved_by=MovedBy.XERO)


def shown(**changes: Any) -> str:
    what: dict[str, Any] = {
        "desired": SAID,
        "base": BASE,
        "xero_id": "x1",
        "xero_status": XeroStatus.AUTHORISED,
        "differences": (TOTAL,),
    }
    return view_fingerprint.fingerprint(**{**what, **changes})


CHANGES: list[dict[str, Any]] = [
    {"desired": None},
    {"desired": replace(SAID, reference="another")},
    {"base": None},
    {"base": replace(BASE, kept=("total",))},
    {"base": replace(BASE, left=3)},
    {"xero_id": "x2"},
    {"xero_status": XeroStatus.DRAFT},
    {"xero_status": XeroStatus.VOIDED},
    {"xero_status": None},
    {"differences": ()},
    {"differences": (replace(TOTAL, xero="3"),)},
    {"differences": (replace(TOTAL, moved_by=None),)},
]


def test_everything_a_person_looks_at_is_in_it() -> None:
    prints = [shown(), *(shown(**change) for change in CHANGES)]

    # Voided and not there at all look the same; everything else is told apart.
    assert len({*prints}) == len(prints) - 1
    assert all(len(each) == 32 for each in prints)


@given(st.sampled_from(CHANGES))
@examples(24)
def test_any_change_is_another_and_none_is_the_same(change: dict[str, Any]) -> None:
    assert shown(**change) != shown()
    assert shown(**change) == shown(**change)


def test_a_payment_and_a_vanished_document_are_told_as_people_see_them() -> None:
    assert shown(xero_status=XeroStatus.PAID) == shown()
    assert shown(xero_status=XeroStatus.VOIDED) == shown(xero_status=None, xero_id=None)
