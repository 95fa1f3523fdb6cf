"""What a person must do: one row a cause, a customer and its invoices as one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.finding import WANT_A_PERSON, FindingKind, Found
from syncd.domain.model.job import JobKind, JobState, PublicState, Reason
from syncd.domain.rules.journal import actions
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.store import findings, jobs
from syncd.store.jobs import JobSettlement
from tests.engine.support.operating import OUT_OF_SYNC, QUEUED, RUN, SYNCED, Desk, End, desk
from tests.store.build import ACME, AT, later

PAINT = HoldCause(kind=CauseKind.COST_CODE, name="PAINT")
KIWI = HoldCause(kind=CauseKind.CUSTOMER, name="c1")
UNMAPPED = End(state=JobState.HELD, reason=Reason.CONTACT_UNMAPPED, note="no contact", cause=KIWI)
NO_ACCOUNT = End(state=JobState.HELD, reason=Reason.ACCOUNT_UNMAPPED, note="map it", cause=PAINT)


@pytest.fixture
async def at() -> AsyncIterator[Desk]:
    async with desk() as found:
        yield found


async def hold_customer(
    at: Desk,
    state: JobState,
    reason: Reason,
    *,
    detail: bytes | None = None,
    cause: HoldCause | None = KIWI,
) -> None:
    await at.seed_customer("c1", name="Kiwi Plumbing")
    claimed = await at.store.run(
        jobs.claim(
            ACME, JobKind.PUSH_CUSTOMER, incarnation=RUN, now=AT, lease_until=later(9), limit=9
        )
    )
    for statement in jobs.settle(
        [
            JobSettlement(
                tenant=ACME, kind=JobKind.PUSH_CUSTOMER, key=job.key, leased_until=job.leased_until,
                state=state, reason=reason, note="two fit", cause=cause,
                detail=detail,
                ready_at=later(99) if state is JobState.HELD else None,
            )
            for job in claimed
        ],
        incarnation=RUN,
        at=AT,
    ):  # fmt: skip
        await at.store.run(statement)


async def test_one_cause_is_one_row_with_the_words_of_the_oldest(at: Desk) -> None:
    await at.seed({"a": NO_ACCOUNT, "b": NO_ACCOUNT, "c": OUT_OF_SYNC, "d": SYNCED, "e": QUEUED})

    conflict, paint = await at.operations.needs(ACME)

    assert (conflict.state, conflict.reason, conflict.invoices) == (
        PublicState.OUT_OF_SYNC, None, 1,
    )  # fmt: skip
    assert conflict.actions == (actions.COMPARE,)
    assert (paint.text, paint.invoices, paint.oldest_at) == (
        "Cost code PAINT leads to no account.", 2, AT,
    )  # fmt: skip
    assert (paint.example_label in ("A", "B"), paint.example_text) == (True, "map it")  # as old
    assert paint.to_set is not None
    assert '"PAINT"' in paint.to_set


@pytest.mark.parametrize(
    ("state", "reason", "shown"),
    [
        (JobState.HELD, Reason.CONTACT_UNMAPPED, PublicState.WAITING),
        (JobState.FAILED, Reason.REFUSED, PublicState.FAILED),
    ],
)
async def test_a_customer_and_its_invoices_are_one_row(
    at: Desk, state: JobState, reason: Reason, shown: PublicState
) -> None:
    await at.seed({"a": UNMAPPED, "b": UNMAPPED})
    await hold_customer(at, state, reason)

    (need,) = await at.operations.needs(ACME)

    assert (need.invoices, need.customers, need.cause_name) == (2, 1, "Kiwi Plumbing")
    assert (need.state, need.reason, need.example_text) == (shown, reason, "two fit")
    assert "Kiwi Plumbing" in need.text


async def test_what_holds_all_of_a_tenant_is_one_row_of_invoices_and_customers(at: Desk) -> None:
    observed = End(state=JobState.HELD, reason=Reason.OBSERVING, note="would be written")
    await at.seed({"a": observed, "b": observed, "c": UNMAPPED})
    await hold_customer(at, JobState.HELD, Reason.OBSERVING, cause=None)

    observing, unmapped = sorted(await at.operations.needs(ACME), key=lambda one: -one.invoices)

    assert (observing.reason, observing.invoices, observing.customers) == (Reason.OBSERVING, 2, 1)
    assert observing.example_text == "would be written"
    assert (unmapped.invoices, unmapped.customers) == (1, 0)


async def test_invoices_of_a_customer_nobody_told_of_still_have_a_row(at: Desk) -> None:
    await at.seed({"a": UNMAPPED})

    (need,) = await at.operations.needs(ACME)

    assert (need.invoices, need.customers) == (1, 0)
    assert "c1" not in need.text


async def test_what_holds_the_tenant_comes_first_with_all_that_is_queued(at: Desk) -> None:
    await at.seed({"a": QUEUED, "b": QUEUED, "c": OUT_OF_SYNC})
    at.column.state = ConnectionState.TOKEN_EXPIRED

    first, second = await at.operations.needs(ACME)

    assert (first.reason, first.invoices, first.actions) == (
        Reason.TOKEN_EXPIRED, 2, (actions.CONNECT,),
    )  # fmt: skip
    assert second.state is PublicState.OUT_OF_SYNC


async def test_where_nothing_waits_there_is_nothing_to_do(at: Desk) -> None:
    await at.seed({"a": SYNCED, "b": QUEUED})

    assert await at.operations.needs(ACME) == ()


@pytest.mark.parametrize("kind", WANT_A_PERSON)
async def test_what_was_found_and_nothing_waits_with_needs_a_person_too(
    at: Desk, kind: FindingKind
) -> None:
    await at.seed({"a": SYNCED})
    seen = [Found(kind=kind, key=key, label=f"PL-{key}", text=f"look at {key}") for key in "yx"]
    await at.store.run(findings.open_(ACME, seen[:1], AT))
    await at.store.run(findings.open_(ACME, seen[1:], later(60)))

    (need,) = await at.operations.needs(ACME)

    assert (need.finding, need.findings, need.state, need.invoices) == (kind, 2, None, 0)
    assert (need.oldest_at, need.example_label, need.example_text) == (AT, "PL-y", "look at y")
    assert need.actions == actions.of_findings(kind)


async def test_what_mends_itself_or_waits_with_its_invoice_is_no_row_of_its_own(at: Desk) -> None:
    others = [kind for kind in FindingKind if kind not in WANT_A_PERSON]
    await at.store.run(
        findings.open_(ACME, [Found(kind=one, key="k", label="", text="") for one in others], AT)
    )

    assert await at.operations.needs(ACME) == ()
