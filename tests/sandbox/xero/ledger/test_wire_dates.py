"""Dates on the wire (facts §3.6)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.sandbox.xero.ledger import wire_dates


def test_calendar_date_is_midnight_utc() -> None:
    assert wire_dates.day(date(2026, 9, 14)) == "/Date(1789344000000+0000)/"
    assert wire_dates.day_text(date(2026, 9, 14)) == "2026-09-14T00:00:00"


def test_instants_have_the_recorded_forms() -> None:
    assert wire_dates.instant(1789378199100) == "/Date(1789378199100+0000)/"
    assert wire_dates.bare_instant(1789378199160) == "/Date(1789378199160)/"
    assert wire_dates.seconds_text(1795306512347) == "2026-11-22T00:15:12Z"
    assert wire_dates.event_text(1795306512027) == "2026-11-22T00:15:12.027"
    assert wire_dates.event_text(1795306512830) == "2026-11-22T00:15:12.83"
    assert wire_dates.event_text(1795306512000) == "2026-11-22T00:15:12"
    assert wire_dates.plain_text(1795306512830) == "2026-11-22T00:15:12"
    assert wire_dates.connection_text(1795306512516) == "2026-11-22T00:15:12.5160000"


@given(st.dates(date(1980, 1, 1), date(2099, 12, 31)))
def test_date_survives_every_form_it_is_written_in(on: date) -> None:
    forms = (on.isoformat(), wire_dates.day_text(on), wire_dates.day(on))

    assert [wire_dates.read_day(form) for form in forms] == [on, on, on]


def test_local_time_with_an_offset_loses_a_day() -> None:
    """Facts §8.11: the trap is kept, so that clients that fall into it are seen."""
    assert wire_dates.read_day("2026-11-20T08:00:00+13:00") == date(2026, 11, 19)


@pytest.mark.parametrize("text", ["20100510", "2026-W47-5", "20/11/2026", "2026-02-30", "soon"])
def test_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        wire_dates.read_day(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T00:15:12",
        "2026-11-22T00:15:12Z",
        "2026-11-22T00:15:12.943Z",
        "2026-11-22T00:15:12+00:00",
        "Sun, 22 Nov 2026 00:15:12 GMT",
    ],
)
def test_modified_since_reads_every_form_cut_to_the_second(text: str) -> None:
    assert wire_dates.read_since(text) == 1795306512000


@pytest.mark.parametrize(
    ("sent", "echo"),
    [
        ("2026-11-21", "/Date(1795219200000+0000)/"),
        ("/Date(1795219200000)/", "/Date(1795219200000+0000)/"),
        ("21/11/2026", "21/11/2026"),
    ],
)
def test_refused_element_echoes_its_date_as_xero_writes_it(sent: str, echo: str) -> None:
    assert wire_dates.echoed({"Amount": 1, "Date": sent}) == {"Amount": 1, "Date": echo}
