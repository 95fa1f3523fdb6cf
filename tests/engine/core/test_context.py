"""What the program fails at for one tenant is told and ends there; what is everybody's does not."""

from __future__ import annotations

import pytest

from syncd.domain.errors import NotServed, StoreError, SyncdError
from syncd.domain.facts import ServiceFailed
from tests.engine.support.rounds import Rounds, play


@pytest.mark.parametrize(
    ("error", "told"), [(ValueError("odd"), ["beat:demo"]), (NotServed("removed"), [])]
)
def test_one_tenants_error_ends_with_its_part(error: Exception, told: list[str]) -> None:
    async def story(rounds: Rounds) -> None:
        with rounds.context.alone(rounds.tenant, service="beat"):
            raise error

        failed = [one for one in rounds.told if isinstance(one, ServiceFailed)]
        assert [one.service for one in failed] == [
            each.replace("demo", rounds.tenant) for each in told
        ]
        assert all("ValueError: odd" in one.error for one in failed)

    play(story)


def test_an_error_of_the_store_is_everybodys() -> None:
    async def story(rounds: Rounds) -> None:
        def fails() -> None:
            raise StoreError("gone")

        with (
            pytest.raises(SyncdError, match="gone"),
            rounds.context.alone(rounds.tenant, service="beat"),
        ):
            fails()

    play(story)
