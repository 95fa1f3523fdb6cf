"""`syncd tenants pause / resume / live / observe`."""

from __future__ import annotations

import json

import pytest

from syncd.cli.commands.switches import live, observe, pause, resume
from tests.cli.commanding import Commanded


async def test_switches_say_what_holds_now(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await pause("acme", config=commanded.config)
    await resume("acme", json=True, config=commanded.config)

    first, last = capsys.readouterr().out.splitlines()
    assert first == "acme is paused: nothing is written to Xero until it is resumed."
    assert json.loads(last)["paused"] is False


async def test_a_mode_named_in_the_file_is_refused_with_file_and_key(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    text = commanded.config.read_text("utf-8")
    named = text.replace("[tenants.acme]", '[tenants.acme]\nmode = "live"')
    commanded.config.write_text(named, "utf-8")

    with pytest.raises(SystemExit) as ended:
        await observe("acme", config=commanded.config)

    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert str(commanded.config) in said
    assert "tenants.acme.mode" in said


async def test_a_file_that_says_observe_is_left_to_the_daemon_which_a_plan_may_have_set_live(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then it lets go what that plan had left out; else it refuses with the key."""
    text = commanded.config.read_text("utf-8")
    named = text.replace("[tenants.acme]", '[tenants.acme]\nmode = "observe"')
    commanded.config.write_text(named, "utf-8")

    await live("acme", config=commanded.config)

    assert "acme is live" in capsys.readouterr().out


async def test_live_is_said_where_it_is_so_already(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await live("acme", config=commanded.config)

    assert "acme is live" in capsys.readouterr().out
