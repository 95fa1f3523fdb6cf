"""`syncd status`, `console`, `version`."""

from __future__ import annotations

import json
from importlib.metadata import version

import pytest

from syncd.cli.commands.service import TASKS, open_console, show_version, status
from syncd.domain.facts import ServiceHung, StoreStanding
from syncd.store import restores
from syncd.store.unit_of_work import Transaction
from syncd.telemetry import labels
from tests.cli.commanding import Commanded
from tests.engine.support.operating import OUT_OF_SYNC, QUEUED
from tests.store.build import AT


async def test_status_shows_each_tenant_at_a_glance(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.seed({"a": QUEUED, "b": OUT_OF_SYNC})

    await status(daemon=commanded.daemon)

    shown = capsys.readouterr().out
    for line in (
        "acme",
        "Connected to Demo Company",
        "live",
        "1, clears in about 1 s",
        "out of sync: 1",
        "41 this minute, 4,000 today",
        "Token Refresh Required",
    ):
        assert line in shown


async def test_status_of_a_daemon_that_serves_nobody_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Nobody:
        def __init__(self, *_: object) -> None:
            pass

        async def get(self, _: str) -> dict[str, list[object]]:
            return {"items": []}

        async def checks(self) -> dict[str, object]:
            return {}

    monkeypatch.setattr("syncd.cli.commands.service.DaemonClient", Nobody)

    await status()

    assert "serves no tenant yet" in capsys.readouterr().out


async def test_status_says_when_a_restored_store_still_looks(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await status(daemon=commanded.daemon)
    before = capsys.readouterr().out
    tx = Transaction()
    tx.add_all(restores.mark(taken_at=AT, restored_at=AT, look_since=AT))
    await commanded.desk.store.commit(tx)

    await status(daemon=commanded.daemon)
    shown = capsys.readouterr().out
    await status(json=True, daemon=commanded.daemon)

    assert "since the backup" not in before
    assert "since the backup" in shown
    assert [one["restore"] for one in json.loads(capsys.readouterr().out)] == ["looking"] * 2


async def test_status_in_full_shows_when_each_task_runs_next(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await status(daemon=commanded.daemon)
    brief = capsys.readouterr().out
    await status(verbose=True, daemon=commanded.daemon)
    full = capsys.readouterr().out
    await status(verbose=True, json=True, daemon=commanded.daemon)
    told = json.loads(capsys.readouterr().out)

    assert "Next runs" not in brief
    assert "Next runs" in full
    assert "refreshing the tokens" in full
    assert [one["id"] for one in told["tenants"]] == ["acme", "beta"]
    assert [one["task"] for one in told["schedule"]] == ["tokens", "sampler"]


async def test_status_begins_with_what_ails_the_daemon_itself(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await status(daemon=commanded.daemon)
    well = capsys.readouterr().out
    commanded.health.observe(ServiceHung(service="worker:acme", is_hung=True, for_s=301))
    commanded.health.observe(StoreStanding(is_usable=True, has_reserve=False))

    await status(daemon=commanded.daemon)

    ill = capsys.readouterr().out
    assert "The daemon:" not in well
    assert ill.startswith("The daemon: room: the disk is full")
    assert "The daemon: services: nothing moves in worker:acme for 301 s" in ill


def test_every_task_has_words() -> None:
    assert {*labels.LOOPS, *labels.SHARED_LOOPS} == set(TASKS)


async def test_status_for_programs_is_the_api_itself(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await status(json=True, daemon=commanded.daemon)

    acme, beta = json.loads(capsys.readouterr().out)
    assert (acme["id"], beta["id"], acme["budget"]["day"]) == ("acme", "beta", 4000)


def test_version_is_told_to_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    show_version(json=True)
    show_version()

    first, *rest = capsys.readouterr().out.splitlines()
    assert json.loads(first) == {"version": version("syncd"), "commit": None}
    assert "a working copy" in rest[-1]


async def test_the_link_is_printed_whole_and_signs_in(
    commanded: Commanded, capsys: pytest.CaptureFixture[str]
) -> None:
    await open_console(daemon=commanded.daemon)
    await open_console(json=True, daemon=commanded.daemon)

    link, until, last = capsys.readouterr().out.splitlines()
    assert link.startswith("http://127.0.0.1:")
    assert "/login/" in link
    assert until.startswith("Good once, until ")
    assert json.loads(last)["url"] != link
