"""A contact goes with its customer only when nobody would miss it."""

from __future__ import annotations

import pytest

from syncd.domain.rules.contacts import archive


def test_ours_and_free_may_go() -> None:
    assert archive.objection(is_ours=True, is_supplier=False, still_open=[]) == ""


@pytest.mark.parametrize(
    ("is_ours", "is_supplier", "still_open", "word"),
    [
        (False, False, [], "not known as made by syncd"),
        (True, True, [], "supplier"),
        (True, False, ["B", "A"], "A, B."),
        (True, False, ["D", "C", "B", "A"], "A, B, C and 1 more."),
    ],
)
def test_every_objection_says_why(
    is_ours: bool, is_supplier: bool, still_open: list[str], word: str
) -> None:
    found = archive.objection(is_ours=is_ours, is_supplier=is_supplier, still_open=still_open)

    assert word in found


@pytest.mark.parametrize(
    ("status", "is_open"),
    [
        ("DRAFT", True),
        ("SUBMITTED", True),
        ("AUTHORISED", True),
        ("PAID", False),
        ("VOIDED", False),
    ],
)
def test_open_is_what_is_neither_paid_nor_gone(status: str, is_open: bool) -> None:
    assert archive.is_open(status) is is_open
