"""A command that waits says for what, on standard error, and once."""

from __future__ import annotations

import anyio
import pytest

from syncd.cli import following
from syncd.cli.daemon_client import DaemonClient
from syncd.cli.following import Waiting
from syncd.domain.rules.tenant.connection import ConnectionState
from tests.cli.commanding import Commanded

SPENT = {"text": "The day's calls to Xero are spent.", "until": None}


def test_each_reason_is_said_once_and_again_when_it_changes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    waiting = Waiting("Reading ...")
    for waits_for in (None, None, SPENT, SPENT, None):
        waiting.say(waits_for)

    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == [
        "Reading ...",
        "Waiting: The day's calls to Xero are spent.",
        "Reading ...",
    ]


def test_the_next_try_is_an_instant_and_how_far_it_is_away() -> None:
    words = following.in_words({"text": "Xero fails.", "until": "2020-01-01T00:00:00Z"})

    assert words.startswith("Waiting: Xero fails. Next try 2020-01-01 00:00:00 UTC, ")


async def test_a_long_order_says_what_its_tenant_waits_for(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    commanded.desk.column.state = ConnectionState.NOT_CONNECTED
    client = DaemonClient(commanded.daemon)

    async def order() -> str:
        await anyio.sleep(0.5)
        return "done"

    answer = await following.followed(client, "acme", order(), "Reading ...", quiet_s=0.01)

    assert answer == "done"
    assert "Connect to Xero" in capsys.readouterr().err


async def test_a_refused_order_ends_as_it_would_alone(commanded: Commanded) -> None:
    client = DaemonClient(commanded.daemon)
    order = client.get("/api/v1/tenants/nobody")

    with pytest.raises(SystemExit) as ended:
        await following.followed(client, "nobody", order, "Reading ...")

    assert ended.value.code == 1
