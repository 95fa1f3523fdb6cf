"""What operators see and order."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from syncd.domain.model.job import JobState, PublicState, Reason
from syncd.domain.model.settings import Mode
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.operator.pages import ListQuery
from syncd.ports.billing import ChangeKind
from syncd.store import jobs, journal, tenants, views
from syncd.store.jobs import JobKind
from tests.engine.support.operating import (
    FAILED,
    OUT_OF_SYNC,
    QUEUED,
    SYNCED,
    TOTAL,
    UNMAPPED,
    Desk,
    End,
    desk,
    differing,
)
from tests.store.build import ACME, AT, BETA, later


@pytest.fixture
async def at() -> AsyncIterator[Desk]:
    async with desk() as found:
        yield found


async def numbers(at: Desk, **by: object) -> list[str]:
    page = await at.operations.invoices(ACME, ListQuery(limit=50, **by))  # type: ignore[arg-type]  (as named)
    return [one.row.label for one in page.items]


async def test_only_tenants_of_the_configuration_are_known(at: Desk) -> None:
    assert at.operations.known("acme") == ACME
    assert at.operations.known("stranger") is None
    assert [each.tenant for each in await at.operations.tenants()] == [ACME, BETA]


async def test_tenant_shows_its_card_and_counts_every_state(at: Desk) -> None:
    await at.seed({"a": SYNCED, "b": FAILED, "c": QUEUED, "d": OUT_OF_SYNC})

    acme = await at.operations.tenant(ACME)

    assert (acme.card.status, acme.mode, acme.is_paused) == ("Connected", Mode.LIVE, False)
    assert acme.invoices == {
        PublicState.PENDING: 1,
        PublicState.SYNCED: 1,
        PublicState.WAITING: 0,
        PublicState.OUT_OF_SYNC: 1,
        PublicState.FAILED: 1,
        PublicState.UNCERTAIN: 0,
        PublicState.VOIDED: 0,
    }
    assert (acme.backlog, acme.allowance.minute, acme.allowance.day) == (1, 41, 4000)


async def test_customers_are_no_invoices_in_the_counts(at: Desk) -> None:
    await at.seed_customer()

    assert (await at.operations.tenant(ACME)).backlog == 0


async def test_forecast_is_none_where_nothing_moves(at: Desk) -> None:
    assert (await at.operations.tenant(ACME)).clears_in_s is None

    await at.seed({"a": QUEUED})
    assert (await at.operations.tenant(ACME)).clears_in_s == pytest.approx(0.0, abs=0.1)

    at.column.state = ConnectionState.NOT_CONNECTED
    assert (await at.operations.tenant(ACME)).clears_in_s is None


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (ConnectionState.NOT_CONNECTED, Reason.NOT_CONNECTED),
        (ConnectionState.TOKEN_EXPIRED, Reason.TOKEN_EXPIRED),
    ],
)
async def test_closed_gate_shows_queued_work_as_waiting_for_it(
    at: Desk, state: ConnectionState, reason: Reason
) -> None:
    await at.seed({"a": QUEUED, "b": SYNCED, "c": UNMAPPED})
    at.column.state = state

    page = await at.operations.invoices(ACME, ListQuery(limit=50))
    acme = await at.operations.tenant(ACME)

    assert [(one.row.label, one.state, one.reason) for one in page.items] == [
        ("A", PublicState.WAITING, reason),
        ("B", PublicState.SYNCED, None),
        ("C", PublicState.WAITING, Reason.ACCOUNT_UNMAPPED),
    ]
    assert page.items[0].why
    assert page.items[0].next_attempt_at is None
    assert (acme.invoices[PublicState.WAITING], acme.invoices[PublicState.PENDING]) == (2, 0)
    assert acme.backlog == 1


async def test_paused_tenant_shows_queued_work_as_paused(at: Desk) -> None:
    await at.seed({"a": QUEUED})
    await at.store.run(tenants.pause(ACME, AT, "Ada"))

    story = await at.operations.invoice(ACME, "a")

    assert story is not None
    assert (story.status.state, story.status.reason) == (PublicState.WAITING, Reason.PAUSED)
    assert (await at.operations.tenant(ACME)).is_paused


async def test_closed_gate_is_a_nearer_reason_than_a_pause(at: Desk) -> None:
    await at.seed({"a": QUEUED})
    await at.store.run(tenants.pause(ACME, AT, "Ada"))
    at.column.state = ConnectionState.TOKEN_EXPIRED

    assert await numbers(at, reason=Reason.TOKEN_EXPIRED) == ["A"]
    assert await numbers(at, reason=Reason.PAUSED) == []


async def test_filters_mean_what_is_shown(at: Desk) -> None:
    await at.seed({"a": QUEUED, "b": SYNCED, "c": UNMAPPED, "d": QUEUED})
    assert await numbers(at, state=PublicState.PENDING) == ["A", "D"]
    assert await numbers(at, reason=Reason.ACCOUNT_UNMAPPED) == ["C"]

    at.column.state = ConnectionState.NOT_CONNECTED
    assert await numbers(at, state=PublicState.PENDING) == []
    assert await numbers(at, state=PublicState.WAITING) == ["A", "C", "D"]
    assert await numbers(at, reason=Reason.NOT_CONNECTED) == ["A", "D"]
    assert await numbers(at, state=PublicState.WAITING, reason=Reason.ACCOUNT_UNMAPPED) == ["C"]
    assert await numbers(at, state=PublicState.SYNCED, reason=Reason.NOT_CONNECTED) == []
    assert await numbers(at) == ["A", "B", "C", "D"]


@pytest.mark.parametrize("state", [ConnectionState.CONNECTED, ConnectionState.NOT_CONNECTED])
async def test_pages_cover_every_match_once_in_order(at: Desk, state: ConnectionState) -> None:
    await at.seed({f"i{n}": QUEUED if n % 2 else UNMAPPED for n in range(7)})
    at.column.state = state
    wanted = PublicState.WAITING if state is ConnectionState.NOT_CONNECTED else None

    found: list[str] = []
    after = views.START
    for _ in range(10):
        page = await at.operations.invoices(ACME, ListQuery(state=wanted, after=after, limit=2))
        found += [one.row.key for one in page.items]
        if page.next_place is None:
            break
        after = page.next_place

    assert found == [f"i{n}" for n in range(7)]


async def test_text_is_part_of_a_number_or_a_whole_id(at: Desk) -> None:
    await at.seed({"0af3-77": SYNCED, "b": SYNCED})
    await at.seed_customer("c9", name="Bolt")

    assert await numbers(at, text="AF3") == ["0AF3-77"]
    assert await numbers(at, text="b") == ["B"]
    contacts = await at.operations.contacts(ACME, ListQuery(text="c9", limit=10))
    assert [one.row.label for one in contacts.items] == ["Bolt"]
    nothing = ListQuery(text="c9", state=PublicState.FAILED, limit=10)
    assert (await at.operations.contacts(ACME, nothing)).items == ()


async def test_story_tells_sides_differences_and_where_it_stands_in_xero(at: Desk) -> None:
    await at.seed({"a": OUT_OF_SYNC})
    await at.link("a", result=differing("a"))

    story = await at.operations.invoice(ACME, "a")

    assert story is not None
    assert story.result is not None
    assert story.result.differences == (TOTAL,)
    assert story.status.next_attempt_at == later(3600)
    assert story.sides.desired is not None
    assert story.xero_url == (
        "https://go.xero.com/organisationlogin/default.aspx?shortcode=!Qj35V"
        "&redirecturl=/AccountsReceivable/View.aspx?InvoiceID=x-a"
    )


async def test_story_of_an_unknown_invoice_is_none(at: Desk) -> None:
    assert await at.operations.invoice(ACME, "nothing") is None
    assert await at.operations.retry(ACME, "nothing", "Ada") is None


async def test_a_number_that_is_here_in_none_names_the_other_tenants_that_have_it(at: Desk) -> None:
    await at.seed({"a": SYNCED})

    for sought in ("a", "A"):
        assert (await at.operations.unlisted(BETA, sought)).elsewhere == (ACME,)
    assert (await at.operations.unlisted(BETA, "b")).elsewhere == ()
    assert (await at.operations.unlisted(ACME, "A")).elsewhere == ()


async def test_seen_changes_only_when_something_shown_has_moved(at: Desk) -> None:
    await at.seed({"a": OUT_OF_SYNC})
    await at.link("a")
    first = await at.operations.invoice(ACME, "a")
    await at.operations.retry(ACME, "a", "Ada")
    again = await at.operations.invoice(ACME, "a")
    await at.link("a", result=differing("a"))
    moved = await at.operations.invoice(ACME, "a")

    assert first is not None
    assert again is not None
    assert moved is not None
    assert first.seen == again.seen
    assert moved.seen != first.seen


@pytest.mark.parametrize("end", [FAILED, UNMAPPED, OUT_OF_SYNC, SYNCED])
async def test_retry_queues_the_invoice_says_who_asked_and_wakes(at: Desk, end: End) -> None:
    await at.seed({"a": end})

    after = await at.operations.retry(ACME, "a", "Ada")

    assert after is not None
    assert after.state is PublicState.PENDING
    (job,) = await at.store.fetch(jobs.get(ACME, JobKind.PUSH_INVOICE, ["a"]))
    assert (job.state, job.ready_at) == (JobState.READY, later(60))
    (written,) = await at.store.fetch(views.history(ACME, "Invoice", "a"))
    assert (written.entry.who, written.entry.description) == ("Ada", "Retry asked for")
    assert at.woken == [ACME]


async def test_retry_does_not_pass_an_uncertain_write(at: Desk) -> None:
    await at.seed({"a": End(state=JobState.UNCERTAIN, note="looking")})

    after = await at.operations.retry(ACME, "a", "Ada")

    assert after is not None
    assert after.state is PublicState.UNCERTAIN


async def test_retry_by_reason_releases_those_alone(at: Desk) -> None:
    await at.seed({"a": UNMAPPED, "b": UNMAPPED, "c": FAILED})

    count = await at.operations.retry_by_reason(ACME, Reason.ACCOUNT_UNMAPPED, "Ada")

    assert count == 2
    rows = await at.store.fetch(jobs.get(ACME, JobKind.PUSH_INVOICE, ["a", "b", "c"]))
    assert [row.state for row in rows] == [JobState.READY, JobState.READY, JobState.FAILED]
    written = await at.store.fetch(journal.since(0, limit=10))
    assert [entry.entry.who for entry in written] == ["Ada"]
    assert at.woken == [ACME]


async def test_withdrawn_or_unqueued_things_of_another_kind_are_not_found(at: Desk) -> None:
    await at.seed_customer("c1")

    assert await at.operations.invoice(ACME, "c1") is None
    assert await at.store.fetch(views.one(ACME, ChangeKind.CUSTOMER, "c1"))
