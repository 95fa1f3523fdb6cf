"""Mixes of faults: each seed its own, none impossible, none while it is calm."""

from __future__ import annotations

from random import Random

import pytest

from syncd.domain.errors import StoreFull
from syncd.lab.faults.fault_mix import LATE_COMMIT_S, FaultyDisk, FaultyNet, draw
from syncd.lab.virtual.net_policy import Connection, Direction
from syncd.sandbox.pipeline.faults import Faults
from syncd.sandbox.xero.protocol.faults import FaultPlan

CONNECTION = Connection(number=1, path="/x", client="a", server="b")


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - a pretend world's dice


MIXES = [draw(dice(seed)) for seed in range(60)]


def test_worlds_understand_every_rule() -> None:
    for mix in MIXES:
        FaultPlan(1).set(mix.xero)
        Faults(dice(1)).set(mix.pipeline)


def test_seeds_differ_in_what_they_arm() -> None:
    armed = {
        tuple(sorted(("xero", rule["do"]) for rule in mix.xero))
        + tuple(sorted(("pipeline", rule["do"]) for rule in mix.pipeline))
        for mix in MIXES
    }

    assert len(armed) > len(MIXES) // 2
    assert MIXES[3] == draw(dice(3))


def test_late_commits_come_within_what_xero_may_take() -> None:
    late = [rule["seconds"] for mix in MIXES for rule in mix.xero if rule["do"] == "late_commit"]

    assert late
    assert max(late) <= LATE_COMMIT_S


def test_calm_net_and_disk_fail_nothing() -> None:
    for mix in MIXES:
        net, disk = FaultyNet(dice(1), mix), FaultyDisk(dice(1), mix)
        for _ in range(20):
            assert not net.refuses(CONNECTION)
            assert net.cut(CONNECTION, Direction.TO_SERVER, 100) is None
            assert net.latency_s(CONNECTION, Direction.TO_SERVER, 100) < 1
            assert disk.latency_s() == 0.0
            disk.before_commit()


def commit_often(disk: FaultyDisk) -> None:
    for _ in range(10_000):
        disk.before_commit()


def test_stormy_disk_fails_some_commits() -> None:
    mix = next(mix for mix in MIXES if mix.commit_fails > 0.002)
    disk = FaultyDisk(dice(1), mix)
    disk.is_calm = False

    with pytest.raises(StoreFull):
        commit_often(disk)
    assert disk.failures == 1
