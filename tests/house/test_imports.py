"""The floors hold, and each contract catches the breach it is there for."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.support.source import ROOT, SRC

LINT = "from importlinter.cli import lint_imports_command as lint; lint()"

FLOORS = "Each floor sees only the floors below it"
MODEL = "Rules look at the model, never back"
WORKFLOWS = "Workflows see only what they stand on"
RULES = "Decisions stand on comparisons"
LAB = "The lab stands on its watchers"
PRETEND = "The pretend Xero's resources stand on its books"
WEB = "Resources stand on what all of HTTP has in common"
CLI = "Commands share what talks and prints"
PURITY = "The ground does no I/O, reads no clock, rolls no dice, writes no log"
PORTS = "A port is a promise: it names no library that could keep it"
WITNESS = "The pretend world shares no code with what it checks"
ADAPTERS = "Adapters and windows never reach the store"
CIRCLES = "No two rooms of one corridor import each other in a circle"
OWNERS = "One library, one owner; one locked room, its keyholders"

# A planted room, the line it may not hold, and the contract that is there to say so.
BREACHES = {
    "utils.py": ("", FLOORS),
    "engine/breach_wing.py": ("import syncd.xero", FLOORS),
    "xero/breach_other_wing.py": ("import syncd.pipeline", FLOORS),
    "ports/breach_upward.py": ("import syncd.store", FLOORS),
    "web/breach_world.py": ("import syncd.sandbox", FLOORS),
    "domain/model/breach_back.py": ("import syncd.domain.rules", MODEL),
    "engine/core/breach_loops.py": ("import syncd.engine.loops", WORKFLOWS),
    "domain/rules/compare/breach_decide.py": ("import syncd.domain.rules.decide", RULES),
    "lab/watch/breach_judges.py": ("import syncd.lab.judges", LAB),
    "sandbox/xero/ledger/breach_server.py": ("import syncd.sandbox.xero.server", PRETEND),
    "web/http/breach_api.py": ("import syncd.web.api", WEB),
    "cli/commands/breach_pretend.py": ("import syncd.cli.pretend", CLI),
    "domain/rules/breach_clock.py": ("import time", PURITY),
    "domain/rules/breach_log.py": ("import logging", PURITY),
    "domain/rules/breach_disk.py": ("import pathlib", PURITY),
    "ports/breach_library.py": ("import aiohttp", PORTS),
    "sandbox/breach_witness.py": ("import syncd.domain", WITNESS),
    "telemetry/breach_store.py": ("import syncd.store", ADAPTERS),
    "engine/breach_circle.py": ("import syncd.engine.breach_circle_back", CIRCLES),
    "engine/breach_circle_back.py": ("import syncd.engine.breach_circle", CIRCLES),
    "web/breach_rows.py": ("import syncd.store.rows", OWNERS),
    "runtime/breach_world.py": ("import syncd.sandbox", OWNERS),
    "engine/breach_http.py": ("import aiohttp", OWNERS),
    "engine/breach_sql.py": ("import sqlite3", OWNERS),
    "engine/breach_dice.py": ("import random", OWNERS),
    "runtime/breach_driver.py": ("import aiosqlite", OWNERS),
    "xero/breach_vault.py": ("import cryptography", OWNERS),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Lint the `syncd` that lies in the folder, by this repository's contracts."""
    return subprocess.run(  # noqa: S603 - fixed words, no input
        [
            *(sys.executable, "-c", LINT, "--no-logo", "--no-cache"),
            *("--config", str(ROOT / "pyproject.toml")),
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))),
            "COLUMNS": "300",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def chapters(said: str) -> dict[str, str]:
    """What the linter says of each broken contract, by the contract's name."""
    found: dict[str, str] = {}
    name = ""
    for line, under in itertools.pairwise([*said.splitlines(), ""]):
        if under and set(under) == {"-"} and len(under) == len(line):
            name = line
        found[name] = found.get(name, "") + line + "\n"
    return found


@pytest.fixture(scope="module")
def breached(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the linter says of an empty house with every breach planted in it."""
    folder = tmp_path_factory.mktemp("breached")
    house = folder / "syncd"
    rooms = [room.relative_to(SRC) for room in SRC.rglob("__init__.py")]
    for room in (*rooms, Path("store/rows.py")):
        (house / room).parent.mkdir(parents=True, exist_ok=True)
        (house / room).write_text("")
    for name, (line, _) in BREACHES.items():
        (house / name).write_text(f"{line}\n")
    return chapters(lint(folder).stdout)


def test_floors_hold() -> None:
    result = lint(ROOT / "src")

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("room", BREACHES)
def test_contract_catches_its_breach(room: str, breached: dict[str, str]) -> None:
    _, contract = BREACHES[room]

    assert f".{Path(room).stem}" in breached[contract]


def test_contract_is_tried() -> None:
    """A new contract comes with the breach that shows it bites."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]

    names = {contract["name"] for contract in contracts["contracts"]}

    assert names == {contract for _, contract in BREACHES.values()}
