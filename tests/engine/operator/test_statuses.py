"""How things are shown while a gate holds work, and how long a backlog takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.job import JobKind, PublicState, Reason
from syncd.domain.model.trouble import Trouble, TroubleKind
from syncd.engine.operator import statuses
from syncd.store.jobs import JobTotals
from syncd.store.views import ObjectRow
from tests.store.build import AT

HOLDS = st.sampled_from((Reason.NOT_CONNECTED, Reason.TOKEN_EXPIRED, Reason.PAUSED))


@given(st.lists(st.integers(0, 9), min_size=8, max_size=8), HOLDS)
def test_a_hold_moves_queued_invoices_to_waiting_and_loses_none(
    numbers: list[int], held_by: Reason
) -> None:
    pending, leased, waiting, held, uncertain, failed, voided, synced = numbers
    totals = JobTotals(
        kind=JobKind.PUSH_INVOICE,
        all=sum(numbers),
        ready=pending + waiting,
        leased=leased,
        held=held,
        waiting=waiting + held,
        out_of_sync=0,
        uncertain=uncertain,
        failed=failed,
        voided=voided,
        oldest_ready_at=None,
        oldest_leased_at=None,
        oldest_uncertain_at=None,
        oldest_held_at=None,
    )

    free, backlog = statuses.shown_counts([totals], None)
    stopped, held_backlog = statuses.shown_counts([totals], held_by)

    assert backlog == held_backlog == free[PublicState.PENDING] == pending + leased
    assert sum(free.values()) == sum(stopped.values()) == sum(numbers)
    assert (free[PublicState.SYNCED], stopped[PublicState.PENDING]) == (synced, 0)


def test_without_a_hold_filters_go_to_the_store_as_they_are() -> None:
    found = statuses.stored_filters(PublicState.PENDING, Reason.REFUSED, None)

    assert found == ((PublicState.PENDING, Reason.REFUSED),)


QUEUED = ObjectRow(
    key="i",
    label="PL-1",
    version=1,
    is_withdrawn=False,
    changed_at=AT,
    changed_by="Kim",
    problem=None,
    state=PublicState.PENDING,
    reason=None,
    cause=None,
    note=None,
    attempt=0,
    ready_at=None,
    first_wanted_at=AT,
    settled_at=None,
    xero_id=None,
    xero_status=None,
    xero_label=None,
    synced_version=None,
    seen_at=None,
    detail=None,
)


def test_what_waits_for_the_connection_says_what_ails_it() -> None:
    role = Trouble(kind=TroubleKind.NOT_CONNECTED, text="Give them back a role.")
    other = Trouble(kind=TroubleKind.DAY_SPENT, text="The day's calls are spent.")

    by_role = statuses.shown(QUEUED, Reason.NOT_CONNECTED, role)
    by_grant = statuses.shown(QUEUED, Reason.TOKEN_EXPIRED, other)

    assert (by_role.reason, by_role.why) == (Reason.NOT_CONNECTED, "Give them back a role.")
    assert "Press Connect to Xero" in by_grant.why
