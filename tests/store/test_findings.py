"""Findings open once, age while they are so, close when they are gone, and open again."""

from __future__ import annotations

import pytest

from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.model.job import JobKind, JobState, Reason
from syncd.store import findings, jobs
from syncd.store.jobs import JobSettlement
from syncd.store.unit_of_work import Store, Transaction
from tests.store.build import ACME, AT, BETA, FIRST_RUN, later, wish

MERGED = Found(kind=FindingKind.CONTACTS_MERGED, key="c1", label="Ada", text="two became one")


async def _open(store: Store) -> list[tuple[FindingKind, str]]:
    page = findings.listing(ACME, kind=None, after=findings.START, limit=100)
    return [(one.kind, one.key) for one in await store.fetch(page)]


async def _held(store: Store, key: str, kind: JobKind, reason: Reason | None) -> None:
    """A job held for a reason; None: out of sync."""
    await store.run(jobs.enqueue([wish(key, kind=kind)], AT))
    (job,) = await store.run(
        jobs.claim(ACME, kind, incarnation=FIRST_RUN, now=AT, lease_until=later(60), limit=1)
    )
    settlement = JobSettlement(
        tenant=ACME,
        kind=kind,
        key=key,
        leased_until=job.leased_until,
        state=JobState.HELD,
        ready_at=later(3_600),
        reason=reason,
        note="in plain words",
        is_out_of_sync=reason is None,
    )
    tx = Transaction()
    tx.add_all(jobs.settle([settlement], incarnation=FIRST_RUN, at=AT))
    await store.commit(tx)


async def _reviewed(store: Store, at_s: float) -> tuple[int, int]:
    """How many findings came and went."""
    tx = Transaction()
    opened = tx.add(findings.open_held(ACME, later(at_s)))
    closed = tx.add(findings.close_held(ACME, later(at_s)))
    await store.commit(tx)
    return sum(one.is_new for one in opened.rows), len(closed.rows)


async def test_what_is_found_again_keeps_its_age(store: Store) -> None:
    (first,) = await store.run(findings.open_(ACME, [MERGED], AT))
    (again,) = await store.run(findings.open_(ACME, [MERGED], later(60)))

    (one,) = await store.fetch(findings.listing(ACME, kind=None, after=findings.START, limit=10))
    assert (first.is_new, again.is_new) == (True, False)
    assert (one.opened_at, one.seen_at, one.text) == (AT, later(60), "two became one")


async def test_what_was_closed_opens_anew(store: Store) -> None:
    await store.run(findings.open_(ACME, [MERGED], AT))
    closed = await store.run(findings.close(ACME, MERGED.kind, ["c1", "c2"], later(10)))
    assert closed == (MERGED.kind,)
    assert await _open(store) == []

    (again,) = await store.run(findings.open_(ACME, [MERGED], later(20)))

    assert again.is_new
    assert await store.fetch(findings.counts(ACME)) == ((MERGED.kind, 1),)
    assert await store.fetch(findings.counts(BETA)) == ()


@pytest.mark.parametrize(
    ("kind", "reason", "found"),
    [
        (JobKind.PUSH_INVOICE, None, FindingKind.DIFFERING),
        (JobKind.PUSH_INVOICE, Reason.STATUS_REGRESSION, FindingKind.DIFFERING),
        (JobKind.PUSH_INVOICE, Reason.GONE_IN_XERO, FindingKind.MISSING),
        (JobKind.PUSH_INVOICE, Reason.NUMBER_TAKEN, FindingKind.STRANGER),
        (JobKind.PUSH_INVOICE, Reason.ACCOUNT_UNMAPPED, None),
        (JobKind.PUSH_CUSTOMER, Reason.CONTACT_UNMAPPED, FindingKind.UNLINKED_CONTACT),
        (JobKind.PUSH_CUSTOMER, Reason.OBSERVING, None),
    ],
)
async def test_a_held_job_is_the_finding_its_reason_means(
    store: Store, kind: JobKind, reason: Reason | None, found: FindingKind | None
) -> None:
    await _held(store, "k1", kind, reason)

    await _reviewed(store, 1)

    assert await _open(store) == ([] if found is None else [(found, "k1")])


async def test_a_finding_stays_while_its_job_is_looked_at_and_goes_when_it_settles(
    store: Store,
) -> None:
    await _held(store, "i1", JobKind.PUSH_INVOICE, None)
    assert await _reviewed(store, 1) == (1, 0)
    await store.run(jobs.enqueue([wish("i1")], later(2)))
    assert await _reviewed(store, 3) == (0, 0)

    (job,) = await store.run(
        jobs.claim(
            ACME, JobKind.PUSH_INVOICE, incarnation=FIRST_RUN, now=later(4),
            lease_until=later(60), limit=1,
        )
    )  # fmt: skip
    done = JobSettlement(
        tenant=ACME, kind=job.kind, key=job.key, leased_until=job.leased_until, state=JobState.DONE
    )
    tx = Transaction()
    tx.add_all(jobs.settle([done], incarnation=FIRST_RUN, at=later(4)))
    await store.commit(tx)

    assert await _reviewed(store, 5) == (0, 1)
    assert await _open(store) == []


async def test_what_open_findings_say_is_found_by_number(store: Store) -> None:
    await store.run(findings.open_(ACME, [MERGED], AT))

    assert await store.fetch(findings.labelled(ACME, "Ada")) == ("two became one",)
    assert await store.fetch(findings.labelled(ACME, "Bob")) == ()
    assert await store.fetch(findings.labelled(BETA, "Ada")) == ()
