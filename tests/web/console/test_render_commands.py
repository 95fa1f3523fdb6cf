"""The fold "The same by command" shows what a shell and syncd take as it stands."""

from __future__ import annotations

import re
import shlex
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.settings import Mode
from syncd.web.console import render
from tests.cli.understood import complaint
from tests.web.console.test_render import source_of

FOLD = re.compile(r"\{\{ same\((.+)\) \}\}")
SETS = re.compile(r"\{% set named = (.+?) %\}")
HOSTILE = "INV 1; rm $HOME"


def shown_by(name: str, **known: Any) -> list[str]:
    """The commands in a template's fold."""
    source = source_of(name)
    for line in SETS.findall(source):
        known["named"] = render.environment().compile_expression(line)(**known)
    found: list[str] = []
    for line in FOLD.findall(source):
        found += render.environment().compile_expression(line)(**known)
    return found


FOLDED = [name for name in render.environment().list_templates() if FOLD.search(source_of(name))]


@pytest.mark.parametrize("name", FOLDED)
@pytest.mark.parametrize("is_full", [True, False])
def test_every_command_of_a_page_is_understood(name: str, *, is_full: bool) -> None:
    shown = shown_by(
        name,
        v=SimpleNamespace(tenant="acme"),
        at=SimpleNamespace(tenant="acme"),
        other=Mode.LIVE if is_full else Mode.OBSERVE,
        row=SimpleNamespace(label=HOSTILE if is_full else "", key="key-1"),
        takes=is_full,
        wanted=SimpleNamespace(
            state=PublicState.WAITING if is_full else None,
            reason=Reason.NUMBER_TAKEN if is_full else None,
        ),
    )

    assert shown
    assert [each for each in map(complaint, shown) if each] == []


def test_a_number_is_one_word_to_a_shell() -> None:
    shown = shown_by(
        "invoice.html",
        v=SimpleNamespace(tenant="acme"),
        row=SimpleNamespace(label=HOSTILE, key="key-1"),
        takes=True,
    )

    assert all(HOSTILE in shlex.split(command) for command in shown)
