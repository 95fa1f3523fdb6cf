"""`syncd tenants add / remove`: what the files and flags say reaches the daemon, secrets read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from syncd.cli.commands.served_tenants import add, remove
from syncd.domain.ids import TenantId
from syncd.store import tenants
from tests.cli.commanding import Commanded


async def test_flags_beat_the_section_and_secrets_are_read_from_their_files(
    commanded: Commanded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await commanded.desk.store.run(tenants.ensure([TenantId("gamma")]))
    section, key = tmp_path / "section.toml", tmp_path / "key"
    section.write_text(
        'pipeline_url = "https://old"\nstart_date = 2026-01-31\ndue_days = 9', "utf-8"
    )
    key.write_text("k-1\n", "utf-8")

    await add(
        "gamma",
        section=section,
        pipeline_url="https://new",
        pipeline_key_file=key,
        daemon=commanded.daemon,
    )
    await remove("gamma", json=True, daemon=commanded.daemon)

    (name, given, who), (removed, *_) = commanded.desk.keeping.ordered
    assert (name, removed) == ("gamma", "gamma")
    assert given == {
        "pipeline_url": "https://new", "pipeline_key": "k-1",
        "start_date": "2026-01-31", "due_days": 9,
    }  # fmt: skip
    assert who
    said, last = capsys.readouterr().out.splitlines()
    assert said == "gamma: said so"
    assert json.loads(last)["id"] == "gamma"


async def test_secret_file_that_cannot_be_read_is_named_before_anybody_is_asked(
    commanded: Commanded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        await add("gamma", pipeline_key_file=tmp_path / "none", daemon=commanded.daemon)

    assert ended.value.code == 78
    assert "tenants.gamma.pipeline_key_file: " in capsys.readouterr().err
    assert commanded.desk.keeping.ordered == []
