"""`syncd jobs list`, and a replay of one tenant as a job."""

from __future__ import annotations

import json

import pytest

from syncd.cli.commands.needs import list_jobs
from syncd.cli.commands.webhooks import replay
from syncd.domain.model.long_work import WorkKind, WorkState
from tests.cli.commanding import Commanded
from tests.web.console.support.books import job


async def test_what_was_ordered_is_listed_with_how_it_ended_or_how_far_it_is(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "All 7 are what was written."
    await job(commanded.desk, WorkKind.CHECK, WorkState.DONE, result="7:ab", text=text)
    await replay(since="2026-11-22T08:00:00Z", tenant="acme", daemon=commanded.daemon)
    await list_jobs(daemon=commanded.daemon)
    await list_jobs(tenant="acme", json=True, daemon=commanded.daemon)

    *table, last = capsys.readouterr().out.splitlines()
    assert any("check" in line and "done" in line and "All 7" in line for line in table)
    assert any("replay" in line and "running" in line and "0, 0 calls" in line for line in table)
    assert [(one["kind"], one["result"]) for one in json.loads(last)] == [
        ("replay", None),
        ("check", "7:ab"),
    ]
