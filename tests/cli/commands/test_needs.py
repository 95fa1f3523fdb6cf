"""`syncd needs list` shows what a person must do, of all tenants, with what to press."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from syncd.cli.commands.needs import list_needs
from tests.cli.commanding import daemon
from tests.engine.operator.test_needs import NO_ACCOUNT, UNMAPPED


async def test_needs_are_listed_with_what_to_press(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        await at.desk.seed({"a": NO_ACCOUNT, "b": NO_ACCOUNT, "c": UNMAPPED})

        await list_needs(json=True, daemon=at.daemon)
        every = json.loads(capsys.readouterr().out)
        await list_needs(tenant="acme", daemon=at.daemon)
        shown = " ".join(capsys.readouterr().out.split())

    assert [(one["tenant"], one["invoices"]) for one in every] == [("acme", 2), ("acme", 1)]
    assert "cost_code:PAINT" in shown
    assert "Create in Xero & Link" in shown


async def test_where_nothing_waits_nothing_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        await list_needs(daemon=at.daemon)

        assert "none" in capsys.readouterr().out
