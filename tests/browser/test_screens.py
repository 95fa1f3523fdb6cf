"""The pictures that documents show: each state can be reached and shown again."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.browser.support import screens

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 2_500_000
SHOWN = re.compile(r"docs/screens/([a-z0-9-]+\.png)")


@pytest.mark.timeout(300)  # one page after another is drawn, beside whatever else runs here
def test_screens_are_taken_of_every_state_quietly_and_small(tmp_path: Path) -> None:
    complaints = asyncio.run(screens.taken(tmp_path))

    taken = {one.name: one.stat().st_size for one in tmp_path.iterdir()}
    kept = {one.name for one in screens.FOLDER.glob("*.png")}
    shown = set(SHOWN.findall((ROOT / "README.md").read_text("utf-8")))
    assert complaints == []
    assert sum(taken.values()) < MOST_BYTES
    assert shown <= kept
    assert kept <= set(taken)
