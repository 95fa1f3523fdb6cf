"""A plan in rows: sums add up to its items, amounts keep their sign, names stay few."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.long_work import KeptFile
from syncd.domain.model.planned import ACTS, Plan, PlanAction, PlanField, PlanItem
from syncd.domain.rules import plan_file
from syncd.engine.long_work.plan_standing import PlanStanding
from syncd.web.console.books import plan_rows
from syncd.web.console.books.plan_rows import PlanFilter
from tests.store.build import AT
from tests.web.console.support.books import item, plan_of

ITEMS = st.lists(
    st.builds(
        item,
        st.text("AB", min_size=1, max_size=3),
        st.sampled_from(PlanAction),
        currency=st.sampled_from(["NZD", "AUD"]),
        before=st.integers(0, 10**6).map(str),
        after=st.integers(0, 10**6).map(str),
    ),
    max_size=20,
)


@given(ITEMS)
def test_sums_count_every_item_once_and_promise_only_what_acts(items: list[PlanItem]) -> None:
    found = plan_rows.sums(plan_file.totals_of(items), "/here")

    assert sum(one.count for one in found) == len(items)
    assert [one.acts for one in found] == [one.action in ACTS for one in found]
    assert len(plan_rows.promises(found)) == len({one.action for one in items if one.acts})


@given(ITEMS, st.sampled_from([None, *PlanAction]), st.text("ab", max_size=2))
def test_a_filter_hides_only_what_it_says(
    items: list[PlanItem], action: PlanAction | None, text: str
) -> None:
    wanted = PlanFilter(action=action, text=text)

    for one in items:
        fits = wanted.fits(one, None)
        assert not fits or text.upper() in one.name
        assert not fits or action in (None, one.action)
        if action is None and not text:
            assert fits is (one.action is not PlanAction.LEAVE)


@pytest.mark.parametrize(
    ("by", "said"),
    [("88310.2", "+88,310.20 NZD"), ("-862922.93", "−862,922.93 NZD")],
)
def test_a_change_has_its_sign(by: str, said: str) -> None:
    assert plan_rows.signed(Decimal(by), "NZD") == said


def test_many_are_named_by_a_few() -> None:
    many = [item(f"N-{number}") for number in range(9)]

    assert plan_rows.named(many) == "N-0, N-1, N-2, N-3, N-4 and 4 more"


def test_ids_of_contacts_are_not_shown_to_a_person() -> None:
    moved = PlanField(field="customerId", before="b28f0e69", after="50db37a7")
    plan = plan_of([item("A", fields=(moved,))])
    (row,) = plan_rows.rows(_standing(plan), plan.items)

    assert row.changes == ("Customer: another contact",)


def test_what_a_person_chooses_between_is_folded() -> None:
    plan = plan_of([item("A", PlanAction.AMBIGUOUS)])
    (row,) = plan_rows.rows(_standing(plan), plan.items)

    assert row.changes == ()
    assert row.more == ("Total 1.00 → 3.00",)


def _standing(plan: Plan) -> PlanStanding:
    file = KeptFile(
        name=plan.hash, made_at=AT, made_by="Ada", applied_at=None, ties_out=None,
        reviewed_at=None, reviewed_by=None,
    )  # fmt: skip
    return PlanStanding(file=file, plan=plan, outcomes=None, moved=(), organisation=None)
