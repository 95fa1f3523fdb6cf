"""The program carries what an installation needs, and the source shows the same files."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import get_args

import pytest
import yaml

from syncd.cli.local.shipped import Unit
from syncd.cli.program import app

ROOT = Path(__file__).parents[3]
FILES = ROOT / "src/syncd/cli/files"
SHOWN = {
    "syncd.example.toml": "config",
    "rules.yml": "config/prometheus",
    "scrape.yml": "config/prometheus",
    "dashboard.json": "config/grafana",
    "compose.yaml": "deploy",
    "compose-replicas.yaml": "deploy",
} | dict.fromkeys(get_args(Unit), "systemd")


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    app(("config", *words), result_action="return_value")
    return capsys.readouterr().out


def test_every_file_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert "server" in tomllib.loads(printed(capsys, "example"))
    assert yaml.safe_load(printed(capsys, "rules"))["groups"]
    assert yaml.safe_load(printed(capsys, "scrape"))["scrape_configs"]
    assert yaml.safe_load(printed(capsys, "compose"))["services"].keys() == {"syncd"}
    assert "beta" in yaml.safe_load(printed(capsys, "compose", "--replicas"))["services"]
    assert json.loads(printed(capsys, "dashboard"))["panels"]
    for name in get_args(Unit):
        assert printed(capsys, "unit", name) == (FILES / name).read_text("utf-8")


def test_source_shows_the_files_the_program_carries() -> None:
    """As links: one file, seen where people look for it."""
    assert {one.name for one in FILES.iterdir()} == SHOWN.keys()
    for name, folder in SHOWN.items():
        assert (ROOT / folder / name).resolve() == FILES / name
