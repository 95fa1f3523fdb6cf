"""Field by field after a backup was put back: what travelled is agreed, what people did is shown.

Beside `test_decision_by_field`: the same fields, whose list the code has the last word on.
"""

from __future__ import annotations

import pytest

from syncd.domain.model.snapshot import (
    HEADER_FIELDS,
    LINE_FIELDS,
    PUBLIC_LINE_NAMES,
    PUBLIC_NAMES,
)
from tests.engine.support.deciding import shown, take
from tests.engine.support.fields import FIELDS, MONEY, Field, agreed
from tests.engine.support.restored import at_work, backed_up, played, put_back
from tests.engine.support.rounds import Rounds

each_field = pytest.mark.parametrize("field", FIELDS, ids=str)


@each_field
def test_what_travelled_after_the_backup_is_agreed_without_a_write(field: Field) -> None:
    async def story(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        backup = await backed_up(rounds)
        field.pipeline(stage, "A")
        await rounds.turn()
        before, writes = stage.document(), stage.writes

        await put_back(rounds, backup)
        await at_work(rounds)

        assert rounds.result(stage.invoice)["state"] == "synced"
        assert (stage.document(), stage.writes) == (before, writes)

    played(story)


@each_field
def test_what_xero_moved_after_the_backup_is_shown_and_never_written_over(field: Field) -> None:
    async def story(rounds: Rounds) -> None:
        stage = await agreed(rounds)
        backup = await backed_up(rounds)
        field.xero(stage, "B")
        before, writes = stage.document(), stage.writes

        await put_back(rounds, backup)
        await at_work(rounds)

        now = await shown(rounds, stage.invoice)
        assert now.state == "out_of_sync"
        assert field.name in now.moved or field.name.partition(".")[0] in now.moved
        assert (stage.document(), stage.writes) == (before, writes)
        assert (await take(rounds, stage.invoice, "xero")).state == "synced"
        assert stage.document() == before

    played(story)


@each_field
def test_a_document_of_the_lost_hours_that_xero_moved_is_adopted_and_shown(field: Field) -> None:
    async def story(rounds: Rounds) -> None:
        backup = await backed_up(rounds)
        stage = await agreed(rounds)
        field.xero(stage, "B")
        before, writes = stage.document(), stage.writes

        await put_back(rounds, backup)
        await at_work(rounds)

        now = await shown(rounds, stage.invoice)
        assert now.state == "out_of_sync", now
        assert field.name in now.moved or field.name.partition(".")[0] in now.moved
        assert (stage.document(), stage.writes) == (before, writes)

    played(story)


def test_every_compared_field_has_a_row() -> None:
    compared = {PUBLIC_NAMES[name] for name in HEADER_FIELDS} - {*MONEY}
    lines = {f"lines[0].{PUBLIC_LINE_NAMES[name]}" for name in LINE_FIELDS}

    assert compared | lines == {each.name for each in FIELDS} - {"lines[2].description"}
    assert {*MONEY} <= {name for each in FIELDS for name in each.follows}
