"""What is told when: once, again a day later at the earliest, and once that it is over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import TenantId
from syncd.domain.model.concern import (
    Concern,
    ConcernKind,
    KnownConcern,
    Phase,
    UnderWay,
    Way,
)
from syncd.domain.rules.tenant import notifying
from syncd.domain.rules.tenant.notifying import About, Patience, ToTell, judge

AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
ACME = TenantId("acme")
DAY_S = 86_400.0
PATIENCE = Patience(after_s=60.0, repeat_every_s=DAY_S)
HALTED = Concern(kind=ConcernKind.HALTED, tenant=ACME, text="40 invoices would be voided.")
OTHER = Concern(kind=ConcernKind.TOKEN, tenant=TenantId("beta"), text="Press Connect to Xero.")
Told = tuple[float, Phase, About]
Look = tuple[float, Sequence[Concern]]


def days(looks: Sequence[tuple[float, Sequence[Concern]]]) -> list[Told]:
    """What is told over looks, each so many seconds after the one before."""
    known: Mapping[About, KnownConcern] = {}
    told, at_s = [], 0.0
    for step_s, standing in looks:
        at_s += step_s
        judged = judge(known, standing, AT + timedelta(seconds=at_s), PATIENCE)
        known = judged.known
        told += [(at_s, one.phase, notifying.about(one.known.concern)) for one in judged.tell]
    return told


def standing(seconds: float, *concerns: Concern, every_s: float = 30.0) -> Iterator[Look]:
    for _ in range(int(seconds / every_s)):
        yield every_s, concerns


LOOKS = st.lists(
    st.tuples(
        st.floats(1.0, 40_000.0),
        st.lists(st.sampled_from((HALTED, OTHER)), unique=True),
    ),
    max_size=60,
)


def test_a_concern_is_told_once_it_has_lasted_and_again_each_day() -> None:
    told = days([*standing(3 * DAY_S, HALTED)])

    assert [phase for _, phase, _ in told] == [Phase.OPENED, Phase.REMINDED, Phase.REMINDED]
    times = [at_s for at_s, _, _ in told]
    assert times[0] == 90.0  # seen at 30
    assert [b - a for a, b in pairwise(times)] == [DAY_S, DAY_S]


def test_what_mends_itself_soon_is_never_told() -> None:
    assert days([*standing(60, HALTED), *standing(7_200)]) == []


def test_what_is_over_is_told_once() -> None:
    told = days([*standing(600, HALTED), *standing(2 * DAY_S)])

    assert [phase for _, phase, _ in told] == [Phase.OPENED, Phase.RESOLVED]


def test_a_concern_that_comes_back_soon_is_the_same_one() -> None:
    flapping = [*standing(600, HALTED), *standing(300)] * 20

    assert [phase for _, phase, _ in days(flapping)] == [Phase.OPENED]


def test_a_new_one_after_the_end_was_told_is_told_anew() -> None:
    told = days([*standing(600, HALTED), *standing(1_200), *standing(600, HALTED)])

    assert [phase for _, phase, _ in told] == [Phase.OPENED, Phase.RESOLVED, Phase.OPENED]


@pytest.mark.parametrize(
    ("kind", "told_after_s"),
    [
        (ConcernKind.TOKEN, 60),
        (ConcernKind.NOT_CONNECTED, 3_600),
        (ConcernKind.PLAN_WAITS, 3_600),
        (ConcernKind.PAUSED, DAY_S),
    ],
)
def test_what_is_done_on_purpose_is_told_once_it_looks_forgotten(
    kind: ConcernKind, told_after_s: float
) -> None:
    concern = Concern(kind=kind, tenant=ACME, text="It waits.")
    ((at_s, phase, _),) = days([*standing(told_after_s + 60, concern)])

    assert phase is Phase.OPENED
    assert told_after_s <= at_s - 30 <= told_after_s + 30


@given(LOOKS)
def test_each_concern_is_told_in_order_and_at_most_daily_while_it_stands(
    looks: list[tuple[float, list[Concern]]],
) -> None:
    told = days(looks)

    for key in {key for _, _, key in told}:
        last: Told | None = None
        for one in (each for each in told if each[2] == key):
            at_s, phase, _ = one
            if last is None or last[1] is Phase.RESOLVED:
                assert phase is Phase.OPENED
            else:
                assert phase in (Phase.REMINDED, Phase.RESOLVED)
            if phase is Phase.REMINDED and last is not None:
                assert at_s - last[0] >= DAY_S
            last = one


@given(LOOKS)
def test_one_concern_never_moves_what_is_told_of_another(
    looks: list[tuple[float, list[Concern]]],
) -> None:
    alone = days([(step_s, [one for one in now if one == HALTED]) for step_s, now in looks])

    assert [one for one in days(looks) if one[2] == notifying.about(HALTED)] == alone


@given(LOOKS)
def test_whatever_was_told_is_told_as_over_once_it_is(
    looks: list[tuple[float, list[Concern]]],
) -> None:
    told = days([*looks, (1.0, []), (notifying.RESOLVED_AFTER_S, [])])

    opened = [key for _, phase, key in told if phase is Phase.OPENED]
    resolved = [key for _, phase, key in told if phase is Phase.RESOLVED]
    assert sorted(opened, key=str) == sorted(resolved, key=str)


@given(st.floats(0, 1e8), st.floats(0, 1e8))
def test_a_clock_set_back_never_delays_what_is_told(ahead_s: float, told_ahead_s: float) -> None:
    known = KnownConcern(
        concern=HALTED,
        since=AT + timedelta(seconds=ahead_s),
        told_at=AT + timedelta(seconds=told_ahead_s),
    )
    first = judge({notifying.about(HALTED): known}, [HALTED], AT, PATIENCE)
    day_later = judge(first.known, [HALTED], AT + timedelta(days=1), PATIENCE)

    assert [one.phase for one in day_later.tell] == [Phase.REMINDED]


UUID = st.uuids().map(str)


@given(st.text(max_size=50), UUID, st.text(max_size=50), st.sampled_from(ConcernKind))
def test_no_message_holds_an_identifier_nobody_knows(
    before: str, identifier: str, after: str, kind: ConcernKind
) -> None:
    text = f"{before} ({identifier}) {identifier.upper()} {after}"
    known = KnownConcern(concern=Concern(kind=kind, tenant=ACME, text=text), since=AT, told_at=AT)

    made = notifying.message(
        ToTell(phase=Phase.OPENED, known=known), message_id="msg_1", now=AT, console=None
    )

    assert identifier not in made.concern.text.lower()
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", made.title + made.concern.text)
    assert len(made.concern.text) <= notifying.LONGEST_TEXT


@pytest.mark.parametrize(
    ("kind", "tenant", "url"),
    [
        (ConcernKind.HALTED, ACME, "https://c.example/t/acme/brake"),
        (ConcernKind.OUT_OF_SYNC, ACME, "https://c.example/t/acme/invoices?state=out_of_sync"),
        (ConcernKind.TOKEN, ACME, "https://c.example/t/acme"),
        (ConcernKind.STORE, None, "https://c.example"),
    ],
)
def test_a_message_leads_to_the_page_that_shows_its_concern(
    kind: ConcernKind, tenant: TenantId | None, url: str
) -> None:
    known = KnownConcern(concern=Concern(kind=kind, tenant=tenant, text="x"), since=AT)
    one = ToTell(phase=Phase.RESOLVED, known=known)

    made = notifying.message(one, message_id="msg_1", now=AT, console="https://c.example")

    assert made.url == url
    assert made.title.startswith("Resolved: ")
    assert notifying.message(one, message_id="msg_1", now=AT, console=None).url is None


@given(st.integers(0, 10_000))
def test_tries_come_later_and_later_and_never_later_than_an_hour(attempt: int) -> None:
    assert 30 <= notifying.delay_s(attempt) <= notifying.delay_s(attempt + 1)
    assert notifying.delay_s(attempt) <= notifying.MOST_DELAY_S


def under_way(number: int, concern: Concern, *, due_in_s: float, way: Way = Way.HTTP) -> UnderWay:
    known = KnownConcern(concern=concern, since=AT, told_at=AT)
    made = notifying.message(
        ToTell(phase=Phase.OPENED, known=known), message_id=f"msg_{number}", now=AT, console=None
    )
    ready_at = AT + timedelta(seconds=due_in_s)
    return UnderWay(id=number, way=way, notification=made, attempt=0, made_at=AT, ready_at=ready_at)


def test_a_message_that_is_due_takes_those_before_it_of_its_concern_along() -> None:
    waiting = (
        under_way(1, HALTED, due_in_s=600),
        under_way(2, OTHER, due_in_s=600),
        under_way(3, HALTED, due_in_s=600, way=Way.MAIL),
        under_way(4, HALTED, due_in_s=0),
        under_way(5, HALTED, due_in_s=60),
    )

    assert [one.id for one in notifying.due(waiting, AT)] == [1, 4]
    assert [one.id for one in notifying.due(waiting, AT + timedelta(seconds=60))] == [1, 4, 5]
    assert notifying.due(waiting, AT + timedelta(seconds=600)) == waiting


@pytest.mark.parametrize("now", [AT - timedelta(days=1), AT - timedelta(hours=2)])
def test_a_clock_that_was_set_back_holds_no_message_up(now: datetime) -> None:
    (one,) = waiting = (under_way(1, HALTED, due_in_s=30),)

    assert notifying.due(waiting, now) == (one,)
