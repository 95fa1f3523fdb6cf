"""Every library has an owner or a reason to be everybody's, and the owners' table can be read."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.house.support.owners import parse_row, stands_in
from tests.house.support.source import ROOT, SRC

# Libraries that belong to every floor that needs them, and why.
EVERYBODYS = {
    "anyio": "task groups and time limits are how the whole house waits",
    "msgspec": "each wire, row and API room reads its own JSON, exactly",
    "tzdata": "data, never imported",
}


def project() -> dict[str, object]:
    loaded: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return loaded


def owners() -> dict[str, tuple[str, ...]]:
    contracts = project()["tool"]["importlinter"]["contracts"]  # type: ignore[index] # plain TOML
    (table,) = [contract for contract in contracts if contract["type"] == "owners"]
    rows = [parse_row(row) for row in table["owners"]]
    assert len({name for name, _ in rows}) == len(rows), "a name stands twice in the table"
    return dict(rows)


def run_time_libraries() -> set[str]:
    """Distribution names the daemon installs, as pyproject.toml spells them."""
    described = project()["project"]
    required = [*described["dependencies"]]  # type: ignore[index] # plain TOML
    for extra, wanted in described["optional-dependencies"].items():  # type: ignore[index] # plain TOML
        required += wanted if extra not in ("dev", "browser") else []
    return {re.split(r"[<>=\[;~! ]", line, maxsplit=1)[0] for line in required}


def test_library_has_an_owner_or_is_argued_free() -> None:
    modules: dict[str, set[str]] = {}
    for module, distributions in packages_distributions().items():
        for distribution in distributions:
            modules.setdefault(distribution.lower().replace("_", "-"), set()).add(module)

    unowned = {
        library
        for library in run_time_libraries() - EVERYBODYS.keys()
        if not modules.get(library.lower(), {library.replace("-", "_")}) & owners().keys()
    }

    assert unowned == set()


def test_owner_is_a_room_of_the_house() -> None:
    """A misspelt owner would leave the door open to nobody, or after a rename to anybody."""
    missing = {
        room
        for rooms in owners().values()
        for room in rooms
        if not (path := SRC.joinpath(*room.split(".")[1:])).is_dir()
        and not path.with_suffix(".py").is_file()
    }

    assert missing == set()


@pytest.mark.parametrize("row", ["aiohttp", "aiohttp <-", "<- syncd.web", ""])
def test_owner_row_without_owner_is_refused(row: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_row(row)


def test_owner_row_names_library_and_rooms() -> None:
    assert parse_row("rich <- syncd.cli, syncd.lab.demo.story") == (
        "rich",
        ("syncd.cli", "syncd.lab.demo.story"),
    )


@pytest.mark.parametrize(
    ("module", "package", "inside"),
    [
        ("syncd.web", "syncd.web", True),
        ("syncd.web.api.application", "syncd.web", True),
        ("syncd.website", "syncd.web", False),
    ],
)
def test_package_ends_at_its_dot(module: str, package: str, inside: bool) -> None:
    assert stands_in(module, package) is inside
