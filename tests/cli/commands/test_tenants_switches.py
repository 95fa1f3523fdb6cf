"""`syncd tenants pause / resume / live / observe`."""

from __future__ import annotations

import json

import pytest

from syncd.cli.commands.tenants import live, observe, pause, resume
from tests.cli.commanding import Commanded


async def test_switches_say_what_holds_now(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await pause("acme", daemon=commanded.daemon)
    await resume("acme", json=True, daemon=commanded.daemon)

    first, last = capsys.readouterr().out.splitlines()
    assert first == "acme is paused: nothing is written to Xero until it is resumed."
    assert json.loads(last)["paused"] is False


async def test_a_mode_named_in_the_file_is_refused_in_the_daemons_words(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever asks need not read the file; the daemon knows what stands there."""
    with pytest.raises(SystemExit) as ended:
        await observe("acme", daemon=commanded.daemon)

    assert ended.value.code == 1
    assert "tenants.acme.mode" in capsys.readouterr().err


async def test_live_is_said_where_it_is_so_already(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await live("acme", daemon=commanded.daemon)

    assert "acme is live" in capsys.readouterr().out
