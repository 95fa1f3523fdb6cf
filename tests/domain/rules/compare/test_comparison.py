"""The laws of comparison: who moved what, and what looks like an edit and is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.invoice import Invoice, LineAmountTypes, LiveInvoice, Tracking
from syncd.domain.model.snapshot import HEADER_FIELDS, PUBLIC_LINE_NAMES, PUBLIC_NAMES
from syncd.domain.model.statuses import PipelineStatus, XeroStatus
from syncd.domain.rules.compare import comparison, snapshots
from syncd.domain.rules.compare.comparison import Difference, MovedBy
from syncd.domain.rules.decide import bases
from tests.domain import builders

SAID = builders.invoice(
    lines=(
        builders.line(tracking=(Tracking(name="Region", option="North"),)),
        builders.line(id="p2", description="Timber", discount_percent=Decimal(5)),
    )
)
LIVE = builders.shown(SAID)
BASE = builders.agreed(SAID)

HEADER_EDITS: dict[str, tuple[Callable[[Invoice], Invoice], Callable[[LiveInvoice], LiveInvoice]]]
HEADER_EDITS = {
    "number": (lambda i: replace(i, number="N2"), lambda x: replace(x, number="N2")),
    "reference": (lambda i: replace(i, reference="R2"), lambda x: replace(x, reference="R2")),
    "customerId": (
        lambda i: replace(i, customer_id=PipelineCustomerId("c2")),
        lambda x: replace(x, contact_id=XeroContactId("contact-of-c2")),
    ),
    "invoiceDate": (
        lambda i: replace(i, invoice_on=date(2026, 12, 1)),
        lambda x: replace(x, invoice_on=date(2026, 12, 1)),
    ),
    "dueDate": (
        lambda i: replace(i, due_on=date(2026, 12, 9)),
        lambda x: replace(x, due_on=date(2026, 12, 9)),
    ),
    "currencyCode": (
        lambda i: replace(i, currency_code="AUD"),
        lambda x: replace(x, currency_code="AUD"),
    ),
    "lineAmountTypes": (
        lambda i: replace(i, line_amount_types=LineAmountTypes.INCLUSIVE),
        lambda x: replace(x, line_amount_types=LineAmountTypes.INCLUSIVE),
    ),
    "nett": (
        lambda i: replace(i, nett=i.nett + 1),
        lambda x: replace(x, sub_total=x.sub_total + 1),
    ),
    "tax": (lambda i: replace(i, tax=i.tax + 1), lambda x: replace(x, total_tax=x.total_tax + 1)),
    "total": (lambda i: replace(i, total=i.total + 1), lambda x: replace(x, total=x.total + 1)),
}
LINE_EDITS = {
    "description": ({"description": "New"}, {"description": "New"}),
    "quantity": ({"quantity": Decimal(9)}, {"quantity": Decimal(9)}),
    "unitAmount": ({"unit_amount": Decimal("9.5")}, {"unit_amount": Decimal("9.5")}),
    "discountPercent": ({"discount_percent": Decimal(50)}, {"discount_rate": Decimal(50)}),
    "accountCode": ({"account_code": "260"}, {"account_code": "260"}),
    "taxType": ({"tax_type": "NONE"}, {"tax_type": "NONE"}),
    "tracking": (
        {"tracking": (Tracking(name="Region", option="South"),)},
        {"tracking": (Tracking(name="Region", option="South"),)},
    ),
}
EDITS: dict[str, tuple[Callable[[Invoice], Invoice], Callable[[LiveInvoice], LiveInvoice]]] = {
    **HEADER_EDITS,
    **{
        f"lines[{place}].{name}": (
            lambda i, place=place, mine=mine: replace(
                i,
                lines=tuple(
                    replace(each, **mine) if at == place else each
                    for at, each in enumerate(i.lines)
                ),
            ),
            lambda x, place=place, theirs=theirs: replace(
                x,
                lines=tuple(
                    replace(each, **theirs) if at == place else each
                    for at, each in enumerate(x.lines)
                ),
            ),
        )
        for place in (0, 1)
        for name, (mine, theirs) in LINE_EDITS.items()
        if (name, place) != ("tracking", 1)
    },
}

FIELDS = st.sampled_from(list(EDITS))


def test_every_compared_field_is_edited() -> None:
    assert {PUBLIC_NAMES[field] for field in HEADER_FIELDS} <= {*HEADER_EDITS}
    assert {*LINE_EDITS} == {*PUBLIC_LINE_NAMES.values()}


def moved(look: comparison.Comparison) -> dict[str, MovedBy | None]:
    return {each.field: each.moved_by for each in comparison.differences(look)}


@given(builders.invoices())
def test_nothing_moved_when_both_sides_show_what_was_agreed(said: Invoice) -> None:
    look = builders.compared(builders.agreed(said), said, builders.shown(said))

    assert look.diffs == ()
    assert look.moves == comparison.Moves()


@pytest.mark.parametrize("name", EDITS)
def test_edit_in_pipeline_is_a_move_of_that_field_there(name: str) -> None:
    look = builders.compared(BASE, EDITS[name][0](SAID), LIVE)

    assert moved(look) == {name: MovedBy.PIPELINE}
    assert (look.moves.pipeline, look.moves.xero, look.moves.converged) == (True, False, False)


@pytest.mark.parametrize("name", EDITS)
def test_edit_in_xero_is_a_move_of_that_field_there(name: str) -> None:
    look = builders.compared(BASE, SAID, EDITS[name][1](LIVE))

    assert moved(look) == {name: MovedBy.XERO}
    assert (look.moves.pipeline, look.moves.xero, look.moves.converged) == (False, True, False)


@given(FIELDS, FIELDS)
def test_the_same_edit_on_both_sides_converges(one: str, other: str) -> None:
    said = EDITS[other][0](EDITS[one][0](SAID))
    live = EDITS[other][1](EDITS[one][1](LIVE))

    look = builders.compared(BASE, said, live)

    assert look.moves.pipeline
    assert look.moves.xero
    assert look.moves.converged
    assert look.moves.equal
    assert comparison.differences(look) == ()


@given(FIELDS, FIELDS)
def test_edits_of_two_fields_are_told_apart(one: str, other: str) -> None:
    look = builders.compared(BASE, EDITS[one][0](SAID), EDITS[other][1](LIVE))

    assert look.moves.pipeline
    assert look.moves.xero
    assert look.moves.converged == (one == other)
    if one != other:
        assert moved(look) == {one: MovedBy.PIPELINE, other: MovedBy.XERO}


def test_difference_shows_what_each_side_shows_and_what_was_agreed() -> None:
    said = EDITS["dueDate"][0](SAID)
    live = replace(LIVE, due_on=date(2026, 12, 24))

    assert comparison.differences(builders.compared(BASE, said, live)) == (
        Difference(
            field="dueDate",
            pipeline="2026-12-09",
            xero="2026-12-24",
            agreed="2026-11-20",
            moved_by=MovedBy.BOTH,
        ),
    )


def test_field_pipeline_leaves_empty_is_neither_asserted_nor_compared() -> None:
    said = replace(SAID, reference="", lines=(builders.line(),))
    live = builders.shown(said)
    filled = replace(
        live,
        reference="PO 9",
        lines=(replace(live.lines[0], tracking=(Tracking(name="Region", option="North"),)),),
    )

    look = builders.compared(builders.agreed(said), said, filled)

    assert look.diffs == ()


UNSAID = replace(SAID, due_on=None, lines=(builders.line(tax_rate=None),))
"""The due date is derived from `due_days`, the line's tax type from its account."""
LATER = date(2027, 1, 1)


def untaxed(live: LiveInvoice) -> LiveInvoice:
    """`live` with another tax type on its line."""
    return replace(live, lines=(replace(live.lines[0], tax_type="ZERORATED"),))


def test_derived_value_is_watched_like_any_word() -> None:
    base, live = builders.agreed(UNSAID), builders.shown(UNSAID)

    look = builders.compared(base, UNSAID, untaxed(replace(live, due_on=LATER)))

    assert moved(look) == {"dueDate": MovedBy.XERO, "lines[0].taxType": MovedBy.XERO}
    shown = {each.field: (each.pipeline, each.xero) for each in comparison.differences(look)}
    assert shown["dueDate"] == ("2026-11-22", "2027-01-01")
    assert shown["lines[0].taxType"] == ("OUTPUT2", "ZERORATED")


def test_derived_due_date_follows_the_invoice_date_and_no_changed_setting() -> None:
    base, live = builders.agreed(UNSAID), builders.shown(UNSAID)
    dated = replace(UNSAID, invoice_on=date(2026, 12, 1))

    follows = builders.compared(base, dated, live)
    touched = builders.compared(base, dated, replace(live, due_on=LATER))
    other_days = builders.expected(UNSAID, builders.meaning(UNSAID, due_days=40))

    assert moved(follows) == {"invoiceDate": MovedBy.PIPELINE, "dueDate": MovedBy.PIPELINE}
    assert moved(touched) == {"invoiceDate": MovedBy.PIPELINE, "dueDate": MovedBy.BOTH}
    assert builders.compared(base, UNSAID, live, expected=other_days).moves.is_still


def test_derived_due_date_that_was_decided_on_follows_no_more() -> None:
    live = replace(builders.shown(UNSAID), due_on=LATER)
    base = builders.agreed(UNSAID, live, kept=("due_on",))
    dated = replace(UNSAID, invoice_on=date(2026, 12, 1))

    look = builders.compared(base, dated, live)

    assert moved(look) == {"invoiceDate": MovedBy.PIPELINE, "dueDate": None}
    assert not look.moves.kept_touched


def test_derived_value_is_nothing_to_a_document_adopted_with_another() -> None:
    live = untaxed(replace(builders.shown(UNSAID), due_on=LATER))
    adopting = builders.compared(None, UNSAID, live)
    base = bases.base_as_both_show(
        None, snapshots.of_pipeline(UNSAID), snapshots.of_xero(live), adopting
    )
    dated = replace(UNSAID, invoice_on=date(2026, 12, 1))
    later = replace(live, due_on=date(2027, 2, 2))

    assert adopting.moves.equal
    assert base.filled == ("due_on", "lines/p1/tax")
    assert builders.compared(base, UNSAID, later).moves.is_still
    assert moved(builders.compared(base, dated, live)) == {"invoiceDate": MovedBy.PIPELINE}
    said = replace(UNSAID, due_on=date(2026, 12, 12))
    assert moved(builders.compared(base, said, live)) == {"dueDate": MovedBy.PIPELINE}


def test_document_adopted_with_what_would_be_derived_is_watched_from_then_on() -> None:
    live = builders.shown(UNSAID)
    adopting = builders.compared(None, UNSAID, live)
    base = bases.base_as_both_show(
        None, snapshots.of_pipeline(UNSAID), snapshots.of_xero(live), adopting
    )

    look = builders.compared(base, UNSAID, replace(live, due_on=LATER))

    assert base.filled == ()
    assert moved(look) == {"dueDate": MovedBy.XERO}


def test_field_newly_asserted_over_what_xero_filled_is_moved_by_both() -> None:
    said = replace(SAID, reference="")
    base = builders.agreed(said)
    filled = replace(builders.shown(said), reference="PO 9")

    look = builders.compared(base, replace(said, reference="JOB"), filled)

    assert moved(look) == {"reference": MovedBy.BOTH}


def test_currency_left_empty_means_the_base_currency() -> None:
    said = replace(SAID, currency_code=None)
    base, live = builders.agreed(said), builders.shown(said)

    named = builders.compared(base, replace(said, currency_code="NZD"), live)
    changed = builders.compared(base, said, replace(live, currency_code="AUD"))

    assert named.moves.converged
    assert moved(changed) == {"currencyCode": MovedBy.XERO}


@pytest.mark.parametrize("half", ["pipeline", "xero"])
def test_missing_half_of_a_base_counts_as_moved(half: str) -> None:
    look = builders.compared(replace(BASE, **{half: None}), SAID, LIVE)

    assert (look.moves.pipeline, look.moves.xero) == (half == "pipeline", half == "xero")
    assert look.moves.converged
    assert look.moves.equal


def test_without_base_the_sides_are_compared_as_they_stand() -> None:
    same = builders.compared(None, SAID, LIVE)
    other = builders.compared(None, SAID, EDITS["lines[1].unitAmount"][1](LIVE))

    assert same.moves.equal
    assert not other.moves.equal
    assert moved(other) == {"lines[1].unitAmount": MovedBy.BOTH}


def test_contact_merged_in_xero_is_no_edit() -> None:
    survivor = XeroContactId("k9")
    merged = replace(LIVE, contact_id=survivor)
    aliases = {builders.CONTACT_ID: "k8", "k8": survivor}

    assert builders.compared(BASE, SAID, merged, aliases=aliases).diffs == ()
    assert builders.compared(BASE, SAID, merged).moves.xero


def test_aliases_in_a_circle_are_followed_to_an_end() -> None:
    circle = {builders.CONTACT_ID: "k8", "k8": builders.CONTACT_ID}

    builders.compared(BASE, SAID, replace(LIVE, contact_id=XeroContactId("k9")), aliases=circle)


def test_totals_within_tolerance_are_equal() -> None:
    off = replace(LIVE, total=LIVE.total + Decimal("0.01"))

    assert builders.compared(BASE, SAID, off).moves.xero
    assert not builders.compared(BASE, SAID, off, tolerance=Decimal("0.01")).moves.xero


def test_money_on_the_document_is_no_edit() -> None:
    assert builders.compared(BASE, SAID, builders.paid(LIVE)).diffs == ()
    assert builders.compared(BASE, SAID, builders.paid(LIVE, Decimal(1))).diffs == ()


def test_changed_mapping_moves_nothing_by_itself() -> None:
    remapped = builders.expected(SAID, builders.meaning(SAID, tax_types={Decimal("0.15"): "OTHER"}))

    look = builders.compared(BASE, SAID, LIVE, expected=remapped)

    assert not look.moves.pipeline
    assert not look.moves.xero
    assert comparison.differences(look) == ()


def test_kept_difference_stays_listed_without_a_mover() -> None:
    live = EDITS["lines[0].unitAmount"][1](LIVE)
    base = builders.agreed(SAID, live, kept=("lines/p1/unit_amount",))

    look = builders.compared(base, SAID, live)

    assert moved(look) == {"lines[0].unitAmount": None}
    assert not look.moves.kept_touched


def test_pipeline_edit_of_a_kept_field_touches_it_and_of_another_does_not() -> None:
    live = EDITS["lines[0].unitAmount"][1](LIVE)
    base = builders.agreed(SAID, live, kept=("lines/p1/unit_amount",))
    again = replace(SAID, lines=(replace(SAID.lines[0], unit_amount=Decimal(77)), SAID.lines[1]))

    assert builders.compared(base, again, live).moves.kept_touched
    other = builders.compared(base, EDITS["lines[0].quantity"][0](SAID), live)
    assert not other.moves.kept_touched


@given(builders.invoices(), builders.invoices(), st.data())
def test_comparison_is_total_and_lists_only_what_differs(
    said: Invoice, other: Invoice, data: st.DataObject
) -> None:
    """Any base against any two sides compares without raising, and a difference differs."""
    base = data.draw(
        st.sampled_from(
            [
                None,
                builders.agreed(other),
                builders.agreed(other, xero=None),
                builders.agreed(other, pipeline=None, pairs=()),
                builders.agreed(said, pairs=(("p0", "x-p1"), ("p1", "x-p0"), ("p0", "x-p0"))),
            ]
        )
    )
    desired = data.draw(st.sampled_from([said, other, None]))
    live = data.draw(st.sampled_from([builders.shown(said), builders.shown(other), None]))

    look = builders.compared(base, desired, live)

    names = [each.field for each in comparison.differences(look)]
    assert len(names) == len(dict.fromkeys(names))
    if desired is not None and live is not None:
        assert all(each.pipeline != each.xero for each in comparison.differences(look))


def test_withdrawn_document_shows_only_what_xero_moved() -> None:
    quiet = builders.compared(BASE, None, LIVE)
    edited = builders.compared(BASE, None, EDITS["lines[1].quantity"][1](LIVE))

    assert (quiet.moves.pipeline, quiet.moves.xero) == (False, False)
    assert moved(edited) == {"lines[1].quantity": MovedBy.XERO}


def test_withdrawn_document_without_a_base_half_counts_as_moved_in_xero() -> None:
    assert builders.compared(replace(BASE, xero=None), None, LIVE).moves.xero


@pytest.mark.parametrize("status", [XeroStatus.VOIDED, XeroStatus.DELETED])
def test_document_gone_in_xero_differs_in_status_alone(status: XeroStatus) -> None:
    gone = replace(LIVE, status=status, lines=())

    assert moved(builders.compared(BASE, SAID, gone)) == {"status": MovedBy.XERO}


def test_turning_sent_is_settled_only_by_sent_to_contact() -> None:
    said = replace(SAID, status=PipelineStatus.SENT)

    unsent = builders.compared(BASE, said, LIVE)
    sent = builders.compared(BASE, said, replace(LIVE, sent_to_contact=True))

    assert moved(unsent) == {"status": MovedBy.PIPELINE}
    assert sent.moves.converged


@given(builders.invoices(), builders.invoices())
def test_documents_are_compared_as_their_snapshots(said: Invoice, other: Invoice) -> None:
    live, base = builders.shown(other), builders.agreed(said)

    look = comparison.compare_documents(
        base=base, invoice=said, live=live, translation=builders.meaning(said)
    )

    assert look == builders.compared(base, said, live)


def test_a_field_that_shows_the_same_on_both_makes_no_conflict_of_what_one_side_moved() -> None:
    """Both wrote the same reference; Pipeline moved the date besides: that is Pipeline's move."""
    said = replace(SAID, reference="R2", invoice_on=date(2026, 12, 1))
    live = replace(LIVE, reference="R2")

    look = builders.compared(BASE, said, live)

    assert moved(look) == {"invoiceDate": MovedBy.PIPELINE}
    assert (look.moves.pipeline, look.moves.xero, look.moves.converged) == (True, False, False)


def test_what_one_side_moved_alone_is_its_own_on_either_side() -> None:
    said = replace(SAID, reference="R2")
    live = replace(LIVE, reference="R2", due_on=date(2026, 12, 9))

    look = builders.compared(BASE, said, live)

    assert moved(look) == {"dueDate": MovedBy.XERO}
    assert (look.moves.pipeline, look.moves.xero) == (False, True)


WITHOUT_MEANING = {
    "customerId": {"contact": None},
    "lines[0].accountCode": {"account": None},
    "lines[0].taxType": {"tax": None},
}


def without_meaning(said: Invoice, what: dict[str, None]) -> dict[str, Any]:
    """`said` in Xero's words, but one that nothing leads to yet."""
    meant = builders.in_xero(said)
    if "contact" in what:
        return {"expected": replace(meant, **what)}
    first, *others = meant.lines
    return {"expected": replace(meant, lines=(replace(first, **what), *others))}


@pytest.mark.parametrize("field", WITHOUT_MEANING)
def test_a_word_that_leads_nowhere_is_no_difference_where_none_was_agreed(field: str) -> None:
    said = replace(SAID, lines=(replace(SAID.lines[0], tax_type="OUTPUT2"), *SAID.lines[1:]))
    missing = without_meaning(said, WITHOUT_MEANING[field])

    found = builders.compared(None, said, builders.shown(said), **missing)

    assert found.moves.untranslated
    assert not found.moves.equal
    assert comparison.differences(found) == ()


@pytest.mark.parametrize("name", EDITS)
def test_what_can_be_compared_and_differs_is_shown_beside_a_word_that_leads_nowhere(
    name: str,
) -> None:
    missing = without_meaning(SAID, WITHOUT_MEANING["customerId"])

    found = builders.compared(None, SAID, EDITS[name][1](LIVE), **missing)

    shown = [each.field for each in comparison.differences(found)]
    assert "customerId" not in shown
    assert found.moves.untranslated is (name == "customerId")
    assert (name in shown) is (name != "customerId")


def test_a_word_that_leads_nowhere_moved_all_the_same_where_another_was_agreed() -> None:
    """Nothing hides what a user of Pipeline said since: it is to be written once it can be."""
    said = replace(SAID, customer_id=PipelineCustomerId("c2"))
    missing = without_meaning(said, WITHOUT_MEANING["customerId"])

    found = builders.compared(BASE, said, LIVE, **missing)

    assert found.moves.pipeline
    assert not found.moves.untranslated
    assert [each.field for each in comparison.differences(found)] == ["customerId"]
