"""Five minutes of facts become one sample a tenant, whatever their order and the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain import facts
from syncd.domain.facts import Fact, TenantSampled
from syncd.domain.ids import TenantId
from syncd.domain.model.sample import PERIOD_S, Sample, period_of
from syncd.domain.rules.samples import series
from syncd.engine.samples.fold import MOST_UNKEPT, SampleFold
from tests.store.build import ACME, AT, BETA


class Hands:
    """A clock set by hand."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def later(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def fold(clock: Hands | None = None) -> tuple[SampleFold, Hands]:
    clock = clock or Hands()
    return SampleFold([ACME, BETA], clock=clock), clock


def call(operation: str = "create_invoices", read: int = 100) -> Fact:
    return facts.CallMade(tenant=ACME, operation=operation, status=200, took_s=0.1, bytes_read=read)


def settled(*delays_s: float) -> Fact:
    return facts.JobsSettled(
        tenant=ACME, task="worker", outcomes={}, held={},
        push_delays_s=delays_s, took_s=0.1,
    )  # fmt: skip


def processed(count: int, *delays_s: float) -> Fact:
    return facts.WebhooksDigested(
        tenant=ACME, verdicts={"fetched": count}, fetched=count, enqueued=0, payments=0,
        delays_s=delays_s, took_s=0.1,
    )  # fmt: skip


def reviewed(missed: int, opened: int) -> Fact:
    kinds = {"differing": opened, "missing": 1}
    return facts.FindingsReviewed(tenant=ACME, open=kinds, opened={}, closed={}, missed=missed)


def received(source: str = "xero", **outcomes: int) -> Fact:
    return facts.WebhooksReceived(source=source, outcomes=outcomes, took_s=0.1)


def sampled(tenant: TenantId = ACME, day_left: int = 4000, **invoices: int) -> TenantSampled:
    none: dict[str, Any] = dict.fromkeys(
        ("oldest_at", "access_expires_at", "refresh_expires_at"), None
    )
    return TenantSampled(
        tenant=tenant,
        queue={},
        invoices=invoices,
        connection="Connected",
        day_left=day_left,
        **none,
    )


def test_each_fact_is_counted_where_it_belongs() -> None:
    counting, _ = fold()

    for fact in (
        call(), call("update_contacts"), call("read_invoices", 7), call("sweep_contacts", 0),
        settled(0.5, 3, 4), processed(4, 1.5), reviewed(missed=2, opened=3),
        received(kept=5, repeated=1, bad_signature=2, unknown_organisation=1),
        received("pipeline", kept=3), sampled(pending=4, uncertain=1, waiting=2),
        sampled(pending=1, waiting=3, out_of_sync=1, day_left=3999),
    ):  # fmt: skip
        counting.observe(fact)

    assert counting.running(ACME) == Sample(
        period=period_of(AT), seen_s=0,
        queued=1, most_queued=5, waiting=3, out_of_sync=1, failed=0, findings=4, day_left=3999,
        write_calls=2, read_calls=1, sweep_calls=1, bytes_read=207, events=4, missed=2,
        xero_kept=6, xero_repeated=1, xero_refused=2, pipeline_kept=3,
        push_delays=(1, 0, 2, 0, 0, 0, 0, 0), webhook_delays=(0, 1, 0, 0, 0, 0, 0, 0),
    )  # fmt: skip
    door = {"xero_kept": 6, "xero_repeated": 1, "xero_refused": 2, "pipeline_kept": 3}
    assert counting.running(BETA) == Sample(period=period_of(AT), seen_s=0, **door)


COUNTABLE = st.one_of(
    st.builds(call, st.sampled_from(["create_invoices", "read_invoices", "sweep_invoices"])),
    st.builds(settled, st.floats(0, 1e6)),
    st.builds(processed, st.integers(0, 9), st.floats(0, 1e6)),
    st.builds(lambda count: received(kept=count, bad_signature=1), st.integers(0, 9)),
)


@given(st.lists(COUNTABLE, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_what_is_counted_does_not_matter(found: list[Fact], rng: Random) -> None:
    one, _ = fold()
    other, _ = fold()
    shuffled = list(found)
    rng.shuffle(shuffled)

    for fact in found:
        one.observe(fact)
    for fact in shuffled:
        other.observe(fact)

    assert one.running(ACME) == other.running(ACME)


@given(st.lists(st.tuples(COUNTABLE, st.floats(0, 400)), max_size=30))
def test_nothing_counted_is_lost_or_counted_twice_where_five_minutes_end(
    found: list[tuple[Fact, float]],
) -> None:
    cut, clock = fold()
    whole, _ = fold()
    kept: list[Sample] = []

    for fact, pause_s in found:
        clock.later(pause_s)
        cut.observe(fact)
        whole.observe(fact)
        ended = cut.ended()
        kept += [sample for tenant, sample in ended if tenant == ACME]
        cut.let_go(ended)
    together = series.merged([*kept, cut.running(ACME)])

    assert together is not None
    expected = whole.running(ACME)
    assert together.push_delays == expected.push_delays
    assert together.webhook_delays == expected.webhook_delays
    assert (together.write_calls, together.events) == (expected.write_calls, expected.events)
    assert together.xero_kept == expected.xero_kept
    assert len({sample.period for sample in kept}) == len(kept)
    assert together.seen_s <= sum(pause for _, pause in found) + 1
    assert all(0 <= sample.seen_s <= PERIOD_S for sample in kept)


def test_a_sample_says_for_how_long_somebody_was_there() -> None:
    counting, clock = fold(Hands(AT + timedelta(seconds=200)))

    clock.later(100)
    (first, *_) = counting.ended()
    clock.later(PERIOD_S)
    ended = counting.ended()

    assert first[1].seen_s == 100
    assert [sample.seen_s for tenant, sample in ended if tenant == ACME] == [100, PERIOD_S]


def test_time_nobody_ran_leaves_no_sample() -> None:
    counting, clock = fold()
    clock.later(PERIOD_S * 10 + 30)

    counting.observe(call())

    assert [sample.period for tenant, sample in counting.ended() if tenant == ACME] == [
        period_of(AT)
    ]
    clock.later(40)
    assert counting.running(ACME).seen_s == 40


@given(st.lists(st.integers(-7000, 7000), max_size=40))
def test_whatever_the_clock_does_what_waits_for_the_store_stays_bounded(
    steps: list[int],
) -> None:
    counting, clock = fold()

    for step in steps:
        clock.later(step)
        counting.observe(call())
        running = counting.running(ACME)
        assert running.period == period_of(clock.at)
        assert running.seen_s >= 0

    assert len(counting.ended()) <= MOST_UNKEPT * 2


def test_open_findings_stand_until_they_are_reviewed_again() -> None:
    counting, clock = fold()
    counting.observe(reviewed(missed=1, opened=2))
    clock.later(PERIOD_S)

    counting.observe(sampled())

    running = counting.running(ACME)
    assert (running.findings, running.missed) == (3, 0)


def test_tenant_that_comes_is_counted_from_then_on_and_one_that_goes_is_kept_no_more() -> None:
    counting, clock = fold()
    gamma = TenantId("gamma")
    counting.observe(facts.TenantServed(tenant=gamma, is_served=True, at=clock.now()))
    clock.later(PERIOD_S)
    with_it = {tenant for tenant, _ in counting.ended()}

    counting.observe(facts.TenantServed(tenant=gamma, is_served=False, at=clock.now()))
    clock.later(PERIOD_S)

    assert with_it == {ACME, BETA, gamma}
    assert {tenant for tenant, _ in counting.ended()} == {ACME, BETA}
