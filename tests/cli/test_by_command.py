"""What can be pressed has a command, quoted as a shell takes it."""

from __future__ import annotations

import shlex

from syncd.cli import by_command
from syncd.web.api.overview.actions import ROLES
from tests.cli.understood import complaint


def test_every_operation_has_its_command() -> None:
    for operation in ROLES:
        found = by_command.of([{"operation": operation}], "acme", "INV-1")

        assert found
        assert [each for each in map(complaint, found) if each] == []


def test_a_command_is_given_once_and_what_is_done_elsewhere_has_none() -> None:
    asked = [{"operation": "resolveInvoice"}, {"operation": None}, {"operation": "resolveInvoice"}]

    found = by_command.of(asked, "acme", "INV 1; rm")

    assert len(found) == 2
    assert shlex.split(found[0])[3] == "INV 1; rm"
