"""A job as a page shows it: nothing of one that ended well, a sentence of every other."""

from __future__ import annotations

from itertools import product

import pytest

from syncd.domain.model.long_work import WorkKind, WorkState
from syncd.engine.long_work.runner import Work, WorkProgress
from syncd.store.long_works import WorkRow
from syncd.web.console.books import jobs
from tests.store.build import AT


def _work(kind: WorkKind, state: WorkState, progress: WorkProgress | None = None) -> Work:
    row = WorkRow(
        id=1, kind=kind, state=state, asked_by="Ada", began_at=AT, ended_at=None,
        result=None, text="Press `syncd plan`. Xero is away.",
    )  # fmt: skip
    return Work(row=row, progress=progress)


@pytest.mark.parametrize(("kind", "state"), list(product(WorkKind, WorkState)))
def test_every_kind_has_its_sentence_in_every_state(kind: WorkKind, state: WorkState) -> None:
    shown = jobs.shown(_work(kind, state))

    assert (shown is None) is (state is WorkState.DONE)
    if shown is not None:
        assert shown.opening.look.word.endswith(".")
        assert "`" not in shown.opening.text
        assert not shown.is_running


@pytest.mark.parametrize("kind", WorkKind)
def test_what_is_under_way_shows_its_figures(kind: WorkKind) -> None:
    progress = WorkProgress(text="Reading.", done=3, total=9, calls=4)

    shown = jobs.shown(_work(kind, WorkState.RUNNING, progress))

    assert shown is not None
    assert shown.is_running
    assert (shown.done, shown.total, shown.calls) == (3, 9, 4)
    assert shown.opening.text == "Reading."
