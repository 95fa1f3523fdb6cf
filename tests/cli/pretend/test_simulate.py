"""`syncd simulate`: what it prints, and how it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from syncd.cli.pretend.simulate import simulate

SHORT = 0.002


def test_seed_is_told_with_its_hash_and_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    simulate(seed=3, days=SHORT)

    told = capsys.readouterr().out
    assert "seed 3  " in told
    assert "violations: 0 of 1 seeds" in told
    assert "sometimes:" in told


def test_violation_ends_with_1_and_says_how_to_see_it_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        simulate(seed=0, days=0.04, mutant="intent-after-call")

    assert ended.value.code == 1
    told = capsys.readouterr().out
    assert "no call of demo is stored" in told
    assert "again: syncd simulate --seed 0 --days 0.04 --mutant intent-after-call" in told


@pytest.mark.parametrize(
    "wrong",
    [
        {"seeds": "5"},
        {"seeds": "9..1"},
        {"seed": 1, "seeds": "0..1"},
        {"mutant": "nobody"},
        {"days": 0.0},
    ],
)
def test_wrong_usage_ends_with_2(wrong: dict[str, Any]) -> None:
    with pytest.raises(SystemExit) as ended:
        simulate(**wrong)

    assert ended.value.code == 2


def test_nothing_is_left_behind(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A folder of its own: other worlds may live in the shared one meanwhile.
    monkeypatch.setattr("syncd.lab.days.simulation._MEMORY", tmp_path)

    simulate(seed=1, days=SHORT)

    assert capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
