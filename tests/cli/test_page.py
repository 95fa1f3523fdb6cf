"""docs/cli.md names every command there is, and no document names another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from syncd.cli.program import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("changes/*.md")])


def commands(of: App) -> set[str]:
    return {name for name in of if not name.startswith("-")}


def named(text: str) -> Iterator[str]:
    """Whatever is typed after `syncd`, in backticks or on a line of a block of commands."""
    yield from re.findall(r"`syncd ([^`]+)`", text)
    yield from re.findall(r"^(?:    |\$ )+syncd ([a-z].*)$", text, flags=re.MULTILINE)
    for block in re.findall(r"^```\w*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        yield from re.findall(r"^syncd ([a-z].*)$", block, flags=re.MULTILINE)


def unknown_in(typed: str) -> str | None:
    """The first word of a command, or option of it, that does not exist."""
    words = typed.replace("/", " ").split()
    at = app
    while words and commands(at) and re.fullmatch(r"[a-z-]+", words[0]):
        if words[0] not in commands(at):
            return words[0]
        at = at[words.pop(0)]
    is_group = bool(commands(at))
    arguments = () if is_group else at.assemble_argument_collection()
    options = {name for each in arguments for name in each.names}
    return next(
        (
            word
            for word in re.findall(r"(?<!\S)--[a-z-]+", " ".join(words))
            if word not in options | {"--help", "--version"}
        ),
        None,
    )


def test_page_lists_every_command_and_no_other() -> None:
    below = {name: commands(app[name]) for name in commands(app)}
    single = {(name,) for name, group in below.items() if not group}
    grouped = {(name, each) for name, group in below.items() for each in group}

    listed = set()
    for words in re.findall(r"^\| `syncd ([a-z\- ]+)", PAGE, flags=re.MULTILINE):
        listed.add(tuple(words.split()))
    assert listed == single | grouped


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_command_that_a_document_names_exists(document: Path) -> None:
    typed = {*named(document.read_text("utf-8"))}

    assert {each: word for each in typed if (word := unknown_in(each)) is not None} == {}
