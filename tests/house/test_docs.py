"""The documents name what exists: files, commands, states and reason codes."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from syncd.config.options import Options
from syncd.domain.model.job import JobState, PublicState, Reason
from syncd.lab.days.mutants import MUTANTS
from tests.house.support.configuration_page import keys
from tests.house.support.pages import drawn
from tests.house.support.source import ROOT, SRC, name_of, tracked_files, tree_of

DOCUMENTS = tuple(path for path in tracked_files() if path.suffix == ".md")
FLOORS = "|".join(sorted(folder.name for folder in SRC.iterdir() if folder.name[0].isalpha()))
ROOM = re.compile(rf"`(?:src/syncd/)?((?:{FLOORS}|tests)[./][\w./-]+)(?::([\w.]+))?`")
"""A folder or room in backticks, by slashes or dots; after a colon, what is defined in it."""
KEYS = {name for name, _ in keys(Options)}
"""Of the configuration: two of its sections are called as floors are."""
KINDS = {
    each["directory"]
    for each in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["towncrier"][
        "type"
    ]
}
"""What a fragment may be; a section of the changelog has a heading for each."""


def slug(heading: str) -> str:
    """A heading's anchor, as the usual renderers make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(document: Path) -> set[str]:
    text = document.read_text("utf-8")
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)}


def first_column(document: str, heading: str) -> list[str]:
    """The words in backticks in the first column of the table under a heading, in order."""
    text = (ROOT / document).read_text("utf-8")
    chapter = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in chapter.splitlines() if line.startswith("| `")]
    return [word for row in rows for word in re.findall(r"`(\w+)`", row.split("|")[1])]


def second_column(document: str, heading: str) -> set[str]:
    text = (ROOT / document).read_text("utf-8")
    chapter = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in chapter.splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row.split("|")[2])}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_link_leads_somewhere(document: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = (document.parent / path).resolve() if path else document
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)

    assert broken == []


@cache
def defined_in(room: Path) -> frozenset[str]:
    """The names at a room's top level, and `Class.member` of its classes."""

    def names(body: list[ast.stmt]) -> set[str]:
        found = set()
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    found.add(node.name)
                case (
                    ast.Assign(targets=[ast.Name(id=name)])
                    | ast.AnnAssign(target=ast.Name(id=name))
                ):
                    found.add(name)
        return found

    body = tree_of(room).body
    inner = {
        f"{of.name}.{each}"
        for of in body
        if isinstance(of, ast.ClassDef)
        for each in names(of.body)
    }
    return frozenset(names(body) | inner)


def exists(name: str, symbol: str) -> bool:
    """Whether a path, or a dotted name whose last words may be a symbol, is what it says."""
    top = ROOT if name.startswith("tests") or (ROOT / name).exists() else SRC
    if name in KEYS:
        return True
    if "/" in name:
        there = top / name
        there = there if there.exists() else there.with_name(f"{there.name}.py")
        return there.exists() and (not symbol or symbol in defined_in(there))
    words = name.split(".")
    for length in range(len(words), 0, -1):
        room, rest = top.joinpath(*words[:length]), ".".join(words[length:])
        if room.is_dir() and not rest:
            return True
        if (file := room.with_name(f"{room.name}.py")).is_file():
            return not rest or rest in defined_in(file)
    return False


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_room_that_a_document_names_exists(document: Path) -> None:
    named = ROOM.findall(document.read_text("utf-8"))

    assert [f"{name}:{symbol}" for name, symbol in named if not exists(name, symbol)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_document_has_one_title(document: Path) -> None:
    """A fragment in changes/ has none: it becomes an entry."""
    prose = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^# ", prose, flags=re.MULTILINE)

    is_fragment = document.parent.name == "changes" and document.name != "README.md"
    assert len(titles) == (0 if is_fragment else 1)


def test_states_page_names_every_reason_in_order() -> None:
    assert first_column("docs/states.md", "Reason codes") == [reason.value for reason in Reason]


def test_states_page_names_every_job_state() -> None:
    assert first_column("docs/states.md", "A job in the queue") == [
        state.value for state in JobState
    ]


def test_states_page_names_every_public_state() -> None:
    assert second_column("docs/states.md", "What people see") == {
        state.value for state in PublicState
    }


def test_errors_page_says_what_to_do_about_every_error() -> None:
    assert first_column("docs/errors.md", "What a person does") == [name for _, name in drawn()]


def test_simulation_page_lists_every_planted_bug_with_its_sentence() -> None:
    text = (ROOT / "docs" / "simulation.md").read_text("utf-8")
    listed = dict(
        re.findall(r"^\| `([a-z-]+)` \| (.+?) \|", text.split("\n## Mutants\n")[1], re.MULTILINE)
    )

    assert listed == {name: plant.__doc__[:-1] for name, plant in MUTANTS.items() if plant.__doc__}


def test_glossary_gives_one_word_one_meaning() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    words = [
        word.strip()
        for entry in re.findall(r"^\| \*\*(.+?)\*\* \|", text, flags=re.MULTILINE)
        for word in re.split(r" / |, ", entry)
    ]

    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_fragment_has_a_known_kind() -> None:
    odd = [
        path.name
        for path in (ROOT / "changes").glob("*.md")
        if path.name != "README.md"
        and path.name.split(".")[1:] not in [[kind, "md"] for kind in KINDS]
    ]

    assert odd == []


def test_page_of_fragments_lists_every_kind() -> None:
    text = (ROOT / "changes" / "README.md").read_text("utf-8")

    assert {*re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)} == KINDS
