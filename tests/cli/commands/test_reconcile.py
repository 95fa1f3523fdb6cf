"""`syncd reconcile` asks until the round is complete, and prints what it found."""

from __future__ import annotations

import json
from pathlib import Path

import anyio
import pytest

from syncd.cli.commands.reconcile import reconcile
from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.rules.limits.allowance import BudgetLeft
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.store import findings, sweeps
from tests.cli.commanding import daemon
from tests.store.build import ACME, AT

FOUND = [Found(kind=FindingKind.CONTACT_KEPT, key="c1", label="Ada", text="a supplier too")]


async def test_a_round_is_asked_for_again_until_it_is_complete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        store = at.desk.store

        async def served_later() -> None:
            await anyio.sleep(0.2)
            await store.run(findings.open_(ACME, FOUND, AT))
            for task in (Task.INVOICES, Task.CONTACTS):
                await store.run(sweeps.remember(ACME, task, None, began=1, ended_at=AT))

        async with anyio.create_task_group() as group:
            group.start_soon(served_later)
            await reconcile("acme", json=True, daemon=at.daemon)

    answer = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["id"]) for one in answer["items"]] == [("contact_kept", "c1")]


async def test_a_round_that_waits_for_a_spent_day_says_until_when_and_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with daemon(tmp_path) as at:
        until_s = anyio.current_time() + 10**9
        spent = BudgetLeft(minute=60, day=0, in_flight=0, parked_until_s=until_s)
        at.desk.operations._allowance = lambda _: spent

        with pytest.raises(SystemExit) as ended:
            await reconcile("acme", daemon=at.daemon)

    assert ended.value.code == 75
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "The day's calls to Xero are spent" in shown.err
    assert "goes on by itself then" in shown.err


@pytest.mark.parametrize("as_json", [True, False])
async def test_a_round_that_xero_would_not_be_read_for_says_so_and_ends_as_one_to_try_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    words = "What changed in Xero's invoices could not be read to the end: Xero refused it."
    async with daemon(tmp_path) as at:

        async def refused() -> None:
            await anyio.sleep(0.2)
            for task, text in ((Task.INVOICES, words), (Task.CONTACTS, None)):
                ended = sweeps.remember(ACME, task, None, began=1, ended_at=AT, refused=text)
                await at.desk.store.run(ended)

        async with anyio.create_task_group() as group:
            group.start_soon(refused)
            with pytest.raises(SystemExit) as ended:
                await reconcile("acme", json=as_json, daemon=at.daemon)

    assert ended.value.code == 75
    assert words in capsys.readouterr().err
