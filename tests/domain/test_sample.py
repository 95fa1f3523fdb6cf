"""Every instant is in one period, and the next one begins where it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.sample import PERIOD_S, RING, begins_at, period_of

INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (bounds are naive, what is drawn is not)


@given(INSTANTS)
def test_an_instant_is_in_its_period(at: datetime) -> None:
    period = period_of(at)

    assert begins_at(period) <= at < begins_at(period + 1)


def test_the_ring_is_a_week() -> None:
    assert timedelta(seconds=PERIOD_S) * RING == timedelta(days=7)
