"""Lists are read while people change what they show: none that stood before is missed.

For every list read page by page: Pipeline's feed, the sweeps of Xero and its full list, and the
listing this daemon serves itself. Rows change between any two pages, many within one second. A row
that nobody touches comes up, and once; one that is touched is right after this reading or the next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import TenantId
from syncd.domain.rules.limits.allowance import Lane
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.engine.feed import intake
from syncd.engine.operator.pages import ListQuery
from syncd.engine.sweeps import sweeper
from syncd.ports.billing import ChangeKind
from syncd.store import desired, views
from syncd.store.unit_of_work import Transaction
from tests.engine.support.operating import SYNCED, desk
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import swept_now
from tests.searching import examples
from tests.store.build import ACME, AT, invoice
from tests.xero.support import worlds

MOST_PAGES = 400
ROWS = 9
places = st.integers(0, ROWS - 1)


@dataclass
class Small:
    """A port whose lists come in pages of two, before each of which somebody does something."""

    inner: Any
    before: Callable[[], Awaitable[None]]
    pages: int = 0
    asked: list[Any] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def changes_since(self, tenant: TenantId, cursor: str | None, *, limit: int) -> Any:
        assert limit > 2
        await self._turn()
        return await self.inner.changes_since(tenant, cursor, limit=2)

    async def invoice_changes(self, tenant: TenantId, since: Any, *, page: int, lane: Lane) -> Any:
        await self._turn()
        return await self._cut("invoice_changes", tenant, since, page=page, lane=lane)

    async def invoice_summaries(
        self, tenant: TenantId, since_on: Any, before_on: Any, *, page: int, lane: Lane
    ) -> Any:
        await self._turn()
        return await self._cut(
            "invoice_summaries", tenant, since_on, before_on, page=page, lane=lane
        )

    async def _turn(self) -> None:
        self.pages += 1
        await self.before()

    async def _cut(self, name: str, *args: Any, page: int, lane: Lane) -> Any:
        """Of Xero's one page, which holds them all, the part that a small page would be."""
        whole = await getattr(self.inner, name)(*args, page=1, lane=lane)
        assert whole.is_last
        rows = whole.rows[(page - 1) * 2 : page * 2]
        return replace(
            whole,
            rows=rows,
            is_last=page * 2 >= len(whole.rows),
            last_at=getattr(rows[-1], "updated_at", None) if rows else None,
        )


async def _standing(rounds: Rounds) -> list[str]:
    customer = rounds.customer()
    made = [rounds.invoice(customer, f"PL-{at}", reference="PO") for at in range(ROWS)]
    await rounds.turn()
    return made


@examples(15)
@given(st.lists(st.lists(places, max_size=2), max_size=12))
def test_the_feed_misses_no_version_however_entries_move(deeds: list[list[int]]) -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        made = [rounds.invoice(customer, f"PL-{at}") for at in range(ROWS)]
        left = list(deeds)

        async def edit() -> None:
            for at in left.pop() if left else ():
                rounds.user(do="edit_invoice", id=made[at], set={"reference": f"{len(left)}"})

        small = Small(rounds.context.billing, edit)
        rounds.context = replace(rounds.context, billing=small)  # type: ignore[arg-type]  (a double)
        for _ in range(MOST_PAGES):
            if await intake.poll_once(rounds.context, rounds.tenant) is None:
                break
        await edit()
        left.clear()
        while await intake.poll_once(rounds.context, rounds.tenant) == 0.0:
            pass

        known = await rounds.context.store.fetch(desired.invoices(rounds.tenant, made))
        records = rounds.pipeline.tenants[rounds.tenant].books.records["invoice"]
        stands = {key: records[key].document["version"] for key in made}
        assert {one.key: one.version for one in known} == stands
        assert small.pages >= ROWS // 2

    play(story)


@examples(10)
@given(
    st.lists(places, unique=True, min_size=4, max_size=ROWS),
    st.lists(st.lists(places, min_size=1, max_size=2), min_size=3, max_size=12),
    st.booleans(),
)
def test_a_sweep_shows_every_edit_made_before_it_however_rows_move(
    edited: list[int], deeds: list[list[int]], full: bool
) -> None:
    async def story(rounds: Rounds) -> None:
        made = await _standing(rounds)
        await swept_now(rounds, full=True)
        await worlds.passes(200)
        await swept_now(rounds)
        deed = "touchless_edit" if full else "edit"
        for at in edited:
            rounds.xero.do(do=deed, invoice=rounds.xero_id(made[at]), set={"Reference": "hers"})
        left, moved = list(deeds), set[int]()

        async def pay() -> None:
            for drawn in left.pop() if left else ():
                await worlds.passes(0.01)  # within a second, and yet behind all others
                at = edited[drawn % len(edited)]
                moved.add(at)
                due = next(
                    one for one in rounds.books() if one["InvoiceID"] == rounds.xero_id(made[at])
                )
                if float(due["AmountDue"]) > 1:
                    rounds.xero.do(do="pay", invoice=due["InvoiceID"], amount="1.00")

        small = Small(rounds.context.ledger, pay)
        rounds.context = replace(rounds.context, ledger=small)  # type: ignore[arg-type]  (a double)
        task = Task.FULL if full else Task.INVOICES
        for _ in range(MOST_PAGES):
            if await sweeper.step_now(rounds.context, rounds.tenant, task, lane=Lane.SWEEP):
                break
        await rounds.turn()

        assert {*edited} - moved <= _apart(rounds, made) <= {*edited}
        left.clear()
        await swept_now(rounds)
        assert _apart(rounds, made) == {*edited}
        for key in made:
            told = rounds.pipeline.dump()["tenants"][rounds.tenant]["payments"].get(key, {})
            stands = next(one for one in rounds.books() if one["InvoiceID"] == rounds.xero_id(key))
            assert len(told) == len(stands["Payments"])

    play(story)


def _apart(rounds: Rounds, made: list[str]) -> set[int]:
    told = [rounds.result(key)["state"] for key in made]
    return {at for at, state in enumerate(told) if state == "out_of_sync"}


@examples(15)
@given(st.lists(st.tuples(places, st.sampled_from("abz")), max_size=8), st.integers(1, 3))
async def test_a_listing_of_ours_shows_each_that_stands_once_however_others_are_renamed(
    renamed: list[tuple[int, str]], size: int
) -> None:
    keys = [f"k{at}" for at in range(ROWS)]
    async with desk() as at:
        await at.seed(dict.fromkeys(keys, SYNCED))
        left, seen, after = list(renamed), [], views.START
        for _ in range(MOST_PAGES):
            page = await at.operations.invoices(ACME, ListQuery(limit=size, after=after))
            seen += [one.row.key for one in page.items]
            if page.next_place is None:
                break
            after = page.next_place
            if left:
                place, letter = left.pop()
                await _rename(at, keys[place], f"{letter}{place}")

        still = [key for place, key in enumerate(keys) if place not in {one for one, _ in renamed}]
        assert [key for key in seen if key in still] == still
        assert {*keys} >= {*seen}


async def _rename(at: Any, key: str, number: str) -> None:
    (one,) = await at.store.fetch(desired.invoices(ACME, [key]))
    change = desired.DesiredChange(
        kind=ChangeKind.INVOICE,
        key=key,
        version=one.version + 1,
        at=AT,
        by="Ada",
        content=invoice(key, number=number),
    )
    tx = Transaction()
    tx.add(desired.put(ACME, [change]))
    await at.store.commit(tx)
