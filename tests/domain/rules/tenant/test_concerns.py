"""Of all that is wrong with a tenant, what only a person can mend is a concern, one of a kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import TenantId
from syncd.domain.model.concern import Concern, ConcernKind
from syncd.domain.model.trouble import Trouble, TroubleKind
from syncd.domain.rules.tenant import concerns
from syncd.domain.rules.tenant.concerns import TenantStanding

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


def standing(*troubles: TroubleKind, **more: Any) -> TenantStanding:
    fields: dict[str, Any] = {
        "refresh_expires_at": NOW + timedelta(days=59),
        "out_of_sync": 0,
        "withheld": 0,
        "findings": 0,
        "webhooks_missed": 0,
    }
    return TenantStanding(
        tenant=TenantId("acme"),
        troubles=[Trouble(kind=kind, text=f"About {kind}.") for kind in troubles],
        **(fields | more),
    )


def kinds(at: TenantStanding) -> list[ConcernKind]:
    return [one.kind for one in concerns.of_tenant(at, NOW)]


MENDS_ITSELF = (
    TroubleKind.XERO_DOWN, TroubleKind.DAY_SPENT, TroubleKind.DAY_RESERVED,
    TroubleKind.PIPELINE_DOWN, TroubleKind.FEED_STANDS_STILL, TroubleKind.RESTORE_LOOK,
    TroubleKind.TOKEN_EXPIRING, TroubleKind.CONSENT_FAILED, TroubleKind.SERVICE_FAILS,
)  # fmt: skip
OF_THE_MACHINE = (TroubleKind.CLOCK_OFF, TroubleKind.STORE_UNUSABLE, TroubleKind.DISK_FULL)
"""Each a concern of the daemon's own, once for all tenants that show it."""


@pytest.mark.parametrize("trouble", [*MENDS_ITSELF, *OF_THE_MACHINE])
def test_what_mends_itself_or_is_seen_by_who_caused_it_is_no_concern(trouble: TroubleKind) -> None:
    assert kinds(standing(trouble)) == []


def test_every_other_trouble_is_a_concern_with_its_own_words() -> None:
    for trouble in set(TroubleKind) - {*MENDS_ITSELF, *OF_THE_MACHINE}:
        (found,) = concerns.of_tenant(standing(trouble), NOW)

        assert found.text == f"About {trouble}."
        assert found.tenant == "acme"


@given(st.lists(st.sampled_from(TroubleKind)), st.integers(0, 5), st.integers(0, 5))
def test_there_is_one_concern_of_a_kind_however_much_leads_to_it(
    troubles: list[TroubleKind], out_of_sync: int, withheld: int
) -> None:
    found = kinds(standing(*troubles, out_of_sync=out_of_sync, withheld=withheld))

    assert len(found) == len(set(found))
    assert (ConcernKind.OUT_OF_SYNC in found) == (out_of_sync > 0)
    assert (ConcernKind.PLAN_WAITS in found) == (withheld > 0)


@pytest.mark.parametrize(("days", "is_told"), [(11, False), (9, True), (-1, True)])
def test_a_connection_that_nothing_renews_is_told_ten_days_before_its_end(
    days: int, is_told: bool
) -> None:
    at = standing(refresh_expires_at=NOW + timedelta(days=days))

    assert kinds(at) == ([ConcernKind.TOKEN] if is_told else [])


def test_counts_are_said_as_people_say_them() -> None:
    (one,) = concerns.of_tenant(standing(out_of_sync=1), NOW)
    (many,) = concerns.of_tenant(standing(withheld=12), NOW)
    (missed,) = concerns.of_tenant(standing(webhooks_missed=1), NOW)

    assert one.text.startswith("1 invoice changed")
    assert "12 invoices" in many.text
    assert "syncd plan acme" in many.text
    assert missed.kind is ConcernKind.WEBHOOKS_MISSED
    (found,) = concerns.of_tenant(standing(findings=2), NOW)
    assert found.kind is ConcernKind.FINDINGS
    assert found.text.startswith("2 findings want a person")


def test_the_stores_concerns_are_the_daemons_own() -> None:
    store, disk = concerns.of_store("The disk is full."), concerns.of_disk(has_reserve=False)

    assert store is not None
    assert disk is not None
    assert (store.kind, store.tenant) == (ConcernKind.STORE, None)
    assert (disk.kind, disk.tenant) == (ConcernKind.DISK, None)
    assert concerns.of_store("") is None
    assert concerns.of_disk(has_reserve=True) is None


def test_a_wrong_clock_is_one_concern_however_many_tenants_show_it() -> None:
    wrong = Trouble(kind=TroubleKind.CLOCK_OFF, text="The clock is wrong.")

    found = concerns.of_clock([Trouble(kind=TroubleKind.PAUSED, text="Paused."), wrong, wrong])

    assert found == Concern(kind=ConcernKind.CLOCK, tenant=None, text="The clock is wrong.")
    assert concerns.of_clock([]) is None
