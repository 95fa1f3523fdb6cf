"""Whatever two sets of books look like: each object is in one item, and applying doubles none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.planned import Plan, PlanAction, PlanKind
from syncd.domain.model.settings import Mode
from syncd.domain.rules.plan_file import totals_of
from tests.engine.plans.test_apply import applied, histories
from tests.engine.plans.test_build import at_rest, planned
from tests.engine.support.contact_stories import contacts
from tests.engine.support.existing_books import START_ON, Existing
from tests.engine.support.rounds import Rounds, play
from tests.searching import examples


@dataclass(frozen=True, kw_only=True)
class Customer:
    ref: str
    has_contact: bool
    has_namesake: bool


@dataclass(frozen=True, kw_only=True)
class Document:
    """An invoice of one number on both sides or one; `quantities` None where it is not there."""

    number: str
    owner: int
    pipeline: int | None
    xero: int | None
    is_other_contact: bool
    fate: str


customers = st.lists(
    st.builds(
        Customer,
        ref=st.sampled_from(["R1", "R2", "R3"]),
        has_contact=st.booleans(),
        has_namesake=st.booleans(),
    ),
    min_size=1,
    max_size=4,
)
quantities = st.none() | st.integers(1, 2)
documents = st.lists(
    st.builds(
        Document,
        number=st.sampled_from(["A", "a", "B", "C", "D"]),
        owner=st.integers(0, 3),
        pipeline=quantities,
        xero=quantities,
        is_other_contact=st.booleans(),
        fate=st.sampled_from(["", "", "old", "pay", "void", "delete"]),
    ),
    max_size=7,
)


def _stand(rounds: Rounds, who: list[Customer], what: list[Document]) -> None:
    """Put it all where it belongs; what one of the two sides refuses is not there."""
    rounds.choose(mode=Mode.OBSERVE, start_on=START_ON)
    books = Existing(rounds)
    refs: list[str] = []
    for place, one in enumerate(who):
        name = f"Customer {place}"
        ref = f"{one.ref}" if one.has_contact else f"{one.ref}-{place}"
        made = rounds.user(do="create_customer", ref=ref, name=name)
        books.customers[f"{place}"] = str(made["id"])
        refs.append(f"{place}")
        if one.has_contact:
            books.contact(ref, f"Contact {place}")
        if one.has_namesake:
            books.contact(f"N{place}", name.upper())
    books.contact("other", "Another")
    for one in what:
        on = "2025-06-01" if one.fate == "old" else "2026-11-20"
        owner = one.owner % len(refs)
        is_new = one.number not in books.invoices
        if one.pipeline is not None and is_new:
            books.invoice(one.number, refs[owner], one.pipeline, on)
        if one.xero is not None and one.number.upper() not in _numbers(rounds):
            named = f"Contact {owner}"
            known = named in books.contacts and not one.is_other_contact
            books.document(one.number, named if known else "Another", one.xero, on)
            if one.fate in ("pay", "void"):
                rounds.xero.do(do=one.fate, invoice=books.documents[one.number])
        if one.fate == "delete" and one.pipeline is not None and is_new:
            rounds.user(do="delete", id=books.invoices[one.number])


def _numbers(rounds: Rounds) -> set[str]:
    return {row["InvoiceNumber"].upper() for row in rounds.books()}


def _is_whole(rounds: Rounds, plan: Plan) -> None:
    pipeline = rounds.pipeline.dump()["tenants"][rounds.tenant]
    for kind, ours, theirs in (
        (PlanKind.CUSTOMER, pipeline["customers"], contacts(rounds)),
        (PlanKind.INVOICE, pipeline["invoices"], rounds.books()),
    ):
        items = [item for item in plan.items if item.kind is kind]
        keys = Counter(item.key for item in items if item.key)
        assert set(keys.values()) <= {1}
        alive = {key for key, row in ours.items() if not row["deleted"]}
        assert alive <= set(keys) <= set(ours)
        own = Counter(item.xero_id for item in items if item.xero_id)
        assert set(own.values()) <= {1}
        shown = {each for item in items for each in (item.xero_id, *item.candidates)} - {""}
        assert shown == {
            row["ContactID" if kind is PlanKind.CUSTOMER else "InvoiceID"] for row in theirs
        }
    assert plan.totals == totals_of(plan.items)


@examples(10)
@given(who=customers, what=documents)
def test_any_books_are_planned_whole_and_taken_over_without_harm(
    who: list[Customer], what: list[Document]
) -> None:
    async def story(rounds: Rounds) -> None:
        _stand(rounds, who, what)
        await at_rest(rounds)
        before = histories(rounds)
        plan = await planned(rounds)
        _is_whole(rounds, plan)
        assert histories(rounds) == before

        found = await applied(rounds, plan)
        assert {item.outcome for item in found.items} <= {"applied"}
        await at_rest(rounds)

        after = histories(rounds)
        assert {key: after[key] for key in before} == before
        created = sum(
            item.action is PlanAction.CREATE and item.kind is PlanKind.INVOICE
            for item in plan.items
        )
        assert len(after) == len(before) + created
        assert len(_numbers(rounds)) == len(after)
        assert not any(item.acts for item in (await planned(rounds)).items)

    play(story)
