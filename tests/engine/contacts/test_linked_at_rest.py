"""Whatever people do on both sides, in whatever order, both show the same once it is quiet."""

from __future__ import annotations

from random import Random

import pytest

from tests.engine.support.contact_stories import (
    announced,
    contact,
    edit_in_pipeline,
    edit_in_xero,
    shown,
)
from tests.engine.support.rounds import Rounds, play

NAMES = {"email": "EmailAddress", "lastName": "LastName", "name": "Name"}
VALUES = {
    "email": ("a@b.test", "b@b.test", "c@b.test"),
    "lastName": ("Ash", "Birch", "Cedar"),
    "name": ("Harbour Build", "Harbour Group", "Harbour Holding"),
}
FAULTS = ("drop_after_commit", "drop_before_commit")
STEPS = 25


async def step(rounds: Rounds, customer: str, rng: Random) -> None:
    """Something a person, the net or time does."""
    field = rng.choice(list(NAMES))
    value = rng.choice(VALUES[field])
    match rng.randrange(6):
        case 0 | 1:
            edit_in_pipeline(rounds, customer, **{field: value})
        case 2 | 3:
            edit_in_xero(rounds, customer, **{NAMES[field]: value})
        case 4:
            await announced(rounds, customer)
        case _:
            match = {"method": "POST", "path": "/Contacts"}
            rounds.fault(match=match, do=rng.choice(FAULTS), times=1)
    if rng.random() < 0.3:
        await rounds._work()
    if rng.random() < 0.3:
        await rounds._tell()
    if rng.random() < 0.3:
        await rounds.after(rng.choice((1, 30)))


@pytest.mark.parametrize("seed", range(5))
def test_both_sides_agree_at_rest(seed: int) -> None:
    async def story(rounds: Rounds) -> None:
        rng = Random(seed)  # noqa: S311  (seeded on purpose)
        customer = rounds.customer(email="a@b.test", lastName="Ash")
        await rounds.turn()
        for _ in range(STEPS):
            await step(rounds, customer, rng)
        await rounds.after(600, step_s=60)
        await announced(rounds, customer)

        one, other = shown(rounds, customer), contact(rounds, customer)
        assert {field: one[field] for field in NAMES} == {
            field: other[name] for field, name in NAMES.items()
        }
        writes = rounds.calls("POST Contacts")
        await announced(rounds, customer)
        assert rounds.calls("POST Contacts") == writes

    play(story)
