"""The connection's states, and when its tokens are refreshed, doubted and warned about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.job import Reason
from syncd.domain.rules.tenant import connection
from syncd.domain.rules.tenant.connection import ConnectionState, TokenHealth

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
states = st.sampled_from(ConnectionState)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def test_states_are_the_products_words() -> None:
    assert [state.value for state in ConnectionState] == [
        "Not Connected",
        "Connected",
        "TOKEN_EXPIRED",
    ]


def test_work_is_held_by_every_state_but_connected() -> None:
    assert {state: connection.hold_reason(state) for state in ConnectionState} == {
        ConnectionState.NOT_CONNECTED: Reason.NOT_CONNECTED,
        ConnectionState.CONNECTED: None,
        ConnectionState.TOKEN_EXPIRED: Reason.TOKEN_EXPIRED,
    }


@given(st.floats(1, 86_400))
def test_a_token_is_refreshed_in_the_last_quarter_of_its_life(life_s: float) -> None:
    expires_at = NOW + timedelta(seconds=life_s)

    refresh_at = connection.refresh_at(expires_at, life_s)

    assert NOW < refresh_at < expires_at
    assert (refresh_at - NOW).total_seconds() >= life_s * 3 / 4 - 0.001


def test_xeros_token_is_refreshed_five_minutes_early() -> None:
    assert connection.refresh_at(NOW) == ago(minutes=5)


def test_a_bearer_about_to_expire_is_not_handed_out() -> None:
    assert connection.is_usable(NOW + timedelta(seconds=60), NOW)
    assert not connection.is_usable(NOW + timedelta(seconds=59), NOW)


@given(st.floats(0.1, 86_400))
def test_a_token_is_refreshed_before_it_is_no_longer_handed_out(life_s: float) -> None:
    expires_at = NOW + timedelta(seconds=life_s)

    assert connection.is_usable(expires_at, connection.refresh_at(expires_at, life_s), life_s)


def test_a_token_of_three_seconds_costs_no_more_than_21_refreshes_a_minute() -> None:
    expires_at = NOW + timedelta(seconds=3)

    every_s = (connection.refresh_at(expires_at, 3.0) - NOW).total_seconds()

    assert 60 / every_s <= 21


def test_an_idle_grant_lives_sixty_days() -> None:
    assert connection.refresh_expires_at(NOW) == NOW + timedelta(days=60)


def test_a_used_refresh_token_works_again_for_half_an_hour() -> None:
    assert connection.grace_ends_at(NOW) == NOW + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("health", "is_warned"),
    [
        (TokenHealth(refresh_issued_at=ago(minutes=29)), False),
        (TokenHealth(refresh_issued_at=ago(days=49)), False),
        (TokenHealth(refresh_issued_at=ago(days=50)), True),
        (TokenHealth(refresh_issued_at=ago(hours=1), failing_since_at=ago(minutes=9)), False),
        (TokenHealth(refresh_issued_at=ago(hours=1), failing_since_at=ago(minutes=10)), True),
    ],
)
def test_the_warning_is_about_refreshing_not_about_an_access_tokens_half_hour(
    health: TokenHealth, is_warned: bool
) -> None:
    found = connection.warning(ConnectionState.CONNECTED, health, NOW)

    assert found == (
        "Token Refresh Required — Your access token is expiring soon" if is_warned else None
    )


@given(states, st.booleans())
def test_only_a_connection_is_warned_about(state: ConnectionState, is_known: bool) -> None:
    health = TokenHealth(refresh_issued_at=ago(days=55)) if is_known else None

    found = connection.warning(state, health, NOW)

    assert (found is not None) is (state is ConnectionState.CONNECTED and is_known)
