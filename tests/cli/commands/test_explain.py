"""`syncd invoices explain`: the story as a person reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from syncd.cli.commands.explain import explain
from syncd.domain.model.job import JobState, Reason
from tests.cli.commanding import daemon
from tests.engine.support.operating import End

HELD = End(state=JobState.HELD, reason=Reason.LOCKED_PERIOD, note="Its date is locked.")


async def test_story_ends_with_now_and_what_can_be_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        await at.desk.seed({"i1": HELD})
        await explain("i1", daemon=at.daemon)
        told = capsys.readouterr().out.splitlines()
        await explain("i1", json=True, daemon=at.daemon)
        story = json.loads(capsys.readouterr().out)

    assert "Saved as version 1" in told[0]
    assert told[-3].endswith("waits. Its date is locked.")
    assert told[-2].startswith("You can: Move the lock date")
    assert told[-1] == "  syncd invoices retry I1"
    assert (story["tenant"], story["state"]) == ("acme", "waiting")
