"""The machine's chance; its promises stand in tests/contracts."""

from __future__ import annotations

from syncd.runtime.system_entropy import SystemEntropy


def test_draws_fill_the_interval() -> None:
    draws = [SystemEntropy().draw() for _ in range(2000)]

    assert min(draws) < 0.05
    assert max(draws) > 0.95
