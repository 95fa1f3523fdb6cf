"""The laws of policy: it holds or turns what would follow, and makes nothing of its own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from syncd.domain.model.job import Reason
from syncd.domain.model.settings import Mode, XeroEdits
from syncd.domain.rules.decide import policy
from syncd.domain.rules.decide.situation import Verdict, VerdictKind
from tests.domain import builders

KINDS = list(VerdictKind)


def verdict(kind: VerdictKind) -> Verdict:
    return Verdict(row=14, kind=kind, text="Something follows.")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("edits", list(XeroEdits))
def test_observing_tenant_writes_and_decides_nothing(kind: VerdictKind, edits: XeroEdits) -> None:
    observing = builders.policy(mode=Mode.OBSERVE, xero_edits=edits)

    admitted = policy.admit(verdict(kind), observing)

    assert admitted.kind not in policy.DECIDES
    if admitted.kind is VerdictKind.HOLD and kind is not VerdictKind.HOLD:
        assert admitted.reason is Reason.OBSERVING
        assert admitted.row == 14


@pytest.mark.parametrize("kind", [each for each in KINDS if each is not VerdictKind.XERO_MOVED])
def test_live_tenant_changes_no_verdict_but_of_edits_in_xero(kind: VerdictKind) -> None:
    live = builders.policy(mode=Mode.LIVE, xero_edits=XeroEdits.MIRROR)

    assert policy.admit(verdict(kind), live) == verdict(kind)


@pytest.mark.parametrize(
    ("edits", "kind"),
    [
        (XeroEdits.HOLD, VerdictKind.OUT_OF_SYNC),
        (XeroEdits.ACCEPT, VerdictKind.ACCEPT),
        (XeroEdits.MIRROR, VerdictKind.MIRROR),
    ],
)
def test_edit_in_xero_is_turned_as_the_tenant_chose(edits: XeroEdits, kind: VerdictKind) -> None:
    live = builders.policy(mode=Mode.LIVE, xero_edits=edits)

    assert policy.admit(verdict(VerdictKind.XERO_MOVED), live).kind is kind


def test_scope_begins_with_the_start_date_and_holds_what_is_linked() -> None:
    start = date(2026, 11, 2)
    chosen = builders.policy(start_on=start)
    early = builders.invoice(invoice_on=start - timedelta(days=1))
    on_the_day = builders.invoice(invoice_on=start)

    assert not policy.in_scope(early, chosen, linked=False)
    assert policy.in_scope(early, chosen, linked=True)
    assert policy.in_scope(on_the_day, chosen, linked=False)
    assert policy.in_scope(early, builders.policy(start_on=None), linked=False)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_dated_before_the_start_is_created_and_what_stands_is_kept(
    kind: VerdictKind,
) -> None:
    chosen = builders.policy(start_on=date(2026, 11, 2))
    early = builders.invoice(invoice_on=date(2026, 11, 1))
    on_the_day = builders.invoice(invoice_on=date(2026, 11, 2))

    left = policy.left_alone(verdict(kind), early, chosen)

    if kind is VerdictKind.CREATE:
        assert (left.kind, left.reason) == (VerdictKind.HOLD, Reason.OBSERVING)
        assert left.text.startswith(
            "It is dated 2026-11-01, before the tenant's start_date 2026-11-02: it is left alone"
        )
    else:
        assert left == verdict(kind)
    assert policy.left_alone(verdict(kind), on_the_day, chosen) == verdict(kind)
    assert policy.left_alone(verdict(kind), None, chosen) == verdict(kind)
