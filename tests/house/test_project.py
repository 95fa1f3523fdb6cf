"""The project file, the pins and the commands agree with each other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.house.support.source import ROOT, name_of, rooms


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def normal(name: str) -> str:
    """A distribution's name as every tool agrees on it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


PIN = re.compile(r"^([\w.-]+)==([\w.]+)( ; .+?)?(?: \\)?$")
"""A line of a file that `make pins` makes: name, version, where it is wanted."""
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
LISTS = ("constraints.txt", "requirements.txt", "requirements-build.txt")
ELSEWHERE = ({}, {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"})


def lines_of(name: str) -> list[str]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def pins(name: str = "constraints.txt") -> dict[str, str]:
    found = (PIN.match(line) for line in lines_of(name))
    return {normal(each[1]): each[2] for each in found if each is not None}


def hashes() -> dict[str, list[str]]:
    """Digests by the pin they stand under, of what is installed by digest."""
    found: dict[str, list[str]] = {}
    for name in LISTS[1:]:
        for line in lines_of(name):
            if (pin := PIN.match(line)) is not None:
                under = found.setdefault(f"{name}: {pin[1]}", [])
            else:
                under.append(line)
    return found


def wanted_by(names: set[str]) -> set[str]:
    """These and all that they need, here or on another system, as the installed ones say."""
    found: set[str] = set()
    while names:
        name = names.pop()
        found.add(name)
        try:
            needs = [Requirement(line) for line in metadata.requires(name) or ()]
        except metadata.PackageNotFoundError:
            continue  # wanted elsewhere only
        for need in needs:
            marker = need.marker
            if marker is None or any(marker.evaluate({"extra": "", **each}) for each in ELSEWHERE):
                names |= {normal(need.name)} - found
    return found


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


@pytest.mark.parametrize("name", LISTS)
def test_line_of_pins_is_a_version_or_a_digest_and_nothing_else(name: str) -> None:
    """No address of a registry, no option, no folder: what is made must be made anywhere."""
    odd = [line for line in lines_of(name) if not PIN.match(line) and not HASH.match(line)]

    assert odd == []


def test_what_is_installed_by_digest_has_one() -> None:
    assert [pin for pin, found in hashes().items() if not found] == []


def test_lists_of_pins_agree() -> None:
    for name in LISTS[1:]:
        assert pins(name).items() <= pins().items()


def test_everything_that_runs_is_installed_by_digest() -> None:
    described = project()["project"]
    names = [*described["dependencies"], *described["optional-dependencies"]["speed"]]
    needed = wanted_by({normal(re.split(r"[<>=\[;~! ]", line)[0]) for line in names})

    assert needed - pins("requirements.txt").keys() - {"colorama"} == set()


def test_nothing_is_pinned_that_nothing_needs() -> None:
    assert pins().keys() - wanted_by(required()) - {"tomlkit", "trove-classifiers"} == set()


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
    version = project()["project"]["version"]

    said = [room for room in rooms() if version in room.read_text("utf-8")]

    assert said == []


def test_changelog_has_its_releases_newest_first_and_none_beyond_the_version() -> None:
    """The version is that of the newest release until the first change after it is released."""
    titles = [
        line.removeprefix("## ").split(", ")
        for line in (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()
        if line.startswith("## ")
    ]
    releases = [(Version(version), date.fromisoformat(day)) for version, day in titles]

    assert releases, "nothing was ever released"
    assert releases == sorted(releases, reverse=True)
    assert releases[0][0] <= Version(project()["project"]["version"])


def test_rooms_the_makefile_mutates_stand() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (line,) = re.findall(r"\.ci/mutation \$\(or \$\(ARGS\),(.+)\)$", makefile, re.MULTILINE)

    assert [room for room in line.split() if not (ROOT / f"src/syncd/{room}.py").is_file()] == []
