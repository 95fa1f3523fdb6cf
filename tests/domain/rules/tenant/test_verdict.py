"""How a tenant stands: the first of a fixed order that holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.model.settings import Mode
from syncd.domain.model.trouble import Trouble, TroubleKind
from syncd.domain.rules.tenant import verdict
from syncd.domain.rules.tenant.verdict import Standing, TenantVerdictKind

ORDER = list(TenantVerdictKind)


def trouble(kind: TroubleKind) -> Trouble:
    return Trouble(kind=kind, text=f"{kind}.")


def alone(kind: TroubleKind) -> TenantVerdictKind:
    return verdict.of(Standing(troubles=(trouble(kind),), queued=1)).kind


@pytest.mark.parametrize("kind", TroubleKind)
def test_every_trouble_makes_a_verdict_of_its_own(kind: TroubleKind) -> None:
    found = verdict.of(Standing(troubles=(trouble(kind),), queued=1))

    assert found.trouble is not None
    assert found.trouble.kind is kind
    assert ORDER.index(found.kind) < ORDER.index(TenantVerdictKind.NEEDS_PERSON)


@given(st.lists(st.sampled_from(list(TroubleKind)), min_size=1), st.integers(0, 3))
def test_the_verdict_is_the_first_of_the_order_whatever_else_is_wrong(
    kinds: list[TroubleKind], needs: int
) -> None:
    standing = Standing(troubles=[trouble(kind) for kind in kinds], queued=1, needs=needs)

    found = verdict.of(standing)

    assert found.kind == min((alone(kind) for kind in kinds), key=ORDER.index)


def test_spent_calls_are_no_standstill_while_nothing_is_queued() -> None:
    spent = (trouble(TroubleKind.DAY_SPENT),)

    assert verdict.of(Standing(troubles=spent)).kind is TenantVerdictKind.WORKING
    assert verdict.of(Standing(troubles=spent, queued=1)).kind is TenantVerdictKind.STANDS_STILL


@pytest.mark.parametrize(
    ("needs", "mode", "kind"),
    [
        (0, Mode.LIVE, TenantVerdictKind.WORKING),
        (0, Mode.OBSERVE, TenantVerdictKind.OBSERVES),
        (1, Mode.LIVE, TenantVerdictKind.NEEDS_PERSON),
        (1, Mode.OBSERVE, TenantVerdictKind.NEEDS_PERSON),
    ],
)
def test_without_trouble_people_come_before_the_mode(
    needs: int, mode: Mode, kind: TenantVerdictKind
) -> None:
    assert verdict.of(Standing(needs=needs, mode=mode)).kind is kind
