"""The allowance: never above a limit however answers are delayed, and nobody starves."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules.limits.allowance import Allowance, AskAgain, Granted, Lane, Parked, Ticket
from syncd.domain.rules.limits.sliding_window import (
    LEAST_APP_MINUTE,
    LEAST_MINUTE,
    AllowanceLimits,
    AppMinute,
)
from tests.searching import examples

LIMITS = AllowanceLimits()


def fresh(limits: AllowanceLimits = LIMITS) -> Allowance:
    """An allowance that has had its first answer: nothing spent."""
    allowance = Allowance(limits, AppMinute(limits))
    allowance.learn(0, minute_remaining=None, day_remaining=None, app_remaining=None)
    return allowance


def call(allowance: Allowance, now_s: float, lane: Lane = Lane.WRITE) -> bool:
    """One call that takes no time. Says whether it was granted."""
    answer = allowance.ask(now_s, lane)
    if not isinstance(answer, Granted):
        return False
    allowance.spent(now_s, answer.ticket)
    allowance.close(answer.ticket)
    return True


@dataclass
class Traffic:
    """Callers of all lanes on one clock; each call reaches Xero at some point before its end."""

    allowance: Allowance
    arrivals: list[float] = field(default_factory=list)
    granted_at: dict[Lane, list[float]] = field(default_factory=lambda: {lane: [] for lane in Lane})
    most_open: int = 0

    def run(
        self, demand: list[tuple[float, Lane, float, float]], until_s: float = 1e6
    ) -> list[tuple[float, Lane, float, float]]:
        """Serve (asked at, lane, took, share of it before arrival); answers what is left."""
        asks = [(entry[0], number, entry) for number, entry in enumerate(demand)]
        heapq.heapify(asks)
        ends: list[tuple[float, int, Ticket]] = []
        number = len(asks)
        while asks:
            now_s, _, entry = heapq.heappop(asks)
            if now_s > until_s:
                return [entry, *(entry for *_, entry in asks)]
            while ends and ends[0][0] <= now_s:
                end_s, _, ticket = heapq.heappop(ends)
                self.allowance.spent(end_s, ticket)
                self.allowance.close(ticket)
            number += 1
            _, lane, took_s, share = entry
            answer = self.allowance.ask(now_s, lane)
            if isinstance(answer, Granted):
                self.arrivals.append(now_s + took_s * share)
                self.granted_at[lane].append(now_s)
                heapq.heappush(ends, (now_s + took_s, number, answer.ticket))
                self.most_open = max(self.most_open, len(ends))
            else:
                assert isinstance(answer, AskAgain)
                assert answer.at_s > now_s
                heapq.heappush(asks, (answer.at_s, number, entry))
        return []


def most_in_a_window(instants: list[float], window_s: float) -> int:
    ordered = sorted(instants)
    return max(
        (
            sum(1 for other in ordered[index:] if other < start + window_s)
            for index, start in enumerate(ordered)
        ),
        default=0,
    )


demands = st.lists(
    st.tuples(
        st.floats(0, 90),
        st.sampled_from(Lane),
        st.floats(0, 20),
        st.floats(0, 1),
    ),
    max_size=60,
)
SMALL = AllowanceLimits(minute=20, window_s=20.0, in_flight=3, app_minute=1000)


@examples(60)
@given(demands)
def test_no_window_ever_sees_more_calls_than_the_limit(
    demand: list[tuple[float, Lane, float, float]],
) -> None:
    traffic = Traffic(fresh(SMALL))

    assert traffic.run(demand) == []
    assert most_in_a_window(traffic.arrivals, SMALL.window_s) <= SMALL.minute
    assert traffic.most_open <= SMALL.in_flight


@examples(60)
@given(demands)
def test_writes_never_take_more_than_their_share(
    demand: list[tuple[float, Lane, float, float]],
) -> None:
    traffic = Traffic(fresh(SMALL))

    traffic.run(demand)

    granted = traffic.granted_at[Lane.WRITE]
    assert most_in_a_window(granted, SMALL.window_s) <= 0.85 * SMALL.minute


@pytest.mark.parametrize("flooded", Lane)
@pytest.mark.parametrize("lane", Lane)
def test_no_lane_starves_under_a_flood_of_another(flooded: Lane, lane: Lane) -> None:
    flood = [(index * 0.001, flooded, 0.2, 1.0) for index in range(400)]
    single = (5.0, lane, 0.2, 1.0)
    traffic = Traffic(fresh())

    left = traffic.run([*flood, single], until_s=5 + 2 * LIMITS.window_s)

    assert lane is flooded or single not in left


def test_sixty_calls_go_at_once_and_the_next_after_the_window() -> None:
    allowance = fresh()
    granted = sum(call(allowance, 0, lane) for lane in Lane for _ in range(60))

    assert granted == 60
    answer = allowance.ask(30, Lane.SWEEP)
    assert answer == AskAgain(at_s=60, why="minute")
    assert call(allowance, 60)


def test_shares_are_85_10_and_5_percent() -> None:
    allowance = fresh()

    writes = sum(call(allowance, 0, Lane.WRITE) for _ in range(60))
    webhooks = sum(call(allowance, 0, Lane.WEBHOOK) for _ in range(60))
    sweeps = sum(call(allowance, 0, Lane.SWEEP) for _ in range(60))

    assert (writes, webhooks, sweeps) == (51, 6, 3)


def test_a_webhook_flood_leaves_the_sweeps_share() -> None:
    allowance = fresh()

    webhooks = sum(call(allowance, 0, Lane.WEBHOOK) for _ in range(80))

    assert webhooks == 57


def test_at_most_five_are_in_flight() -> None:
    allowance = fresh()
    tickets = [allowance.ask(0, Lane.WRITE) for _ in range(6)]

    assert [isinstance(ticket, Granted) for ticket in tickets] == [True] * 5 + [False]
    first = tickets[0]
    assert isinstance(first, Granted)
    allowance.close(first.ticket)
    assert isinstance(allowance.ask(0, Lane.WRITE), Granted)


def test_a_free_slot_goes_to_the_lane_that_waited_longest() -> None:
    allowance = fresh()
    taken = [allowance.ask(0, Lane.WRITE) for _ in range(5)]
    assert isinstance(allowance.ask(0.1, Lane.SWEEP), AskAgain)
    first = taken[0]
    assert isinstance(first, Granted)
    allowance.close(first.ticket)

    assert isinstance(allowance.ask(0.2, Lane.WRITE), AskAgain)
    assert isinstance(allowance.ask(0.3, Lane.SWEEP), Granted)


def test_a_lane_that_went_away_keeps_no_slot() -> None:
    allowance = fresh()
    taken = [allowance.ask(0, Lane.WRITE) for _ in range(5)]
    assert isinstance(allowance.ask(0.1, Lane.SWEEP), AskAgain)
    first = taken[0]
    assert isinstance(first, Granted)
    allowance.close(first.ticket)

    assert isinstance(allowance.ask(10, Lane.WRITE), Granted)


def test_a_ticket_may_hold_several_calls_and_gives_back_what_it_does_not_make() -> None:
    allowance = fresh()
    answer = allowance.ask(0, Lane.WRITE, calls=3)
    assert isinstance(answer, Granted)
    assert allowance.budget_left(0).minute == 57

    allowance.spent(1, answer.ticket)
    allowance.close(answer.ticket)

    assert allowance.budget_left(1).minute == 59
    assert allowance.budget_left(61).minute == 60


def test_a_call_counts_until_a_window_after_its_end() -> None:
    allowance = fresh()
    answer = allowance.ask(0, Lane.WRITE)
    assert isinstance(answer, Granted)
    allowance.spent(50, answer.ticket)

    assert allowance.budget_left(109).minute == 59
    assert allowance.budget_left(110).minute == 60


@pytest.mark.parametrize("calls", [0, 52])
def test_more_calls_than_a_window_ever_has_are_our_own_mistake(calls: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 51"):
        fresh().ask(0, Lane.WRITE, calls=calls)


# --- what Xero says ------------------------------------------------------------------------------


def test_at_start_one_call_goes_alone_and_what_its_answer_says_is_spent() -> None:
    allowance = Allowance(LIMITS, AppMinute(LIMITS))
    first = allowance.ask(0, Lane.WRITE)
    assert isinstance(first, Granted)
    assert isinstance(allowance.ask(0, Lane.SWEEP), AskAgain)

    allowance.spent(1, first.ticket)
    allowance.close(first.ticket)
    allowance.learn(1, minute_remaining=12, day_remaining=4000, app_remaining=9000)

    assert allowance.budget_left(1).minute == 12
    assert allowance.budget_left(1).day == 4000
    assert allowance.budget_left(61).minute == 60


def test_what_others_spend_is_counted_once() -> None:
    allowance = fresh()
    for _ in range(10):
        call(allowance, 0)

    for _ in range(3):
        allowance.learn(1, minute_remaining=40, day_remaining=None, app_remaining=None)

    assert allowance.budget_left(1).minute == 40


def test_more_left_than_we_think_changes_nothing() -> None:
    allowance = fresh()
    for _ in range(10):
        call(allowance, 0)

    allowance.learn(1, minute_remaining=60, day_remaining=None, app_remaining=None)

    assert allowance.budget_left(1).minute == 50


def test_a_minute_breach_rests_as_long_as_asked() -> None:
    allowance = fresh()

    allowance.throttled(10, "minute", 26)

    assert allowance.ask(20, Lane.WRITE) == AskAgain(at_s=36, why="minute")
    assert call(allowance, 36)


def test_a_minute_breach_without_words_rests_a_window() -> None:
    allowance = fresh()

    allowance.throttled(10, "", None)

    assert allowance.ask(20, Lane.WRITE) == AskAgain(at_s=70, why="unnamed limit")


def test_a_day_breach_parks_and_says_until_when() -> None:
    allowance = fresh()

    allowance.throttled(10, "day", 66_975)

    assert allowance.ask(20, Lane.SWEEP) == Parked(until_s=66_985, why="the day's calls are spent")
    assert allowance.budget_left(20).parked_until_s == 66_985
    assert call(allowance, 66_985)
    assert allowance.budget_left(66_985).parked_until_s is None


def test_a_day_breach_without_an_end_is_tried_again_soon() -> None:
    allowance = fresh()

    allowance.throttled(0, "day", None)

    assert isinstance(allowance.ask(899, Lane.WRITE), Parked)
    assert call(allowance, 900)


def test_a_mad_retry_after_is_believed_for_a_day_at_most() -> None:
    allowance = fresh()

    allowance.throttled(0, "day", 1e12)

    assert call(allowance, 86_400)


def test_a_concurrent_breach_takes_slots_away_for_a_while() -> None:
    allowance = fresh()
    allowance.throttled(0, "concurrent", None)
    allowance.throttled(0, "concurrent", None)

    taken = [allowance.ask(1, Lane.WRITE) for _ in range(5)]
    later = [allowance.ask(60, Lane.WRITE) for _ in range(5)]
    latest = [allowance.ask(120, Lane.WRITE) for _ in range(5)]

    assert sum(isinstance(answer, Granted) for answer in taken) == 3
    assert sum(isinstance(answer, Granted) for answer in later) == 1
    assert sum(isinstance(answer, Granted) for answer in latest) == 1


def test_concurrent_breaches_leave_one_slot() -> None:
    allowance = fresh()
    for _ in range(9):
        allowance.throttled(0, "concurrent", None)

    assert isinstance(allowance.ask(1, Lane.WRITE), Granted)
    assert isinstance(allowance.ask(1, Lane.WRITE), AskAgain)


def test_who_is_alone_and_told_that_there_are_too_many_asks_less_and_less_often() -> None:
    """The slots are others', or calls we gave up that Xero still works on: asking costs the day."""
    allowance = fresh()
    asked = []
    at_s = 0.0
    while at_s < 600:
        answer = allowance.ask(at_s, Lane.WRITE)
        if isinstance(answer, Granted):
            asked.append(at_s)
            allowance.spent(at_s, answer.ticket)
            allowance.close(answer.ticket)
            allowance.throttled(at_s, "concurrent", None)
        at_s += 1

    assert 10 <= len(asked) <= 30
    assert call(allowance, at_s + 60)


@pytest.mark.parametrize("problem", ["minute", "appminute"])
def test_a_minute_is_believed_to_be_over_in_a_minute(problem: str) -> None:
    allowance = fresh()

    allowance.throttled(0, problem, 86_400)

    assert call(allowance, 60)


@pytest.mark.parametrize("problem", ["", "minute", "appminute"])
def test_a_pause_that_xero_asks_for_is_shown(problem: str) -> None:
    allowance = fresh()

    allowance.throttled(10, problem, 50)
    paused, later = allowance.budget_left(20), allowance.budget_left(60)

    assert (paused.minute, paused.minute_free_at_s, paused.parked_until_s) == (0, 60, None)
    assert (later.minute, later.minute_free_at_s) == (60, None)


def test_an_odd_word_of_a_huge_day_holds_no_writes() -> None:
    """An answer may be odd once, or a tier be lifted for half an hour (Rapid Sync)."""
    allowance = fresh()
    for left in (4_000, 100_000, 3_990):
        allowance.learn(0, minute_remaining=None, day_remaining=left, app_remaining=None)

    assert allowance.budget_left(1).day_limit == 5_000
    assert call(allowance, 1)


def test_an_app_breach_makes_every_tenant_wait() -> None:
    app = AppMinute(LIMITS)
    tenants = [Allowance(LIMITS, app) for _ in range(3)]

    tenants[0].throttled(5, "appminute", None)

    assert [tenant.ask(6, Lane.WRITE) for tenant in tenants] == [
        AskAgain(at_s=65, why="appminute")
    ] * 3


def test_the_day_keeps_floors_for_webhooks_and_sweeps() -> None:
    allowance = fresh()
    allowance.learn(0, minute_remaining=None, day_remaining=1000, app_remaining=None)

    allowance.learn(1, minute_remaining=None, day_remaining=150, app_remaining=None)
    assert isinstance(allowance.ask(1, Lane.WRITE), Parked)
    assert call(allowance, 1, Lane.WEBHOOK)

    allowance.learn(2, minute_remaining=None, day_remaining=50, app_remaining=None)
    assert isinstance(allowance.ask(2, Lane.WEBHOOK), Parked)
    assert call(allowance, 2, Lane.SWEEP)

    allowance.learn(3, minute_remaining=None, day_remaining=0, app_remaining=None)
    assert isinstance(allowance.ask(3, Lane.SWEEP), Parked)


def test_a_spent_day_is_looked_at_again_by_one_call_after_a_while() -> None:
    allowance = fresh()
    allowance.learn(0, minute_remaining=None, day_remaining=0, app_remaining=None)

    assert allowance.ask(1, Lane.WRITE) == Parked(until_s=900, why="0 of the day's calls are left")
    probe = allowance.ask(900, Lane.WRITE)
    assert isinstance(probe, Granted)
    assert isinstance(allowance.ask(900, Lane.WRITE), Parked)

    allowance.spent(901, probe.ticket)
    allowance.close(probe.ticket)
    allowance.learn(901, minute_remaining=None, day_remaining=4999, app_remaining=None)
    assert call(allowance, 901)


def test_the_day_counts_down_between_answers() -> None:
    allowance = fresh()
    allowance.learn(0, minute_remaining=None, day_remaining=4000, app_remaining=None)

    answer = allowance.ask(1, Lane.WRITE, calls=2)
    assert isinstance(answer, Granted)
    assert allowance.budget_left(1).day == 3998

    allowance.spent(2, answer.ticket)
    allowance.close(answer.ticket)
    assert allowance.budget_left(2).day == 3999


# --- what people are told ------------------------------------------------------------------------


def test_a_day_nearly_spent_rests_writes_alone_and_says_so() -> None:
    allowance = fresh()
    allowance.learn(0, minute_remaining=None, day_remaining=700, app_remaining=None)
    allowance.learn(0, minute_remaining=None, day_remaining=5000, app_remaining=None)
    allowance.learn(0, minute_remaining=None, day_remaining=700, app_remaining=None)

    standing = allowance.budget_left(1)

    assert (standing.day, standing.parked_until_s) == (700, None)
    assert standing.writes_parked_until_s is not None


def test_a_smaller_plan_is_known_from_its_first_new_day_on() -> None:
    allowance = fresh()
    for left in (5000, 4999, 180, 998):
        allowance.learn(0, minute_remaining=None, day_remaining=left, app_remaining=None)
    assert allowance.budget_left(0).day_limit == 1000

    allowance.learn(1, minute_remaining=None, day_remaining=700, app_remaining=None)
    assert call(allowance, 1)


def test_answers_out_of_order_are_no_new_day() -> None:
    allowance = fresh()
    for left in (5000, 903, 905):
        allowance.learn(0, minute_remaining=None, day_remaining=left, app_remaining=None)
    assert allowance.budget_left(0).day_limit == 5000


def test_a_spent_minute_says_when_it_gives_a_call_again() -> None:
    allowance = fresh()
    before = allowance.budget_left(0).minute_free_at_s
    allowance.learn(5, minute_remaining=0, day_remaining=None, app_remaining=None)

    assert before is None
    assert allowance.budget_left(5).minute_free_at_s == 65


@pytest.mark.parametrize("minute", range(LEAST_MINUTE, 70))
def test_with_the_least_of_limits_a_read_and_its_write_still_go(minute: int) -> None:
    limits = AllowanceLimits(minute=minute, in_flight=1, app_minute=LEAST_APP_MINUTE)

    assert isinstance(fresh(limits).ask(0, Lane.WRITE, 2), Granted)
    assert isinstance(fresh(limits).ask(0, Lane.WEBHOOK), Granted)
    assert isinstance(fresh(limits).ask(0, Lane.SWEEP), Granted)
