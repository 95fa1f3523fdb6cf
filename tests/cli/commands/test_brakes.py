"""`syncd brakes list / show / release`."""

from __future__ import annotations

import json

import pytest

from syncd.cli.commands.brakes import list_brakes, release, show
from syncd.cli.commands.service import status
from tests.cli.commanding import Commanded
from tests.engine.support.braked import halt


async def test_a_halt_is_explained_with_the_command_that_releases_it(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await halt(commanded.desk)
    await list_brakes(json=True, daemon=commanded.daemon)
    (brake,) = json.loads(capsys.readouterr().out)
    await list_brakes(daemon=commanded.daemon)

    shown = capsys.readouterr().out
    assert "acme: Too many voids." in shown
    assert "2 of 2 invoices" in shown
    assert "Limits within 60 min: 20 documents voided." in shown
    assert f"syncd brakes release acme --seen {brake['seen']}" in shown


async def test_all_that_is_held_is_listed(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await halt(commanded.desk)
    await show("acme", daemon=commanded.daemon)
    await show("acme", json=True, daemon=commanded.daemon)

    *table, last = capsys.readouterr().out.splitlines()
    assert any("void" in line and "x-a" in line for line in table)
    assert "2 documents." in table
    assert len(json.loads(last)) == 2


async def test_status_says_what_is_wrong_and_what_to_do(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await halt(commanded.desk)
    await status(daemon=commanded.daemon)

    shown = capsys.readouterr().out
    assert "Too many voids. See what it halted" in shown
    assert "syncd brakes list" in shown


async def test_a_release_says_what_passes(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await halt(commanded.desk)
    await release("acme", daemon=commanded.daemon)

    said = capsys.readouterr().out
    assert "acme goes on: invoices: 2 to be voided (230.00 NZD)." in said


async def test_a_release_of_another_list_fails(commanded: Commanded) -> None:
    await halt(commanded.desk)

    with pytest.raises(SystemExit) as ended:
        await release("acme", seen="other", daemon=commanded.daemon)

    assert ended.value.code == 1


async def test_nothing_halted_is_said(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await list_brakes(daemon=commanded.daemon)
    with pytest.raises(SystemExit):
        await release("acme", daemon=commanded.daemon)

    found = capsys.readouterr()
    assert "Halted brakes: none" in found.out
    assert "nothing to release" in found.err
