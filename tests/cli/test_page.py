"""docs/cli.md names every command there is."""

from __future__ import annotations

import re
from pathlib import Path

from cyclopts import App

from syncd.cli import app

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")


def commands(of: App) -> set[str]:
    return {name for name in of if not name.startswith("-")}


def test_page_lists_every_command_and_no_other() -> None:
    below = {name: commands(app[name]) for name in commands(app)}
    single = {(name,) for name, group in below.items() if not group}
    grouped = {(name, each) for name, group in below.items() for each in group}

    listed = set()
    for words in re.findall(r"^\| `syncd ([a-z\- ]+)", PAGE, flags=re.MULTILINE):
        listed.add(tuple(words.split()))
    assert listed == single | grouped
