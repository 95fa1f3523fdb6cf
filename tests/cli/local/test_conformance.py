"""`syncd conformance` says a line for each expectation, and by its exit whether all are met."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from syncd.cli.local.conformance import conformance
from syncd.lab.conformance.expectations import EXPECTED
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline.app import BASE, PipelineWorld
from syncd.sandbox.serve import serve_worlds
from syncd.sandbox.user import User
from syncd.sandbox.xero.server.app import XeroWorld


@asynccontextmanager
async def pipeline() -> AsyncIterator[tuple[str, str]]:
    """A served Pipeline with two customers: its address, and its key."""
    clock = SandboxClock(time.time)
    world = PipelineWorld(clock=clock)
    for name in ("one", "two"):
        User(world)({"do": "create_customer", "ref": name, "name": name})
    async with serve_worlds(xero=XeroWorld(clock=clock), pipeline=world) as served:
        yield served.pipeline_url + BASE, world.keys["demo"]


async def test_a_server_that_conforms_is_told_line_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with pipeline() as (url, key):
        (tmp_path / "key").write_text(f"{key}\n", "utf-8")
        await conformance(url=url, key=f"@{tmp_path / 'key'}", most_calls=60)
        told = capsys.readouterr().out
        await conformance(url=url, key=key, most_calls=60, json=True)
        said = json.loads(capsys.readouterr().out)

    *lines, last = told.splitlines()
    assert len(lines) == len(EXPECTED) == len(said["lines"])
    assert {line.split()[-0] for line in lines} == {"met", "not"}
    assert ", 0 not met, " in last
    assert said["conforms"]
    assert {"name", "verdict", "expected", "got"} == set(said["lines"][0])


async def test_what_is_not_met_comes_last_and_ends_with_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with pipeline() as (url, key):
        with pytest.raises(SystemExit) as ended:
            await conformance(url=f"{url}/elsewhere", key=key, most_calls=60)

    *_, worst, last = capsys.readouterr().out.splitlines()
    assert ended.value.code == 1
    assert worst.startswith("not met")
    assert ": 404 " in worst
    assert "not met" in last


@pytest.mark.parametrize(
    ("options", "words", "code"),
    [
        ({"webhook_secret": "secret"}, "begins with whsec_", 2),
        ({"webhook_secret": "whsec_c2VjcmV0", "listen": "8081"}, "expected HOST:PORT", 2),
        ({"key": "@/nowhere/key"}, "cannot be read", 2),
        ({}, "cannot be reached", 75),
    ],
)
async def test_what_cannot_begin_says_why(
    capsys: pytest.CaptureFixture[str], options: dict[str, str], words: str, code: int
) -> None:
    with pytest.raises(SystemExit) as ended:
        await conformance(**{"url": "http://127.0.0.1:9/api/v1", "key": "k", **options})

    assert ended.value.code == code
    assert words in capsys.readouterr().err
