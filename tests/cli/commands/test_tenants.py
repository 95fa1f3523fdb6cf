"""`syncd tenants`, `connect`, `refresh`, `disconnect`."""

from __future__ import annotations

import json

import pytest

from syncd.cli.commands.tenants import connect, disconnect, list_tenants, refresh, show_tenant
from tests.cli.commanding import Commanded
from tests.engine.support.operating import URL


async def test_tenants_are_listed(commanded: Commanded, capsys: pytest.CaptureFixture[str]) -> None:
    await list_tenants(daemon=commanded.daemon)
    await list_tenants(json=True, daemon=commanded.daemon)

    *table, last = capsys.readouterr().out.splitlines()
    assert any("acme" in line and "Connected" in line for line in table)
    assert [each["id"] for each in json.loads(last)] == ["acme", "beta"]


async def test_tenant_is_shown_a_field_a_line(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await show_tenant("acme", daemon=commanded.daemon)

    shown = capsys.readouterr().out
    assert "token expires at" in shown
    assert "41 this minute, 4,000 today" in shown


async def test_connect_prints_the_address_whole(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await connect("acme", daemon=commanded.daemon)

    assert capsys.readouterr().out.splitlines()[-1] == URL


async def test_buttons_say_what_happened(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await refresh("acme", daemon=commanded.daemon)
    await disconnect("acme", json=True, daemon=commanded.daemon)

    shown = capsys.readouterr().out.splitlines()
    assert shown[:2] == ["refresh: said so", "acme is Connected."]
    assert json.loads(shown[2])["message"] == "disconnect: said so"


async def test_button_that_did_nothing_fails(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    commanded.desk.column.is_willing = False

    with pytest.raises(SystemExit) as ended:
        await refresh("acme", daemon=commanded.daemon)

    assert ended.value.code == 1
    assert "said so" in capsys.readouterr().err
