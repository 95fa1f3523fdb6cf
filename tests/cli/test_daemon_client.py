"""How commands reach the daemon, and how they end when they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.cli.daemon_client import DaemonClient, path_of
from syncd.cli.parameters import Reached
from tests.cli.commanding import Commanded, lines


async def test_client_calls_as_the_operator_who_may_do_most(commanded: Commanded) -> None:
    client = DaemonClient(commanded.daemon)

    await client.post("/api/v1/tenants/acme/connect")

    assert commanded.desk.column.pressed == [("connect", "acme", "super user")]


async def test_no_daemon_is_try_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "syncd.toml"
    config.write_text(lines(listen="127.0.0.1:9", store=tmp_path / "s.db"), "utf-8")
    client = DaemonClient(Reached(config=config))

    with pytest.raises(SystemExit) as ended:
        await client.get("/api/v1/tenants")

    assert ended.value.code == 75
    assert "syncd run" in capsys.readouterr().err


async def test_refusal_is_said_in_the_daemons_words(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    client = DaemonClient(commanded.daemon)

    with pytest.raises(SystemExit) as ended:
        await client.get("/api/v1/tenants/stranger")

    assert ended.value.code == 1
    assert "serves no tenant 'stranger'" in capsys.readouterr().err


def test_path_keeps_its_parts_apart() -> None:
    assert path_of("api", "a/b", "ü ?") == "/api/a%2Fb/%C3%BC%20%3F"
