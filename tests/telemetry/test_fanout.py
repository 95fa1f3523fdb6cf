"""Every observer is told."""

from __future__ import annotations

from syncd.domain.facts import DaemonDraining, Fact
from syncd.telemetry.fanout import Fanout


def test_a_window_that_fails_keeps_nothing_from_the_others() -> None:
    told: list[Fact] = []
    failures: list[str] = []

    def broken(_: Fact) -> None:
        raise ValueError("a bug")

    Fanout((broken, told.append), on_failure=failures.append)(DaemonDraining(cause="x"))

    assert told == [DaemonDraining(cause="x")]
    assert failures == ["ValueError while telling DaemonDraining"]
