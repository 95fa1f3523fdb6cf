"""The demo's stage: a configuration that loads, a consent that connects, nothing left behind."""

from __future__ import annotations

import tomllib
from pathlib import Path

import aiohttp
import pytest

from syncd.config import sources
from syncd.lab.demo.stage import DemoFailed, Stage, staged, toml


async def test_stage_connects_like_a_person_and_leaves_nothing_behind() -> None:
    facts = []
    async with staged(seed=2, customers=1, invoices=0, observer=facts.append) as stage:
        options = sources.load(stage.config, environment={})
        organisation = await stage.connect()
        async with aiohttp.ClientSession() as session:
            address = f"{stage.operator_url}/api/v1/tenants/demo"
            bearer = {"Authorization": f"Bearer {stage.token}"}
            async with session.get(address, headers=bearer) as answer:
                card = await answer.json()
            async with session.get(f"{stage.worlds.xero_url}/_sandbox/dump") as answer:
                dump = await answer.json()
            async with session.get(f"{stage.operator_url}/readyz") as answer:
                is_ready = answer.ok
        folder = stage.folder
        mode = stage.config.stat().st_mode & 0o777

    assert stage.xero.webhooks.state == "healthy"
    assert organisation == card["organisation"] == dump["organisations"][0]["name"]
    assert (card["status"], card["mode"], mode) == ("Connected", "live", 0o600)
    assert (options.sync.poll_every_s, options.sync.draft_quiet_s) == (2.0, 1.0)
    assert options.sync.lease_s == 120.0
    assert not folder.exists()
    assert facts
    assert is_ready


async def test_stage_of_a_person_who_denies_says_what_came() -> None:
    found = None
    async with staged(seed=2, customers=1, invoices=0, observer=lambda _: None) as stage:
        stage.xero.set_switches({"consent": "deny"})
        try:
            await stage.connect()
        except DemoFailed as failed:
            found = str(failed)

    assert found is not None
    assert "/oauth/xero/callback" in found


async def break_off(stages: list[Stage]) -> None:
    async with staged(seed=2, customers=1, invoices=0, observer=lambda _: None) as stage:
        stages.append(stage)
        raise DemoFailed("on purpose")


async def test_stage_is_cleared_when_the_play_breaks_off() -> None:
    stages: list[Stage] = []

    with pytest.raises(ExceptionGroup) as broken:
        await break_off(stages)

    assert broken.group_contains(DemoFailed, match="on purpose")
    assert not stages[0].folder.exists()


def test_toml_comes_back_as_it_was(tmp_path: Path) -> None:
    sections = {
        "one": {"text": 'quote " and ō', "number": 2, "share": 0.5},
        "tenants.demo": {"codes": {"LAB": {"account": "210"}}},
    }
    file = tmp_path / "a.toml"
    file.write_text(toml(sections), "utf-8")

    read = tomllib.loads(file.read_text("utf-8"))

    assert read["one"] == sections["one"]
    assert read["tenants"]["demo"] == sections["tenants.demo"]
