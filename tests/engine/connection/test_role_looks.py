"""A refused role is looked at in time, and ever more rarely where a look only ends in a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from syncd.domain.rules.tenant import connection
from syncd.engine.connection.role_looks import ROLE_NOTE, RoleLooks
from tests.engine.support.connecting import ACME, BETA
from tests.xero.support.worlds import passes, virtually


def played(story: Callable[[RoleLooks], Any]) -> None:
    async def main() -> None:
        await story(RoleLooks())

    virtually(main)


def test_refused_role_is_looked_at_every_five_minutes_for_as_long_as_it_is() -> None:
    async def story(looks: RoleLooks) -> None:
        assert looks.delay_s(ACME) == 0, "after a start"
        assert looks.refused(ACME) == ROLE_NOTE
        for _ in range(20):
            assert looks.delay_s(ACME) == connection.ROLE_LOOK_S
            await passes(looks.delay_s(ACME))
            looks.asked(ACME)

    played(story)


def test_role_refused_again_each_time_it_is_said_to_be_back_is_looked_at_ever_more_rarely() -> None:
    async def story(looks: RoleLooks) -> None:
        looks.refused(ACME)
        delays = []
        for _ in range(8):
            await passes(looks.delay_s(ACME))
            looks.asked(ACME)
            looks.permitted(ACME)
            await passes(5)
            note = looks.refused(ACME)
            delays.append(looks.delay_s(ACME))

        assert delays == [600, 1200, 2400, 4800, 9600, 14_400, 14_400, 14_400]
        assert "refused again" in note
        assert "within 4 h" in note
        assert looks.delay_s(BETA) == 0

    played(story)


def test_role_that_was_good_for_long_is_refused_as_for_the_first_time() -> None:
    async def story(looks: RoleLooks) -> None:
        looks.refused(ACME)
        looks.permitted(ACME)
        looks.refused(ACME)
        looks.permitted(ACME)
        await passes(600)

        assert looks.refused(ACME) == ROLE_NOTE
        assert looks.delay_s(ACME) == connection.ROLE_LOOK_S

    played(story)
