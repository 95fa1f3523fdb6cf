"""docs/logs.md lists every event there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from syncd.domain import facts
from syncd.telemetry import logs

ROOT = Path(__file__).parents[2]
TELLERS = ("telemetry/logs.py", "telemetry/libraries.py", "cli/local/foreground.py")
EVENT = re.compile(r'"([a-z_]+\.[a-z_]+)"')


OTHERWISE = (
    facts.StoreStanding, facts.ServiceHung, facts.BrakeMoved, facts.RemoteMoved,
    facts.ReadToWriteMeasured, facts.TenantSampled, facts.TaskSucceeded, facts.RunsPlanned,
    facts.StoreWritten, facts.NotificationsCounted, facts.StoreSize,
    facts.TenantServed,
)  # fmt: skip
"""Facts whose events have names of their own, and facts that are counted only."""


def test_page_lists_every_event_and_no_other() -> None:
    told = {
        event
        for room in TELLERS
        for event in EVENT.findall((ROOT / "src" / "syncd" / room).read_text("utf-8"))
    }
    told |= {logs.event_of(kind.__name__) for kind in get_args(facts.Fact) if kind not in OTHERWISE}
    told -= {"aiohttp.server", "aiohttp.access"}
    page = (ROOT / "docs" / "logs.md").read_text("utf-8").split("| --- | --- | --- |")[1]
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]

    assert sorted(event for row in rows for event in row.strip().split(", ")) == sorted(told)
