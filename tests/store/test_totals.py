"""Kept totals and listings by index say what a count and a walk would, whatever has happened."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import anyio
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import IncarnationId, TenantId
from syncd.domain.model.job import Job, JobKind, JobState, PublicState, Reason
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.ports.billing import ChangeKind
from syncd.ports.driver import BoundStatement
from syncd.store import jobs, migrate, tenants, views
from syncd.store.jobs import JobSettlement, JobTotals
from syncd.store.unit_of_work import Statement, Store, Transaction
from syncd.store.views import Narrowed
from tests.searching import examples
from tests.store.build import ACME, AT, BETA, later, wish
from tests.store.old_jobs import prepare_old
from tests.store.test_views import End, prepare

INVOICE = ChangeKind.INVOICE
KEYS = ("a", "b", "c")
COUNTED = BoundStatement(
    name="counted",
    sql="""
    SELECT
        kind, state, public_state,
        (state IN ('ready', 'leased', 'uncertain')
            AND (reason IS NULL OR reason IN ('breaker_open', 'rate_limited'))),
        count(*), min(first_wanted_at)
    FROM jobs WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    GROUP BY 1, 2, 3, 4
    """,
    rows=((ACME,),),
)
ends = st.builds(
    End,
    st.sampled_from(
        [JobState.READY, JobState.HELD, JobState.UNCERTAIN, JobState.DONE, JobState.FAILED]
    ),
    st.sampled_from([Reason.REFUSED, Reason.BREAKER_OPEN, Reason.PAUSED, None]),
    st.just("a note"),
    st.booleans(),
    st.booleans(),
).filter(lambda end: end.state is not JobState.HELD or bool(end.reason or end.is_out_of_sync))
steps = st.one_of(
    st.tuples(
        st.just("want"), st.sampled_from([ACME, BETA]), st.sampled_from(JobKind),
        st.sampled_from(KEYS),
    ),
    st.tuples(st.just("claim"), st.sampled_from(JobKind)),
    st.tuples(st.just("probe")),
    st.tuples(st.just("settle"), ends),
    st.tuples(st.just("release"), st.sampled_from([Reason.REFUSED, Reason.PAUSED])),
    st.tuples(st.just("release due")),
    st.tuples(st.just("die")),
)  # fmt: skip


class Played:
    """A queue under any operations, and what it has counted."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run_number = 0
        self.now_s = 0
        self.until: dict[tuple[JobKind, str], datetime | None] = {}

    async def step(self, step: tuple[object, ...]) -> None:
        self.now_s += 1
        now, run = later(self.now_s), IncarnationId(f"run-{self.run_number}")
        until = now + timedelta(seconds=60)
        match step:
            case "want", tenant, kind, key:
                request = wish(str(key), tenant=TenantId(str(tenant)), kind=JobKind(str(kind)))
                await self.store.run(jobs.enqueue([request], now))
            case "claim", kind:
                of = JobKind(str(kind))
                await self.lease(
                    jobs.claim(ACME, of, incarnation=run, now=now, lease_until=until, limit=2)
                )
            case ("probe",):
                await self.lease(
                    jobs.claim_uncertain(ACME, incarnation=run, now=now, lease_until=until, limit=1)
                )
            case "settle", End() as end:
                await self.settle(end, run)
            case "release", reason:
                await self.store.run(jobs.release_by_reason(ACME, Reason(str(reason)), now))
            case ("release due",):
                await self.store.run(jobs.release_due(ACME, now, limit=1))
            case _:
                self.run_number += 1
                await self.store.run(jobs.free_leases(IncarnationId(f"run-{self.run_number}"), now))

    async def lease(self, claiming: Statement[Job]) -> None:
        for job in await self.store.run(claiming):
            self.until[job.kind, job.key] = job.leased_until

    async def settle(self, end: End, run: IncarnationId) -> None:
        found = [
            (kind, row)
            for kind in JobKind
            for row in await self.store.fetch(jobs.get(ACME, kind, KEYS))
            if row.state is JobState.LEASED
        ]
        tx = Transaction()
        tx.add_all(
            jobs.settle(
                [
                    JobSettlement(
                        tenant=ACME, kind=kind, key=row.key, leased_until=self.until[kind, row.key],
                        ready_at=later(self.now_s), **vars(end),
                    )
                    for kind, row in found[:1]
                ],
                incarnation=run,
                at=later(self.now_s),
            )
        )  # fmt: skip
        await self.store.commit(tx)


async def agree(driver: InlineDriver, store: Store) -> None:
    """The totals equal a count of every job."""
    (rows,) = await driver.read((COUNTED,))
    totals = {each.kind: each for each in await store.fetch(jobs.totals(ACME))}
    for kind in JobKind:
        states: Counter[str] = Counter()
        shown: Counter[str] = Counter()
        going: list[int] = []
        for of, state, public_state, is_going, count, oldest_at in rows:
            if of == kind.value:
                states[str(state)] += int(str(count))
                shown[str(public_state)] += int(str(count))
                going += [int(str(oldest_at))] if is_going else []
        known = totals.get(kind)
        assert _named(known.by_state if known else {}) == dict(states)
        assert _named(known.by_public_state if known else {}) == dict(shown)
        assert _ms(known) == (min(going) if going else None)


def _named(counts: dict[JobState, int] | dict[PublicState, int]) -> dict[str, int]:
    return {str(state): count for state, count in counts.items() if count}


def _ms(totals: JobTotals | None) -> int | None:
    at = None if totals is None else totals.oldest_going_at
    return None if at is None else round(at.timestamp() * 1000)


@given(played=st.lists(steps, max_size=25))
@examples(40)
def test_totals_equal_a_count_after_any_operations(
    migrated_file: Path, played: list[tuple[object, ...]]
) -> None:
    async def story() -> None:
        with tempfile.TemporaryDirectory() as folder:
            driver = InlineDriver(Path(shutil.copy(migrated_file, folder)))
            at = Played(Store(driver))
            for step in played:
                await at.step(step)
                await agree(driver, at.store)
            await driver.close()

    anyio.run(story)


async def test_totals_of_a_store_from_before_equal_a_count(tmp_path: Path) -> None:
    driver = InlineDriver(tmp_path / "store.db")
    store = Store(driver)
    await migrate.upgrade(driver, AT, migrate.known()[:15])
    await store.run(tenants.ensure([ACME, BETA]))
    kept = {
        "a": End(JobState.DONE),
        "b": End(JobState.HELD, Reason.PAUSED, "x"),
        "c": End(JobState.DONE, is_voided=True),
        "d": End(JobState.FAILED, Reason.REFUSED, "x"),
        "e": End(JobState.UNCERTAIN),
        "f": End(JobState.LEASED),
        "g": End(JobState.HELD, is_out_of_sync=True),
    }
    await prepare_old(driver, kept)

    await migrate.upgrade(driver, AT)

    await agree(driver, store)
    (totals,) = await store.fetch(jobs.totals(ACME))
    assert (totals.all, totals.leased, totals.held) == (7, 1, 2)
    await driver.close()


@given(
    made=st.dictionaries(st.text("abc", min_size=1, max_size=3), ends, min_size=1, max_size=12),
    limit=st.integers(1, 4),
)
@examples(15)
def test_listing_by_state_or_reason_is_the_whole_listing_narrowed(
    migrated_file: Path, made: dict[str, End], limit: int
) -> None:
    async def story() -> None:
        with tempfile.TemporaryDirectory() as folder:
            driver = InlineDriver(Path(shutil.copy(migrated_file, folder)))
            store = Store(driver)
            await prepare(store, made)
            everything = await store.fetch(views.listing(ACME, INVOICE, limit=100))
            narrowed = [(state, None) for state in PublicState]
            narrowed += [(None, reason) for reason in (Reason.REFUSED, Reason.PAUSED)]
            narrowed += [(PublicState.FAILED, Reason.REFUSED), (PublicState.SYNCED, Reason.PAUSED)]
            for state, reason in narrowed:
                found: list[str] = []
                after = views.START
                while page := await store.fetch(
                    views.listing(
                        ACME,
                        INVOICE,
                        Narrowed(state=state, reason=reason),
                        after=after,
                        limit=limit,
                    )
                ):
                    found += [row.key for row in page]
                    after = page[-1].place
                assert found == [
                    row.key
                    for row in everything
                    if state in (None, row.state) and reason in (None, row.reason)
                ]
            await driver.close()

    anyio.run(story)


async def test_listing_goes_by_label_where_more_than_a_few_fit(store: Store) -> None:
    many = {f"i{number:04}": End(JobState.FAILED, Reason.REFUSED, "no") for number in range(5_001)}
    await prepare(store, many | {"x": End(JobState.DONE)})

    first = await store.fetch(
        views.listing(ACME, INVOICE, Narrowed(state=PublicState.FAILED), limit=2)
    )
    last = await store.fetch(
        views.listing(
            ACME, INVOICE, Narrowed(reason=Reason.REFUSED), after=("I4999", "i4999"), limit=2
        )
    )

    assert [row.key for row in first] == ["i0000", "i0001"]
    assert [row.key for row in last] == ["i5000"]
