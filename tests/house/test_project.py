"""The project file, the pins and the commands agree with each other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.house.source import ROOT, name_of, rooms


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def normal(name: str) -> str:
    """A distribution's name as every tool agrees on it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    rows = [line for line in lines if line and not line.startswith("#")]
    return {normal(name): version for name, _, version in (row.partition("==") for row in rows)}


def required() -> set[str]:
    described = project()["project"]
    lists = [described["dependencies"], *described["optional-dependencies"].values()]
    lists.append(project()["build-system"]["requires"])
    return {normal(re.split(r"[<>=\[;~! ]", line)[0]) for lines in lists for line in lines}


def targets() -> set[str]:
    text = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", text, flags=re.MULTILINE))


def test_library_is_pinned() -> None:
    assert required() - pins().keys() == set()


def test_pin_is_a_version_and_nothing_else() -> None:
    odd = {name: at for name, at in pins().items() if not re.fullmatch(r"\d+(\.\w+)*", at)}

    assert odd == {}


def reason_in(line: str) -> str | None:
    """Why the line switches a rule off; "" for no reason, None where it switches nothing off."""
    found = re.search(
        r"#\s*(?:noqa|type:\s*ignore)\b(:\s*[A-Z]+\d+[A-Z\d, ]*|\[[^\]]*\])?(.*)", line
    )
    return found[2].strip(" -#(),.") if found else None


def test_lint_exception_has_a_reason() -> None:
    """Every `noqa` and `type: ignore` says why on its own line."""
    silent = [
        f"{name_of(path)}:{number}"
        for path in (*rooms(), *sorted((ROOT / "tests").rglob("*.py")))
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if reason_in(line) == ""
    ]

    assert silent == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x = 1", None),
        ("x = 1  # noqa: S105", ""),
        ("x = 1  # type: ignore[arg-type]", ""),
        ("x = 1  # noqa", ""),
        ("x = 1  # noqa: S105, F401 - a public name", "a public name"),
        ("x = 1  # noqa: S105  (a public name)", "a public name"),
        ("x = 1  # type: ignore[misc]  # untyped library", "untyped library"),
    ],
)
def test_reason_is_what_follows_the_rule(line: str, reason: str | None) -> None:
    assert reason_in(line) == reason


def test_ignored_rule_has_a_reason() -> None:
    """In pyproject.toml, a rule is switched off only with a comment that says why."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (ignored,) = re.findall(r"^ignore = \[\n(.*?)^\]$", text, flags=re.DOTALL | re.MULTILINE)

    assert [line for line in ignored.splitlines() if "#" not in line] == []


def test_command_of_the_readme_exists() -> None:
    named = set()
    for document in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        named |= set(re.findall(r"`make ([a-z][a-z-]*)", document.read_text("utf-8")))

    assert named - targets() == set()


def test_ci_runs_the_readme_s_test_command() -> None:
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text("utf-8")
    assert "make test" in (ROOT / "README.md").read_text("utf-8")


def test_pythons_are_listed_once_a_minor_version_oldest_first() -> None:
    """What `make test-pythons` and CI go by; whoever runs this test is on the list."""
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": "/nowhere"}

    told = subprocess.run(  # noqa: S603 - our own script
        [ROOT / ".ci" / "pythons"], env=environment, capture_output=True, text=True, check=True
    )

    minors = [tuple(map(int, line.split()[0].split("."))) for line in told.stdout.splitlines()]
    assert sys.version_info[:2] in minors
    assert minors == sorted(set(minors))
    assert minors[0] >= (3, 11)


def test_version_is_said_once() -> None:
    said = [room for room in rooms() if project()["project"]["version"] in room.read_text("utf-8")]

    assert said == []
