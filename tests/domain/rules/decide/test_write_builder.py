"""The laws of planning: only what moved is written, and the write ends in agreement."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from syncd.domain.model.invoice import (
    Invoice,
    InvoiceWrite,
    LineAmountTypes,
    LiveInvoice,
    StepKind,
    Tracking,
)
from syncd.domain.model.settings import CodeMapping
from syncd.domain.model.snapshot import Base
from syncd.domain.model.statuses import PipelineStatus, XeroStatus
from syncd.domain.rules.compare import line_joining, snapshots, write_confirmation
from syncd.domain.rules.compare.comparison import Comparison
from syncd.domain.rules.compare.ownership_mark import Owner, ownership_of
from syncd.domain.rules.decide import bases, write_builder
from syncd.domain.rules.decide.situation import Verdict, VerdictKind
from tests.domain import builders

SAID = builders.invoice(
    lines=(builders.line(), builders.line(id="p2", description="Timber", cost_code="MAT"))
)
LIVE = builders.shown(SAID)
BASE = builders.agreed(SAID)
NORTH = (Tracking(name="Region", option="North"),)


def step(
    kind: VerdictKind,
    said: Invoice | None,
    live: LiveInvoice | None,
    look: Comparison | None = None,
    **policy: Any,
) -> InvoiceWrite | None:
    return write_builder.step_for(
        Verdict(row=13, kind=kind, text=""),
        pipeline_id=builders.INVOICE_ID,
        desired=said,
        live=live,
        comparison=look,
        translation=builders.meaning(said, **policy) if said else None,
        policy=builders.policy(**policy),
        installation=builders.INSTALLATION,
    )


def update(
    said: Invoice,
    live: LiveInvoice = LIVE,
    base: Base | None = BASE,
    kind: VerdictKind = VerdictKind.UPDATE,
) -> InvoiceWrite:
    write = step(kind, said, live, builders.compared(base, said, live))
    assert write is not None
    return write


def written(write: InvoiceWrite) -> dict[str, object]:
    """The fields of `write` that are sent."""
    always = ("step", "pipeline_id", "xero_id")
    values = {each.name: getattr(write, each.name) for each in fields(write)}
    return {
        name: value for name, value in values.items() if name not in always and value is not None
    }


@given(builders.invoices())
def test_create_carries_everything_and_our_mark(said: Invoice) -> None:
    write = step(VerdictKind.CREATE, said, None)

    assert write is not None
    assert ownership_of(write.url or "", said.id, builders.INSTALLATION).owner is Owner.OURS
    live = replace(
        builders.applied(None, write), sub_total=said.nett, total_tax=said.tax, total=said.total
    )
    assert builders.compared(None, said, live).moves.equal
    assert write_confirmation.shows(write, live)


@given(builders.invoices(), builders.invoices())
def test_update_ends_in_agreement_and_leaves_nothing_to_do(before: Invoice, said: Invoice) -> None:
    """Whatever Pipeline changes, after the write both sides agree and base and pairs say so."""
    said = replace(said, status=PipelineStatus.SENT)
    base, live = builders.agreed(before), builders.shown(before)
    look = builders.compared(base, said, live)
    write = step(VerdictKind.UPDATE, said, live, look)
    assume(write is not None)
    assert write is not None
    if write.lines is None and write.line_amount_types is None:
        said = replace(said, nett=before.nett, tax=before.tax, total=before.total)

    after = replace(
        builders.applied(live, write), sub_total=said.nett, total_tax=said.tax, total=said.total
    )
    done = bases.base_after_write(
        base=base,
        desired=snapshots.of_pipeline(said),
        read=snapshots.of_xero(live),
        sent=write,
        after=snapshots.of_xero(after),
        pairs=builders.pairs_after(write, said, after, look.pairs),
    )

    again = builders.compared(done.base, said, after)
    assert again.moves.equal
    assert not again.moves.pipeline
    assert not again.moves.xero
    assert [mine for mine, _ in done.base.pairs] == [each.id for each in said.lines]
    assert write_confirmation.shows(write, after)


@pytest.mark.parametrize(
    ("edit", "sent"),
    [
        ({"number": "INV-2"}, {"number": "INV-2"}),
        ({"reference": ""}, {"reference": ""}),
        ({"currency_code": "AUD"}, {"currency_code": "AUD"}),
        ({"status": PipelineStatus.SENT}, {"sent_to_contact": True}),
    ],
)
def test_update_of_a_header_field_sends_that_field_alone(
    edit: dict[str, Any], sent: dict[str, object]
) -> None:
    assert written(update(replace(SAID, **edit))) == sent


def test_status_is_sent_upward_only() -> None:
    draft = replace(SAID, status=PipelineStatus.DRAFT)
    live = builders.shown(draft)
    base = builders.agreed(draft)

    up = update(SAID, live, base)
    approved_already = step(
        VerdictKind.UPDATE,
        SAID,
        replace(live, status=XeroStatus.PAID),
        builders.compared(base, SAID, replace(live, status=XeroStatus.PAID)),
    )

    assert written(up) == {"status": XeroStatus.AUTHORISED}
    assert approved_already is None


def test_update_of_totals_alone_writes_nothing() -> None:
    said = replace(SAID, total=SAID.total + 1)

    assert step(VerdictKind.UPDATE, said, LIVE, builders.compared(BASE, said, LIVE)) is None


def test_update_of_one_line_sends_every_line_that_stays_with_its_id() -> None:
    said = replace(SAID, lines=(replace(SAID.lines[0], description="New"), SAID.lines[1]))

    write = update(said)

    assert list(written(write)) == ["lines"]
    assert write.lines is not None
    assert [(each.line_item_id, each.description) for each in write.lines] == [
        ("x-p1", "New"),
        ("x-p2", "Timber"),
    ]


def test_line_removed_is_left_out_and_line_added_has_no_id() -> None:
    extra = builders.line(id="p3", description="Extra")
    said = replace(SAID, lines=(SAID.lines[1], extra))

    write = update(said)

    assert write.lines is not None
    assert [(each.line_item_id, each.pipeline_line_id) for each in write.lines] == [
        ("x-p2", "p2"),
        (None, "p3"),
    ]
    after = builders.applied(LIVE, write)
    assert builders.pairs_after(write, said, after) == (("p2", "x-p2"), ("p3", "new-2-0"))


def test_what_a_bookkeeper_filled_where_pipeline_says_nothing_travels_along() -> None:
    live = replace(LIVE, lines=tuple(replace(each, tracking=NORTH) for each in LIVE.lines))
    said = replace(SAID, lines=(replace(SAID.lines[0], quantity=Decimal(7)), SAID.lines[1]))

    write = update(said, live)

    assert write.lines is not None
    assert [each.tracking for each in write.lines] == [NORTH, NORTH]


def test_field_that_did_not_move_is_written_as_xero_shows_it_also_under_a_new_mapping() -> None:
    said = replace(SAID, lines=(replace(SAID.lines[0], quantity=Decimal(7)), SAID.lines[1]))
    remapped = {"LAB": CodeMapping(account="260"), "MAT": CodeMapping(account="200")}

    write = step(
        VerdictKind.UPDATE, said, LIVE, builders.compared(BASE, said, LIVE), cost_codes=remapped
    )

    assert write is not None
    assert write.lines is not None
    assert [each.account_code for each in write.lines] == ["200", "260"]


def test_tax_type_follows_its_account() -> None:
    mapping = {"LAB": CodeMapping(account="200"), "MAT": CodeMapping(account="260", tax="SPECIAL")}
    said = replace(SAID, lines=(replace(SAID.lines[0], cost_code="MAT"), SAID.lines[1]))

    write = step(
        VerdictKind.UPDATE, said, LIVE, builders.compared(BASE, said, LIVE), cost_codes=mapping
    )

    assert write is not None
    assert write.lines is not None
    assert (write.lines[0].account_code, write.lines[0].tax_type) == ("260", "SPECIAL")
    assert write.lines[1].tax_type == "OUTPUT2"


def test_kind_of_amounts_travels_with_its_lines_and_their_tax_types() -> None:
    write = update(replace(SAID, line_amount_types=LineAmountTypes.NO_TAX))

    assert write.line_amount_types is LineAmountTypes.NO_TAX
    assert write.lines is not None
    assert [each.tax_type for each in write.lines] == ["NONE", "NONE"]


def test_discount_taken_back_is_written_as_zero() -> None:
    before = replace(SAID, lines=(builders.line(discount_percent=Decimal(5)),))

    write = update(
        replace(SAID, lines=(builders.line(),)), builders.shown(before), builders.agreed(before)
    )

    assert write.lines is not None
    assert write.lines[0].discount_rate == 0


def test_kept_difference_is_never_overwritten_by_another_edit() -> None:
    live = replace(
        LIVE,
        lines=(
            replace(LIVE.lines[0], unit_amount=Decimal(60)),
            LIVE.lines[1],
            builders.live_line(line_item_id="x9", description="Theirs"),
        ),
    )
    look = builders.compared(BASE, SAID, live)
    base = bases.base_as_both_show(BASE, snapshots.of_pipeline(SAID), snapshots.of_xero(live), look)
    said = replace(SAID, lines=(replace(SAID.lines[0], description="New"), SAID.lines[1]))

    write = update(said, live, base)

    assert write.lines is not None
    assert [(each.line_item_id, each.unit_amount) for each in write.lines] == [
        ("x-p1", Decimal(60)),
        ("x-p2", Decimal(50)),
        ("x9", Decimal(50)),
    ]


def test_line_kept_out_of_xero_is_not_created_again() -> None:
    live = replace(LIVE, lines=LIVE.lines[1:])
    look = builders.compared(BASE, SAID, live)
    base = bases.base_as_both_show(BASE, snapshots.of_pipeline(SAID), snapshots.of_xero(live), look)
    extra = builders.line(id="p3", description="Extra")
    said = replace(SAID, lines=(SAID.lines[0], replace(SAID.lines[1], description="X"), extra))

    write = update(said, live, base)

    assert write.lines is not None
    assert [each.pipeline_line_id for each in write.lines] == ["p2", "p3"]
    after = builders.applied(live, write)
    assert builders.pairs_after(write, said, after) == (("p2", "x-p2"), ("p3", "new-1-0"))


def test_mirror_pushes_back_what_xero_moved_and_that_alone() -> None:
    live = replace(LIVE, reference="THEIRS", lines=LIVE.lines[:1])

    write = update(SAID, live, kind=VerdictKind.MIRROR)

    assert write.reference == SAID.reference
    assert write.lines is not None
    assert [each.line_item_id for each in write.lines] == ["x-p1", None]
    assert write.number is None


@pytest.mark.parametrize(
    ("status", "kind", "wanted"),
    [
        (XeroStatus.DRAFT, StepKind.DELETE, XeroStatus.DELETED),
        (XeroStatus.SUBMITTED, StepKind.DELETE, XeroStatus.DELETED),
        (XeroStatus.AUTHORISED, StepKind.VOID, XeroStatus.VOIDED),
        (XeroStatus.PAID, StepKind.VOID, XeroStatus.VOIDED),
    ],
)
def test_withdrawal_is_status_only(status: XeroStatus, kind: StepKind, wanted: XeroStatus) -> None:
    write = step(VerdictKind.WITHDRAW, None, replace(LIVE, status=status))

    assert write is not None
    assert (write.step, written(write)) == (kind, {"status": wanted})


@given(st.sampled_from(list(VerdictKind)))
def test_other_verdicts_write_nothing(kind: VerdictKind) -> None:
    writing = (
        VerdictKind.CREATE,
        VerdictKind.UPDATE,
        VerdictKind.MIRROR,
        VerdictKind.WITHDRAW,
    )
    if kind not in writing:
        assert step(kind, SAID, LIVE, builders.compared(BASE, SAID, LIVE)) is None


@given(builders.invoices(), st.randoms(use_true_random=False))
def test_lines_are_paired_by_what_they_say_in_whatever_order_xero_answers(
    said: Invoice, chance: Random
) -> None:
    """Lines that read the same go by place; all others by their words."""
    write = step(VerdictKind.CREATE, said, None)
    assert write is not None
    answer = builders.applied(None, write)
    turned = replace(answer, lines=tuple(chance.sample(answer.lines, len(answer.lines))))

    pairs = dict(builders.pairs_after(write, said, turned))

    meant = {line.id: line for line in builders.expected(said, builders.meaning(said)).lines}
    shown = {line.id: line for line in snapshots.of_xero(turned).lines}
    assert sorted(pairs.values()) == sorted(shown)
    for mine, theirs in pairs.items():
        assert line_joining.content(meant[mine]) == line_joining.content(shown[theirs])


def test_new_lines_that_xero_puts_first_are_paired_by_what_they_say() -> None:
    """Facts §3.7: beside kept ids new lines come out before all kept ones, in any order."""
    extra = (
        builders.line(id="p3", description="Extra"),
        builders.line(id="p4", description="Travel"),
    )
    said = replace(SAID, lines=(*SAID.lines, *extra))
    write = update(said)
    first, second, third, fourth = builders.applied(LIVE, write).lines
    after = replace(LIVE, lines=(fourth, third, first, second))

    assert builders.pairs_after(write, said, after) == (
        ("p1", "x-p1"),
        ("p2", "x-p2"),
        ("p3", third.line_item_id),
        ("p4", fourth.line_item_id),
    )


def test_quantity_of_the_third_line_is_written_to_the_third_line() -> None:
    """Xero answered the create with its lines turned round."""
    said = builders.invoice(
        lines=tuple(builders.line(id=f"p{n}", description=f"Work {n}") for n in range(3))
    )
    sent = step(VerdictKind.CREATE, said, None)
    assert sent is not None
    answer = builders.applied(None, sent)
    live = replace(answer, lines=answer.lines[::-1])
    base = builders.agreed(said, live, pairs=builders.pairs_after(sent, said, live))
    more = replace(said, lines=(*said.lines[:2], replace(said.lines[2], quantity=Decimal(9))))

    write = update(more, live, base)

    assert write.lines is not None
    moved = [line for line in write.lines if line.quantity == Decimal(9)]
    assert [(line.description, line.line_item_id) for line in moved] == [
        ("Work 2", answer.lines[2].line_item_id)
    ]


def test_pairs_stand_when_lines_are_left_alone() -> None:
    write = update(replace(SAID, reference="R"))

    assert builders.pairs_after(write, SAID, LIVE, BASE.pairs) == BASE.pairs
