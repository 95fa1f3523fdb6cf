"""A reason code stands everywhere it must; `docs/extending.md` has the list.

The page of states and the tests of every hold ask the same of their own tables.
"""

from __future__ import annotations

from collections.abc import Collection

import pytest

from syncd.domain.model.job import Reason
from syncd.domain.rules.journal import explanation
from syncd.domain.rules.queue import holds
from syncd.lab.judges import at_rest
from syncd.sandbox.pipeline import shapes


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        (holds._RELEASERS, {None, *Reason}),
        (explanation._BY_REASON, {*Reason}),
        (at_rest._REASONS, {"out_of_sync", *map(str, Reason)}),
        (shapes._REASON_CODES, {*map(str, Reason)}),
    ],
    ids=["what releases it", "what a person can do", "its judge", "Pipeline's contract"],
)
def test_table_has_every_reason(table: Collection[object], wanted: set[object]) -> None:
    assert {*table} == wanted
