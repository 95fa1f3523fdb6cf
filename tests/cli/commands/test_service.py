"""`syncd health`, `status`, `version`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from syncd.cli.commands.service import TASKS, health, show_version, status
from syncd.store import restores
from syncd.store.unit_of_work import Transaction
from syncd.telemetry import labels
from tests.cli.commanding import Commanded, lines
from tests.engine.support.operating import OUT_OF_SYNC, QUEUED
from tests.store.build import AT


async def test_health_of_a_daemon_at_work_is_ok(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await health(config=commanded.config)
    await health(ready=True, json=True, config=commanded.config)

    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "ok"
    assert json.loads(shown[1]) == {"healthy": True, "http_status": 200}


async def test_health_without_a_daemon_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "syncd.toml"
    config.write_text(lines(listen="127.0.0.1:9", store=tmp_path / "s.db"), "utf-8")

    with pytest.raises(SystemExit) as ended:
        await health(config=config)

    assert ended.value.code == 1
    assert "no answer" in capsys.readouterr().err


async def test_status_shows_each_tenant_at_a_glance(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.seed({"a": QUEUED, "b": OUT_OF_SYNC})

    await status(config=commanded.config)

    shown = capsys.readouterr().out
    for line in (
        "acme",
        "Connected to Demo Company",
        "live",
        "1, clears in about 1 s",
        "out_of_sync: 1",
        "41 this minute, 4000 today",
        "Token Refresh Required",
    ):
        assert line in shown


async def test_status_says_when_a_restored_store_still_looks(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await status(config=commanded.config)
    before = capsys.readouterr().out
    tx = Transaction()
    tx.add_all(restores.mark(taken_at=AT, restored_at=AT, look_since=AT))
    await commanded.desk.store.commit(tx)

    await status(config=commanded.config)
    shown = capsys.readouterr().out
    await status(json=True, config=commanded.config)

    assert "since the backup" not in before
    assert "since the backup" in shown
    assert [one["restore"] for one in json.loads(capsys.readouterr().out)] == ["looking"] * 2


async def test_status_in_full_shows_when_each_task_runs_next(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await status(config=commanded.config)
    brief = capsys.readouterr().out
    await status(verbose=True, config=commanded.config)
    full = capsys.readouterr().out
    await status(verbose=True, json=True, config=commanded.config)
    told = json.loads(capsys.readouterr().out)

    assert "Next runs" not in brief
    assert "Next runs" in full
    assert "refreshing the tokens" in full
    assert [one["id"] for one in told["tenants"]] == ["acme", "beta"]
    assert [one["task"] for one in told["schedule"]] == ["tokens", "sampler"]


def test_every_task_has_words() -> None:
    assert {*labels.LOOPS, *labels.SHARED_LOOPS} == set(TASKS)


async def test_status_for_programs_is_the_api_itself(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await status(json=True, config=commanded.config)

    acme, beta = json.loads(capsys.readouterr().out)
    assert (acme["id"], beta["id"], acme["budget"]["day"]) == ("acme", "beta", 4000)


def test_version_is_told_to_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    show_version(json=True)

    assert json.loads(capsys.readouterr().out)["version"]
