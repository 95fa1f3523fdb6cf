"""The laws of bases: they move by agreement and recorded decisions, and hide nobody's edit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from syncd.domain.ids import XeroContactId
from syncd.domain.model.intent_body import TieSlack
from syncd.domain.model.invoice import Invoice, InvoiceWrite, LiveInvoice, StepKind, Tracking
from syncd.domain.model.snapshot import Base
from syncd.domain.model.statuses import PipelineStatus, XeroStatus
from syncd.domain.rules.compare import comparison, snapshots
from syncd.domain.rules.compare.comparison import MovedBy, Moves
from syncd.domain.rules.decide import bases, threeway, write_builder
from syncd.domain.rules.decide.situation import (
    DesiredState,
    LiveState,
    Situation,
    Verdict,
    VerdictKind,
)
from tests.domain import builders

SAID = builders.invoice(lines=(builders.line(), builders.line(id="p2", description="Timber")))
LIVE = builders.shown(SAID)
BASE = builders.agreed(SAID)
NORTH = (Tracking(name="Region", option="North"),)


def row(base: Base, said: Invoice, live: LiveInvoice) -> int:
    look = builders.compared(base, said, live)
    return threeway.classify(
        Situation(
            desired=DesiredState.PRESENT, live=LiveState.ALIVE, has_base=True, moves=look.moves
        )
    ).row


def moved(base: Base, said: Invoice, live: LiveInvoice) -> dict[str, MovedBy | None]:
    look = builders.compared(base, said, live)
    return {each.field: each.moved_by for each in comparison.differences(look)}


def as_shown(base: Base | None, said: Invoice, live: LiveInvoice) -> Base:
    return bases.base_as_both_show(
        base,
        snapshots.of_pipeline(said),
        snapshots.of_xero(live),
        builders.compared(base, said, live),
    )


def after_write(
    sent: InvoiceWrite, said: Invoice, after: LiveInvoice, base: Base = BASE, read: Any = LIVE
) -> bases.BaseAfterWrite:
    look = builders.compared(base, said, read)
    return bases.base_after_write(
        base=base,
        desired=snapshots.of_pipeline(said),
        read=snapshots.of_xero(read),
        sent=sent,
        after=snapshots.of_xero(after),
        pairs=builders.pairs_after(sent, said, after, look.pairs),
        lines=look.lines,
    )


def adopted(said: Invoice, live: LiveInvoice, **fields: Any) -> Base:
    return bases.base_after_adoption(
        desired=snapshots.of_pipeline(said),
        expected=builders.expected(said, builders.meaning(said)),
        live=snapshots.of_xero(live),
        **fields,
    )


REFERENCE = InvoiceWrite(
    step=StepKind.UPDATE, pipeline_id=SAID.id, xero_id=LIVE.id, reference="NEW"
)


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        ({"due_on": date(2027, 1, 1)}, "dueDate"),
        (
            {"lines": (replace(LIVE.lines[0], unit_amount=Decimal(9)), LIVE.lines[1])},
            "lines[0].unitAmount",
        ),
    ],
)
def test_edit_between_our_read_and_our_write_shows_as_moved_afterwards(
    edit: dict[str, Any], name: str
) -> None:
    said = replace(SAID, reference="NEW")
    after = replace(LIVE, reference="NEW", **edit)

    done = after_write(REFERENCE, said, after)

    assert done.foreign == (name,)
    assert moved(done.base, said, after) == {name: MovedBy.XERO}


def test_what_xero_filled_of_a_line_is_known_under_the_id_it_is_saved_with_later() -> None:
    said = replace(SAID, lines=(replace(SAID.lines[0], tax_rate=None), *SAID.lines[1:]))
    live = builders.shown(said)
    live = replace(live, lines=(replace(live.lines[0], tax_type="ZERORATED"), *live.lines[1:]))
    base = as_shown(None, said, live)
    resaved = tuple(replace(each, id=f"{each.id}'") for each in said.lines)
    said, after = replace(said, reference="NEW", lines=resaved), replace(live, reference="NEW")

    done = after_write(REFERENCE, said, after, base, live)

    assert (base.filled, done.base.filled) == (("lines/p1/tax",), ("lines/p1'/tax",))
    assert moved(done.base, said, after) == {}


def test_line_removed_by_somebody_between_read_and_write_shows_as_moved() -> None:
    said = replace(SAID, reference="NEW")
    after = replace(LIVE, reference="NEW", lines=LIVE.lines[1:])

    done = after_write(REFERENCE, said, after)

    assert done.foreign == ("lines[0]",)
    assert moved(done.base, said, after) == {"lines": MovedBy.XERO, "lines[0]": MovedBy.XERO}


def test_base_after_a_create_is_what_both_sides_show() -> None:
    sent = write_builder.create(SAID, builders.meaning(SAID), "https://a.example")

    done = bases.base_after_write(
        base=None,
        desired=snapshots.of_pipeline(SAID),
        read=None,
        sent=sent,
        after=snapshots.of_xero(LIVE),
        pairs=builders.pairs_after(sent, SAID, LIVE),
    )

    assert done == bases.BaseAfterWrite(base=BASE, foreign=())


def test_edit_of_an_unasserted_field_is_never_taken_over_by_a_write_of_another() -> None:
    """The bookkeeper's tracking stays, and Pipeline's first word on it finds him."""
    live = replace(LIVE, lines=(replace(LIVE.lines[0], tracking=NORTH), LIVE.lines[1]))
    said = replace(SAID, reference="NEW")

    done = after_write(REFERENCE, said, replace(live, reference="NEW"), read=live)
    south = (Tracking(name="Region", option="South"),)
    asserting = replace(said, lines=(replace(said.lines[0], tracking=south), said.lines[1]))

    assert done.foreign == ()
    assert row(done.base, said, replace(live, reference="NEW")) == 11
    assert row(done.base, asserting, replace(live, reference="NEW")) == 15


@given(builders.invoices(), builders.invoices())
def test_taking_xero_is_quiet_afterwards_and_lists_what_was_kept(
    said: Invoice, other: Invoice
) -> None:
    live = builders.shown(other)
    shown = moved(BASE, said, live)

    base = as_shown(BASE, said, live)

    look = builders.compared(base, said, live)
    assert (look.moves.pipeline, look.moves.xero) == (False, False)
    kept = comparison.differences(look)
    # A status further on in Xero is no difference once nobody has just set Pipeline's back.
    assert [each for each in shown if each != "status"] == [
        each.field for each in kept if each.field != "status"
    ]
    assert all(each.moved_by is None for each in kept)


def test_pipeline_edit_of_a_kept_field_is_out_of_sync_again() -> None:
    live = replace(LIVE, reference="THEIRS")
    base = as_shown(BASE, SAID, live)

    assert base.kept == ("reference",)
    assert row(base, SAID, live) == 11
    assert row(base, replace(SAID, reference="AGAIN"), live) == 15
    assert row(base, replace(SAID, number="N2"), live) == 13
    assert row(base, replace(SAID, reference="THEIRS"), live) == 12


def test_convergence_drops_what_is_the_same_again() -> None:
    live = replace(LIVE, reference="THEIRS")
    said = replace(SAID, reference="THEIRS")

    base = as_shown(as_shown(BASE, SAID, live), said, live)

    assert base.kept == ()
    assert row(base, said, live) == 11


@given(builders.invoices(), builders.invoices(), builders.invoices())
def test_taking_pipeline_ends_with_xero_showing_pipeline(
    before: Invoice, said: Invoice, other: Invoice
) -> None:
    base = builders.agreed(before)
    live = builders.shown(other, status=XeroStatus.DRAFT)
    look = builders.compared(base, said, live)
    taken = bases.base_taking_pipeline(snapshots.of_pipeline(said), snapshots.of_xero(live), look)

    again = builders.compared(taken, said, live)
    write = write_builder.step_for(
        Verdict(row=13, kind=VerdictKind.UPDATE, text=""),
        pipeline_id=said.id,
        desired=said,
        live=live,
        comparison=again,
        translation=builders.meaning(said),
        policy=builders.policy(),
        installation=builders.INSTALLATION,
    )

    assert not again.moves.xero
    if again.moves.pipeline and write is not None:
        assert row(taken, said, live) == 13
        after = replace(
            builders.applied(live, write),
            sub_total=said.nett,
            total_tax=said.tax,
            total=said.total,
        )
        assert comparison.differences(builders.compared(taken, said, after)) == ()


def test_taking_pipeline_never_sets_a_status_back() -> None:
    said = replace(SAID, status=PipelineStatus.DRAFT)
    look = builders.compared(BASE, said, LIVE)

    taken = bases.base_taking_pipeline(snapshots.of_pipeline(said), snapshots.of_xero(LIVE), look)

    assert look.moves.pipeline_regressed
    assert row(taken, said, LIVE) == 11


def test_approval_moves_the_status_of_the_xero_half_alone() -> None:
    said = replace(SAID, status=PipelineStatus.DRAFT)
    base, live = builders.agreed(said), replace(builders.shown(said), status=XeroStatus.SUBMITTED)
    assert builders.compared(base, said, live).approved

    after = bases.base_after_approval(base, snapshots.of_xero(live))

    assert after.xero == snapshots.of_xero(live)
    assert after.pipeline == base.pipeline
    back = replace(live, status=XeroStatus.DRAFT, reference="R2")
    assert builders.compared(after, said, back).moves.xero_regressed


@given(builders.invoices())
def test_adopting_what_was_sent_is_in_sync(said: Invoice) -> None:
    live = builders.shown(said)
    turned = replace(live, lines=tuple(reversed(live.lines)))

    assert row(adopted(said, live), said, live) == 11
    assert row(adopted(said, turned), said, turned) == 11


@pytest.mark.parametrize(
    "edit",
    [
        {"reference": "THEIRS"},
        {"due_on": date(2027, 1, 1)},
        {"lines": LIVE.lines[:1]},
        {"lines": (*LIVE.lines, builders.live_line(line_item_id="x9", description="Theirs"))},
        {"lines": (replace(LIVE.lines[0], unit_amount=Decimal(9)), LIVE.lines[1])},
        {"total": LIVE.total + 1},
    ],
)
def test_edit_made_before_the_look_is_xeros_move_and_not_agreed(edit: dict[str, Any]) -> None:
    live = replace(LIVE, **edit)
    base = adopted(SAID, live)

    assert row(base, SAID, live) == 14
    assert row(base, replace(SAID, number="N2"), live) == 15


def test_adoption_takes_what_xero_filled_and_a_tie_rounded_otherwise() -> None:
    said = replace(SAID, reference="")
    north = (replace(LIVE.lines[0], tracking=NORTH), LIVE.lines[1])
    live = replace(
        builders.shown(said),
        lines=north,
        total=SAID.total + Decimal("0.02"),
    )

    base = adopted(said, live, ties=TieSlack(total=Decimal("0.02")))

    assert base.xero == snapshots.of_xero(live)
    assert row(base, said, live) == 11
    assert row(adopted(said, live, ties=TieSlack(total=Decimal("0.01"))), said, live) == 14


def test_reference_written_in_xero_before_our_look_meets_pipelines_first_word() -> None:
    """Xero fills no reference: one that stands at the look is somebody's, whoever sees it first."""
    said = replace(SAID, reference="")
    live = replace(builders.shown(said), reference="THEIRS")
    sent = write_builder.create(said, builders.meaning(said), "https://a.example")
    looked_up = bases.base_after_write(
        base=None,
        desired=snapshots.of_pipeline(said),
        read=None,
        sent=sent,
        after=snapshots.of_xero(live),
        pairs=builders.pairs_after(sent, said, live),
    )

    for base in (looked_up.base, adopted(said, live), as_shown(None, said, live)):
        assert row(base, said, live) == 11
        assert row(base, replace(said, reference="OURS"), live) == 15


def test_adoption_follows_a_merged_contact() -> None:
    live = replace(LIVE, contact_id=XeroContactId("k9"))

    base = adopted(SAID, live, aliases={builders.CONTACT_ID: "k9"})

    assert base.xero is not None
    assert base.xero.contact == "k9"


def test_base_follows_a_merge_of_contacts_and_no_other_change_of_one() -> None:
    aliases = {"first": "last", "second": "last"}

    def after(before: str, shown: str) -> str | None:
        assert BASE.xero is not None
        base = replace(BASE, xero=replace(BASE.xero, contact=before))
        found = bases.base_after_merge(base, replace(BASE.xero, contact=shown), aliases)
        assert found is None or found.xero is not None
        assert found is None or replace(found, xero=base.xero) == base
        return None if found is None or found.xero is None else found.xero.contact

    assert after("first", "last") == "last"
    assert after("first", "second") == "second"
    assert after("last", "last") is None
    assert after("last", "another") is None
    assert after("another", "last") is None


def test_missing_halves_are_made_whole_by_convergence() -> None:
    for half in ("pipeline", "xero"):
        broken = replace(BASE, **{half: None})
        assert row(broken, SAID, LIVE) == 12
        assert as_shown(broken, SAID, LIVE) == BASE
    assert as_shown(None, SAID, LIVE) == BASE
    assert builders.compared(BASE, SAID, LIVE).moves == Moves()
