"""The list of banned names sees through aliases, and stops at the doors of the real machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

import pytest

from tests.house.support.source import ROOT

ESCAPES = (
    "import time as t; t.time()",
    "from time import monotonic; monotonic()",
    "import datetime as dt; dt.datetime.now(dt.UTC)",
    "from datetime import datetime; datetime.now(tz=None)",
    "from datetime import date; date.today()",
    "import random; random.random()",
    "from random import choice as pick; pick([1])",
    "import secrets",
    "from secrets import token_hex",
    "from uuid import uuid4; uuid4()",
    "import os; os.environ['HOME']",
    "from os import environ",
    "import asyncio as aio; aio.create_task(work())",
    "import asyncio; asyncio.wait([])",
    "import asyncio; asyncio.sleep(1)",
    "from asyncio import shield",
    "import anyio; anyio.to_thread.run_sync(work)",
    "from anyio import to_thread",
    "import threading",
    "import socket",
    "from concurrent.futures import ThreadPoolExecutor",
)
ALLOWED = (
    "import anyio; anyio.sleep(1)",
    "import random; random.Random(7).random()",
    "import datetime as dt; dt.datetime.fromtimestamp(0, dt.UTC)",
    "from uuid import UUID; UUID(int=1)",
)


def banned(room: str, lines: Iterable[str]) -> list[int]:
    """Which of the lines (from 1) the list refuses in that room, in order."""
    result = subprocess.run(  # noqa: S603 - fixed words, no input
        [
            *(sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251"),
            *("--output-format", "json", "--stdin-filename", str(ROOT / room), "-"),
        ],
        input="".join(f"{line}\n" for line in lines),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return sorted({finding["location"]["row"] for finding in json.loads(result.stdout)})


@pytest.mark.parametrize("room", ["src/syncd/engine/room.py", "src/syncd/sandbox/room.py"])
def test_banned_name_is_seen_through_every_alias(room: str) -> None:
    assert banned(room, ESCAPES) == list(range(1, len(ESCAPES) + 1))


def test_banned_list_lets_the_seeded_and_the_virtual_through() -> None:
    assert banned("src/syncd/sandbox/room.py", ALLOWED) == []


@pytest.mark.parametrize(
    "floor", ["runtime/room.py", "config/room.py", "lab/room.py", "cli/room.py"]
)
def test_banned_names_are_open_to_the_real_machine(floor: str) -> None:
    assert banned(f"src/syncd/{floor}", ESCAPES) == []
