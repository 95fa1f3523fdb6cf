"""Never two holders at once, however late answers come and whoever is paused; and one in time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.rules import site_lease
from syncd.domain.rules.site_lease import LeaseRow, LeaseSeen

LEASE_S = 15.0
NEVER = LeaseRow(holder=None, fence=0, renewals=0, lease_s=0.0)


def row(fence: int = 1, renewals: int = 0, holder: str | None = "a") -> LeaseRow:
    return LeaseRow(holder=holder, fence=fence, renewals=renewals, lease_s=LEASE_S)


@dataclass
class Site:
    """The store's one row, and true time."""

    lease: LeaseRow = NEVER

    def take(self, name: str, as_seen: LeaseRow, lease_s: float) -> int | None:
        now = self.lease
        if (now.fence, now.renewals) != (as_seen.fence, as_seen.renewals):
            return None
        self.lease = LeaseRow(holder=name, fence=now.fence + 1, renewals=0, lease_s=lease_s)
        return now.fence + 1

    def renew(self, fence: int) -> bool:
        now = self.lease
        if now.fence != fence or now.holder is None:
            return False
        self.lease = row_of(now, renewals=now.renewals + 1)
        return True


def row_of(now: LeaseRow, *, renewals: int) -> LeaseRow:
    return LeaseRow(holder=now.holder, fence=now.fence, renewals=renewals, lease_s=now.lease_s)


@dataclass
class Replica:
    """One replica, whose clock began anywhere; paused, it does nothing and its clock goes on."""

    name: str
    site: Site
    clock_ahead_s: float
    lease_s: float = LEASE_S
    known: LeaseSeen | None = None
    fence: int | None = None
    valid_until_s: float = 0.0
    took_at: list[float] = field(default_factory=list)

    def is_valid(self, now: float) -> bool:
        """Whether it would work, by its own clock."""
        return self.fence is not None and now + self.clock_ahead_s < self.valid_until_s


class Run:
    """True time, in which each replica does one thing after another; delays are drawn."""

    def __init__(self, replicas: list[Replica], delay: Callable[[], float]) -> None:
        self._order = count()
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._replicas = replicas
        self._delay = delay
        self.most_valid = 0
        for one in replicas:
            self._at(delay() % one.lease_s, lambda now, one=one: self._round(one, now))

    def until(self, end: float) -> None:
        while self._events and self._events[0][0] <= end:
            now, _, happen = heapq.heappop(self._events)
            happen(now)
            self.most_valid = max(self.most_valid, sum(one.is_valid(now) for one in self._replicas))

    def _at(self, when: float, happen: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), happen))

    def _round(self, one: Replica, now: float) -> None:
        """It asks; the store answers later, and the answer comes later still."""
        own = now + one.clock_ahead_s
        if one.fence is not None and not one.is_valid(now):
            one.fence, one.known = None, None
        if one.fence is not None:
            self._at(now + self._delay(), lambda at: self._renewing(one, own, at))
        elif one.known is not None and site_lease.may_be_taken(
            one.known, at_s=own, lease_s=one.lease_s
        ):
            self._at(now + self._delay(), lambda at: self._taking(one, own, at))
        else:
            self._at(now + self._delay(), lambda at: self._looking(one, at))

    def _looking(self, one: Replica, now: float) -> None:
        found = one.site.lease

        def answered(at: float) -> None:
            one.known = site_lease.seen(one.known, found, at_s=at + one.clock_ahead_s)
            self._again(one, at, one.lease_s / site_lease.LOOKED_IN)

        self._at(now + self._delay(), answered)

    def _taking(self, one: Replica, asked: float, now: float) -> None:
        assert one.known is not None
        fence = one.site.take(one.name, one.known.row, one.lease_s)

        def answered(at: float) -> None:
            one.fence, one.known = fence, None
            until = site_lease.valid_until_s(asked_at_s=asked, lease_s=one.lease_s)
            one.valid_until_s = until
            if one.is_valid(at):
                one.took_at.append(at)
            self._again(one, at, one.lease_s / site_lease.RENEWED_IN)

        self._at(now + self._delay(), answered)

    def _renewing(self, one: Replica, asked: float, now: float) -> None:
        is_renewed = one.fence is not None and one.site.renew(one.fence)

        def answered(at: float) -> None:
            if is_renewed and one.is_valid(at):
                until = site_lease.valid_until_s(asked_at_s=asked, lease_s=one.lease_s)
                one.valid_until_s = until
            else:
                one.fence, one.known = None, None
            self._again(one, at, one.lease_s / site_lease.RENEWED_IN)

        self._at(now + self._delay(), answered)

    def _again(self, one: Replica, now: float, after: float) -> None:
        self._at(now + after, lambda at: self._round(one, at))


ODD = st.sampled_from([*[0.0] * 20, *[0.01] * 4, 0.5, 3.0, 12.5, 14.9, 15.1, 17.0, 20.0, 45.0])
"""How long a message is on its way, or a process stands still: mostly not at all."""


@given(st.data(), st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=4))
def test_two_replicas_never_hold_it_at_once(data: st.DataObject, ahead: list[float]) -> None:
    site = Site()
    leases = [data.draw(st.sampled_from([5.0, LEASE_S, 40.0])) for _ in ahead]
    replicas = [
        Replica(name=str(at), site=site, clock_ahead_s=each, lease_s=lease_s)
        for at, (each, lease_s) in enumerate(zip(ahead, leases, strict=True))
    ]
    run = Run(replicas, lambda: data.draw(ODD))

    run.until(400.0)

    assert run.most_valid <= 1


@given(
    st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=3),
    st.floats(20, 60),
    st.floats(0, 0.2),
)
def test_a_dead_holder_is_followed_within_the_bound(
    ahead: list[float], dies_at: float, delay: float
) -> None:
    site = Site()
    replicas = [
        Replica(name=str(at), site=site, clock_ahead_s=each) for at, each in enumerate(ahead)
    ]
    run = Run(replicas, lambda: delay)
    run.until(dies_at)
    (holder,) = [one for one in replicas if one.is_valid(dies_at)]
    holder.site = Site()  # nothing it does from now on is seen by anybody

    run.until(dies_at + 60)

    others = [at for one in replicas if one is not holder for at in one.took_at if at > dies_at]
    bound = site_lease.takeover_within_s(LEASE_S) + 6 * delay
    assert min(others) - dies_at <= bound < 30


@given(st.floats(0, 1e6), st.floats(site_lease.LEAST_LEASE_S, 600), st.floats(0, 100))
def test_a_holder_stops_before_whoever_saw_its_last_renewal_may_take_it(
    asked_at_s: float, lease_s: float, seen_after_s: float
) -> None:
    mine = LeaseRow(holder="a", fence=1, renewals=0, lease_s=lease_s)
    until_s = site_lease.valid_until_s(asked_at_s=asked_at_s, lease_s=lease_s)
    known = site_lease.seen(None, mine, at_s=asked_at_s + seen_after_s)

    assert asked_at_s < until_s
    assert not site_lease.may_be_taken(known, at_s=until_s, lease_s=lease_s)


def test_a_lease_that_was_given_up_is_taken_at_once() -> None:
    known = site_lease.seen(None, row(holder=None), at_s=100.0)

    assert site_lease.may_be_taken(known, at_s=100.0, lease_s=LEASE_S)


def test_a_lease_that_moves_is_never_taken() -> None:
    known = None
    for renewals in range(20):
        at_s = renewals * (LEASE_S - 0.1)
        known = site_lease.seen(known, row(renewals=renewals), at_s=at_s)

        assert not site_lease.may_be_taken(known, at_s=at_s + LEASE_S - 0.1, lease_s=LEASE_S)


def test_the_longer_of_two_leases_is_waited_for() -> None:
    known = site_lease.seen(None, row(), at_s=0.0)

    assert not site_lease.may_be_taken(known, at_s=LEASE_S - 0.1, lease_s=1.0)
    assert site_lease.may_be_taken(known, at_s=LEASE_S, lease_s=1.0)
    assert not site_lease.may_be_taken(known, at_s=LEASE_S, lease_s=60.0)
