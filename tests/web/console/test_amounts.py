"""Amounts and instants as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.web.console import amounts
from syncd.web.console.amounts import Reading

NOW = datetime(2026, 11, 30, 14, 2, 11, tzinfo=UTC)
AUCKLAND = ZoneInfo("Pacific/Auckland")


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [
        (Decimal(1150), "NZD", "1,150.00 NZD"),
        ("1256118", None, "1,256,118.00"),
        ("-862922.93", None, "−862,922.93"),
        ("0.12345", None, "0.12345"),
        (Decimal(0), None, "0.00"),
        (Decimal("1E+3"), None, "1,000.00"),
        (None, "NZD", "–"),
        ("PO-1986", None, "PO-1986"),
        ("NaN", None, "NaN"),
        ("", None, ""),
    ],
)
def test_amounts_have_thousands_and_two_decimals(
    value: Decimal | str | None, currency: str | None, shown: str
) -> None:
    assert amounts.amount(value, currency) == shown


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
    )
)
def test_no_digit_of_an_amount_is_lost(value: Decimal) -> None:
    assert Decimal(amounts.amount(value).replace(",", "").replace("−", "-")) == value


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (12, "12 s ago"),
        (500, "8 min ago"),
        (7_300, "2 h ago"),
        (-420, "in 7 min"),
        (90_000, "29 Nov 13:02"),
    ],
)
def test_instants_are_relative_up_to_a_day(seconds: int, words: str) -> None:
    assert f">{words}</time>" in Reading(NOW).ago(NOW - timedelta(seconds=seconds))


def test_an_instant_is_exact_in_its_title_in_both_zones() -> None:
    shown = Reading(NOW, AUCKLAND).clock(NOW)

    assert ">03:02:11</time>" in shown
    assert "1 Dec 2026 03:02:11 NZDT · 2026-11-30 14:02:11 UTC" in shown
    assert 'datetime="2026-11-30T14:02:11Z"' in shown
    assert 'title="2026-11-30 14:02:11 UTC"' in Reading(NOW).clock(NOW)


def test_a_calendar_date_is_never_shifted() -> None:
    reading = Reading(NOW, AUCKLAND)

    assert reading.day(date(2026, 11, 22)) == "22 Nov"
    assert reading.day("2025-11-22") == "22 Nov 2025"
    assert (reading.day(None), reading.day("soon")) == ("–", "soon")


@pytest.mark.parametrize("name", ["", "Nowhere/Town", "../etc/passwd", "x" * 200, "\x00"])
def test_what_is_no_zone_is_none(name: str) -> None:
    assert amounts.zone_of(name) is None


def test_nothing_is_a_dash() -> None:
    reading = Reading(NOW)

    assert {reading.ago(None), reading.age(None), reading.clock(None), reading.minute(None)} == {
        "–"
    }
    assert ">2 h</time>" in reading.age(NOW - timedelta(hours=2))
    assert ">14:02</time>" in reading.minute(NOW)
    assert amounts.count(98214) == "98,214"
    assert reading.zone_name == "UTC"
