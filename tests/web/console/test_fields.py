"""Compared fields in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.result import Difference, MovedBy
from syncd.web.console import fields
from tests.store.build import invoice


def differs(field: str, by: MovedBy | None = MovedBy.PIPELINE, **sides: str) -> Difference:
    told = {"pipeline": "14", "xero": "20", "agreed": "20"} | sides
    return Difference(field=field, moved_by=by, **told)


def test_a_line_is_named_by_its_place_and_what_it_says() -> None:
    at = invoice("a", number="A")

    assert fields.label("lines[0].unitAmount", at).startswith("Line 1 “")
    assert fields.label("lines[0].unitAmount", at).endswith("” unit amount")
    assert fields.label("lines[99].quantity", at) == "Line 100 quantity"
    assert fields.label("lines[2]") == "Line 3"
    assert fields.label("anything") == "anything"


def test_totals_follow_where_a_line_explains_them_and_stand_below() -> None:
    found = fields.differences([differs("total"), differs("lines[0].quantity")], None)

    assert [(one.label, one.follows) for one in found.shown] == [
        ("Line 1 quantity", False),
        ("Total", True),
    ]
    alone = fields.differences([differs("total")], None)
    assert [one.follows for one in alone.shown] == [False]


def test_what_is_kept_by_decision_stands_apart() -> None:
    found = fields.differences([differs("reference", None), differs("total")], None)

    assert [one.label for one in found.shown] == ["Total"]
    assert [one.label for one in found.kept] == ["Reference"]


@pytest.mark.parametrize(
    ("by", "sides"),
    [
        (MovedBy.PIPELINE, (True, False, "Pipeline")),
        (MovedBy.XERO, (False, True, "Xero")),
        (MovedBy.BOTH, (True, True, "both")),
    ],
)
def test_the_side_that_moved_is_marked(by: MovedBy, sides: tuple[bool, bool, str]) -> None:
    (one,) = fields.differences([differs("reference", by)], None).shown

    assert (one.pipeline_moved, one.xero_moved, one.moved) == sides


def test_a_button_says_its_effect_in_values_and_leaves_out_what_follows() -> None:
    found = [
        differs("nett", pipeline="100"),
        differs("total", pipeline="1044591.67"),
        differs("reference", MovedBy.BOTH, pipeline="PO-1986"),
        differs("lines[0].quantity", pipeline="14"),
    ]

    said = fields.said(found, None, side="pipeline")

    assert said == "Reference PO-1986, Line 1 quantity 14, Total 1,044,591.67"
    assert fields.said([differs(f"lines[{n}]") for n in range(6)], None, side="pipeline").endswith(
        " and 2 more"
    )


@given(st.text(alphabet="ab <&", max_size=200), st.text(alphabet="ab <&", max_size=200))
def test_a_word_diff_holds_both_texts(before: str, after: str) -> None:
    found = fields.pieces(before, after)

    assert "".join(one.text for one in found if one.kind != "gone") == after
    if any(one.kind == "gone" for one in found):
        assert "".join(one.text for one in found if one.kind != "new") == before


def test_a_decision_about_what_is_gone_says_whether_it_is_made_again() -> None:
    status = [differs("status", MovedBy.XERO, pipeline="Sent", xero="VOIDED")]

    same = fields.effects(status, invoice("a", number="INV-1"), gone_as="INV-1")
    renumbered = fields.effects(status, invoice("a", number="INV-2"), gone_as="INV-1")

    assert same.pipeline.startswith("Refused as long as it is called INV-1")
    assert renumbered.pipeline == "It is created in Xero again, as INV-2."
    assert same.xero == "Nothing is written. It stays gone in Xero, and is accepted as gone."


def test_a_decision_about_what_pipeline_deleted_says_what_becomes_of_the_document() -> None:
    found = fields.effects([differs("reference")], None, is_withdrawn=True)

    assert "voided or deleted in Xero" in found.pipeline
    assert found.xero.startswith("Nothing is written. It stays in Xero")
