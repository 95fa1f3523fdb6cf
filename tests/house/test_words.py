"""Nothing in the repository points at one machine, one registry or one person's workplace."""

from __future__ import annotations

from functools import cache

import pytest

from tests.house.support.source import ROOT, name_of, tracked_files

# Put together here, so that this room does not find itself.
PLACES = (
    "/" + "work/",
    "/" + "farm/",
    "bash_" + "jobs",
    "site-" + "packages",
    "/" + "home/",
    "/" + "Users/",
)
REGISTRIES = (
    "pypi" + ".org",
    "python" + "hosted",
    "registry." + "npmjs",
    "proxy." + "golang",
    "crates" + ".io",
    "index-" + "url",
)
LEFTOVERS = ("<<<<" + "<<<", ">>>>" + ">>>", "TO" + "DO", "FIX" + "ME", "X" + "XX ")


@cache
def texts() -> list[tuple[str, str]]:
    """Every text that the repository holds, read once."""
    found = []
    for path in tracked_files():
        raw = path.read_bytes()
        if b"\0" not in raw[:8192]:
            found.append((name_of(path), raw.decode("utf-8")))
    return found


@pytest.mark.parametrize("word", [*PLACES, *REGISTRIES, *LEFTOVERS])
def test_file_never_says(word: str) -> None:
    found = [
        f"{name}:{number}"
        for name, text in texts()
        if word in text and "/vendor/" not in name
        for number, line in enumerate(text.splitlines(), start=1)
        if word in line
    ]

    assert found == []


def test_lock_file_with_addresses_is_not_kept() -> None:
    kept = [name_of(path) for path in tracked_files() if path.name in {"uv.lock", "pylock.toml"}]

    assert kept == []


def test_file_ends_with_one_line_end() -> None:
    untidy = [
        name
        for name, text in texts()
        if text and "/vendor/" not in name and (not text.endswith("\n") or text.endswith("\n\n"))
    ]

    assert untidy == []


def test_tree_stands_where_the_tests_think() -> None:
    assert (ROOT / "pyproject.toml").is_file()
    assert len(texts()) > 1
