"""The laws of alignment: a line is followed by its id, and lines come and go on either side."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given

from syncd.domain.model.invoice import Invoice
from syncd.domain.rules.compare import comparison
from syncd.domain.rules.compare.comparison import MovedBy
from tests.domain import builders

SAID = builders.invoice(
    lines=tuple(builders.line(id=f"p{n}", description=f"Work {n}") for n in range(3))
)
LIVE = builders.shown(SAID)
BASE = builders.agreed(SAID)
NEW_HERE = builders.line(id="p9", description="Extra")
NEW_THERE = builders.live_line(line_item_id="x9", description="Extra")


def moved(said: Invoice, live: builders.LiveInvoice) -> dict[str, MovedBy | None]:
    look = builders.compared(BASE, said, live)
    return {each.field: each.moved_by for each in comparison.differences(look)}


def test_order_of_lines_is_no_edit() -> None:
    turned = replace(LIVE, lines=tuple(reversed(LIVE.lines)))

    assert moved(SAID, turned) == {}
    assert builders.compared(BASE, SAID, turned).pairs == BASE.pairs


def test_line_added_on_one_side_is_that_sides_move() -> None:
    here = moved(replace(SAID, lines=(*SAID.lines, NEW_HERE)), LIVE)
    there = moved(SAID, replace(LIVE, lines=(*LIVE.lines, NEW_THERE)))

    assert here == {"lines": MovedBy.PIPELINE, "lines[3]": MovedBy.PIPELINE}
    assert there == {"lines": MovedBy.XERO, "lines[3]": MovedBy.XERO}


def test_line_removed_on_one_side_is_that_sides_move() -> None:
    here = moved(replace(SAID, lines=SAID.lines[1:]), LIVE)
    there = moved(SAID, replace(LIVE, lines=LIVE.lines[1:]))

    assert here == {"lines": MovedBy.PIPELINE, "lines[2]": MovedBy.PIPELINE}
    assert there == {"lines": MovedBy.XERO, "lines[0]": MovedBy.XERO}


def test_line_removed_on_both_sides_converges() -> None:
    look = builders.compared(
        BASE, replace(SAID, lines=SAID.lines[1:]), replace(LIVE, lines=LIVE.lines[1:])
    )

    assert look.moves.pipeline
    assert look.moves.xero
    assert look.moves.converged


def test_lines_new_on_both_sides_are_joined_in_their_order() -> None:
    said = replace(SAID, lines=(NEW_HERE, *SAID.lines))
    live = replace(LIVE, lines=(*LIVE.lines, NEW_THERE))

    look = builders.compared(BASE, said, live)

    assert look.pairs[0] == ("p9", "x9")
    assert look.moves.converged


def test_line_swapped_for_another_is_seen_though_the_count_is_the_same() -> None:
    live = replace(LIVE, lines=(*LIVE.lines[:2], NEW_THERE))

    assert moved(SAID, live) == {"lines[2]": MovedBy.XERO, "lines[3]": MovedBy.XERO}


@given(builders.invoices())
def test_lines_saved_under_new_ids_with_the_same_content_are_no_edit(said: Invoice) -> None:
    base, live = builders.agreed(said), builders.shown(said)
    renamed = replace(
        live,
        lines=tuple(replace(each, line_item_id=f"{each.line_item_id}'") for each in live.lines),
    )
    resaved = replace(said, lines=tuple(replace(each, id=f"{each.id}'") for each in said.lines))

    look = builders.compared(base, resaved, renamed)

    assert look.diffs == ()
    assert [mine for mine, _ in look.pairs] == [each.id for each in resaved.lines]


def test_line_kept_on_one_side_stays_quiet_and_its_edit_is_noticed() -> None:
    live = replace(LIVE, lines=(*LIVE.lines, NEW_THERE))
    base = replace(BASE, xero=builders.snapshots.of_xero(live), kept=("lines", "lines/+x9/"))
    edited = replace(live, lines=(*LIVE.lines, replace(NEW_THERE, quantity=Decimal(4))))

    quiet, noticed = (builders.compared(base, SAID, each) for each in (live, edited))

    assert (quiet.moves.pipeline, quiet.moves.xero) == (False, False)
    assert [each.field for each in comparison.differences(quiet)] == ["lines", "lines[3]"]
    assert noticed.moves.xero


def test_lines_of_one_id_are_lines_of_their_own() -> None:
    twice = replace(SAID, lines=(*SAID.lines, SAID.lines[0]))

    assert moved(twice, LIVE) == {"lines": MovedBy.PIPELINE, "lines[3]": MovedBy.PIPELINE}


def test_removed_line_and_new_line_there_are_not_mistaken_for_one_another() -> None:
    """Pipeline removes a line, Xero adds another: two moves, of two lines."""
    said = replace(SAID, lines=SAID.lines[:2])
    live = replace(LIVE, lines=(*LIVE.lines, NEW_THERE))

    assert moved(said, live) == {
        "lines": MovedBy.BOTH,
        "lines[2]": MovedBy.PIPELINE,
        "lines[3]": MovedBy.XERO,
    }


def test_lines_that_read_the_same_one_after_the_other_are_the_same_whatever_their_ids() -> None:
    """A line is removed there, and the others are written over until both show the same again."""
    first, *rest = LIVE.lines
    shifted = [
        replace(shown, line_item_id=after.line_item_id)
        for shown, after in zip(LIVE.lines, [*rest, NEW_THERE], strict=True)
    ]
    live = replace(LIVE, lines=tuple(shifted))

    look = builders.compared(BASE, SAID, live)

    assert look.moves.converged
    assert comparison.differences(look) == ()
    assert first.line_item_id not in [shown for _, shown in look.pairs]
    assert [mine for mine, _ in look.pairs] == [line.id for line in SAID.lines]
