"""What a person can press: something for everything that waits for a person, nothing else."""

from __future__ import annotations

import pytest

from syncd.domain.model.finding import FindingKind
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.rules.journal import actions

BY_ITSELF = (Reason.RATE_LIMITED, Reason.BREAKER_OPEN)


@pytest.mark.parametrize("reason", Reason)
def test_whoever_waits_for_a_person_is_told_what_to_press(reason: Reason) -> None:
    for asked in (actions.of_invoice, actions.of_customer, actions.of_all):
        found = asked(PublicState.WAITING, reason)

        assert bool(found) == (reason not in BY_ITSELF)
        assert all((one.operation is None) != (one.place is None) for one in found)
        assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    "state",
    [PublicState.SYNCED, PublicState.PENDING, PublicState.UNCERTAIN, PublicState.VOIDED],
)
def test_where_nobody_acts_nothing_is_pressed(state: PublicState) -> None:
    assert actions.of_invoice(state, None) == ()
    assert actions.of_customer(state, None) == ()


def test_a_side_is_taken_of_one_invoice_alone() -> None:
    assert actions.TAKE_PIPELINE in actions.of_invoice(PublicState.OUT_OF_SYNC, None)
    assert actions.of_all(PublicState.OUT_OF_SYNC, None) == (actions.COMPARE,)
    assert actions.TAKE_PIPELINE not in actions.of_customer(PublicState.OUT_OF_SYNC, None)


@pytest.mark.parametrize("kind", FindingKind)
def test_every_finding_says_what_it_wants(kind: FindingKind) -> None:
    assert bool(actions.of_finding(kind)) == (kind is not FindingKind.CONTACT_KEPT)
