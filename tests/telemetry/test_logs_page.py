"""docs/logs.md lists every event there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TELLERS = ("telemetry/logs.py", "telemetry/libraries.py", "cli/local/run.py")
EVENT = re.compile(r'"([a-z_]+\.[a-z_]+)"')


def test_page_lists_every_event_and_no_other() -> None:
    told = {
        event
        for room in TELLERS
        for event in EVENT.findall((ROOT / "src" / "syncd" / room).read_text("utf-8"))
    } - {"aiohttp.server", "aiohttp.access"}
    page = (ROOT / "docs" / "logs.md").read_text("utf-8").split("| --- | --- | --- |")[1]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]

    assert sorted(event for row in rows for event in row.strip().split(", ")) == sorted(told)
