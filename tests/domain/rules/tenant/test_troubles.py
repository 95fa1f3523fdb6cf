"""A tenant's troubles follow from how it stands; each says what to do, and none is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.domain.model.trouble import RefusedSweep, Trouble, TroubleKind
from syncd.domain.rules.tenant import connection, troubles
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.domain.rules.tenant.mappings import Unusable
from syncd.domain.rules.tenant.pipeline_reach import Failure, Reach
from syncd.domain.rules.tenant.troubles import Calls, Condition
from syncd.telemetry import labels

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=4)
WELL = Condition(
    state=ConnectionState.CONNECTED,
    access_expires_at=NOW + timedelta(minutes=20),
    reach=Reach(read_at=NOW),
)


def failing(*, is_key_refused: bool = False) -> Reach:
    words = "Pipeline answered with an error (503)."
    return Reach(
        read_at=EARLIER,
        reading=Failure(since=EARLIER, words=words, is_key_refused=is_key_refused),
    )


def of(**more: Any) -> tuple[Trouble, ...]:
    return troubles.of(replace(WELL, **more), NOW)


CASES: list[tuple[str, dict[str, Any], str]] = [
    ("not_connected", {"state": ConnectionState.NOT_CONNECTED}, "Press Connect to Xero"),
    ("token_expired", {"state": ConnectionState.TOKEN_EXPIRED}, "Press Connect to Xero"),
    ("token_expiring", {"warning": connection.WARNING}, connection.WARNING),
    (
        "consent_failed",
        {"consent_failed_at": EARLIER, "consent_text": "Access was not granted."},
        "Access was not granted.",
    ),
    ("xero_down", {"calls": Calls(failing_since=EARLIER, tried_at=NOW)}, "nothing is lost"),
    ("day_spent", {"calls": Calls(day_spent_until=NOW)}, "goes on by itself"),
    ("day_reserved", {"calls": Calls(writes_paused_until=NOW, day_left=740)}, "the 740 left"),
    (
        "sweep_refused",
        {"refused_sweeps": (RefusedSweep(text="Contacts: Xero refused it.", since=EARLIER),)},
        "Contacts: Xero refused it. What differs there may not be noticed.",
    ),
    ("pipeline_down", {"reach": failing()}, "Pipeline answered with an error (503)."),
    ("pipeline_key_refused", {"reach": failing(is_key_refused=True)}, "right pipeline_key"),
    (
        "feed_stands_still",
        {"reach": Reach(read_at=NOW - timedelta(seconds=301))},
        "have not been read",
    ),
    (
        "mapping_unusable",
        {
            "unusable": tuple(
                Unusable(key=f"cost_codes.C{at}.account", text=f"account {at} is gone")
                for at in range(7)
            )
        },
        "cost_codes.C4.account: account 4 is gone; 2 more. Correct",
    ),
    ("store_unusable", {"store_says": "Make room.", "has_reserve": False}, "Make room."),
    ("disk_full", {"has_reserve": False}, "writes fail next"),
    (
        "service_fails",
        {"failing": ("sweeper", "waits")},
        "again: sweeping through Xero; telling Pipeline what waits.",
    ),
    ("clock_off", {"clock_ahead": timedelta(minutes=15)}, "is 15 min ahead of Xero's"),
    ("clock_off", {"clock_ahead": timedelta(hours=-3)}, "is 3 h behind Xero's"),
    ("halted", {"halt": "25 invoices would be voided."}, "See what it halted"),
    ("paused", {"is_paused": True, "paused_at": EARLIER, "paused_by": "Ada"}, "by Ada"),
    ("restore_look", {"is_look_outstanding": True}, "nothing is created"),
]


def test_a_tenant_that_is_well_has_no_trouble() -> None:
    assert of() == ()
    assert of(clock_ahead=timedelta(seconds=119)) == of(clock_ahead=-timedelta(seconds=119)) == ()


@pytest.mark.parametrize(("kind", "more", "words"), CASES)
def test_each_trouble_is_told_with_what_it_means(
    kind: str, more: dict[str, Any], words: str
) -> None:
    (found,) = of(**more)

    assert found.kind == kind
    assert words in found.text
    assert found.text.endswith(".")


def test_every_kind_has_a_case_above() -> None:
    assert {kind for kind, _, _ in CASES} == set(TroubleKind) - {TroubleKind.NO_VALID_TOKEN}


def test_what_fails_and_is_explained_is_told_once() -> None:
    failing_too = {"failing": ("worker",)}

    for more in ({"calls": Calls(failing_since=EARLIER)}, {"reach": failing()}):
        assert of(**more, **failing_too) == of(**more)
    assert [one.kind for one in of(**failing_too, is_paused=True)] == ["service_fails", "paused"]


def test_every_task_of_the_daemon_that_fails_has_words() -> None:
    every = (*labels.LOOPS, *labels.SHARED_LOOPS)

    (found,) = of(failing=every)

    assert found.text.count(";") == len(every)


def test_nothing_is_written_to_xero_while_the_store_takes_nothing() -> None:
    unusable, full = of(store_says="The disk is full."), of(has_reserve=False)

    assert troubles.stops_writes(unusable) is not None
    assert troubles.stops_calls(unusable) is troubles.stops_writes(full) is None


def test_what_changed_in_xero_is_not_seen_while_nobody_looks() -> None:
    refused = (RefusedSweep(text="Contacts.", since=EARLIER),)

    for more in (
        {"state": ConnectionState.NOT_CONNECTED},
        {"calls": Calls(failing_since=EARLIER)},
        {"refused_sweeps": refused},
        {"store_says": "The disk is full."},
    ):
        assert troubles.hides_changes(of(**more)) is not None
    for more in ({"is_paused": True}, {"reach": failing()}, {"has_reserve": False}):
        assert troubles.hides_changes(of(**more)) is None


def test_a_dead_token_is_told_as_soon_as_refreshes_fail_while_none_is_valid() -> None:
    failed = {"refresh_failed_since": NOW - timedelta(seconds=20)}

    alive = of(**failed)
    dead = of(**failed, access_expires_at=NOW - timedelta(seconds=1))
    resting = of(access_expires_at=NOW - timedelta(seconds=1))

    assert alive == resting == ()
    assert [one.kind for one in dead] == [TroubleKind.NO_VALID_TOKEN]


def test_a_feed_read_at_long_intervals_stands_still_only_after_three_of_them() -> None:
    reach = Reach(read_at=NOW - timedelta(seconds=900))

    assert of(reach=reach, poll_every_s=600) == ()
    assert len(of(reach=reach, poll_every_s=200)) == 1


def test_calls_stop_for_one_side_and_writes_also_for_people() -> None:
    paused = of(is_paused=True)
    down = of(is_paused=True, calls=Calls(failing_since=EARLIER))
    reserved = of(calls=Calls(writes_paused_until=NOW, day_left=3))
    pipeline = of(reach=failing())

    assert troubles.stops_calls(paused) is troubles.stops_calls(reserved) is None
    assert troubles.stops_calls(pipeline) is troubles.stops_writes(pipeline) is None
    stops = [troubles.stops_writes(found) for found in (paused, reserved)]
    kinds = [one.kind for one in stops if one is not None]
    assert kinds == [TroubleKind.PAUSED, TroubleKind.DAY_RESERVED]
    assert troubles.stops_calls(down) is troubles.stops_writes(down) is not None


def test_connection_without_a_token_says_why_it_is_not_renewed() -> None:
    note = "The last refresh did not succeed and is tried again by itself. Its secret is wrong."

    (found,) = of(access_expires_at=NOW, refresh_failed_since=EARLIER, note=note)

    assert found.kind is TroubleKind.NO_VALID_TOKEN
    assert note in found.text
    assert "few seconds" not in found.text
