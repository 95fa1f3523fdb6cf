"""A replica's standing says in one word whether it works and whether it is gone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncd.domain.model.replica import ReplicaStanding, ReplicaState

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("state", ReplicaState)
def test_works_and_gone_follow_from_the_state(state: ReplicaState) -> None:
    one = ReplicaStanding(name="a", url="", public_url="", version="1", state=state, seen_at=AT)

    assert one.works == (state is ReplicaState.WORKS)
    assert one.is_gone == (state is ReplicaState.GONE)
