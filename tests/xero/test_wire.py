"""What Xero's bytes have in common: names, dates, exact numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncd.domain.errors import Garbled
from syncd.domain.model.statuses import XeroStatus
from syncd.sandbox.xero.ledger import wire_dates
from syncd.xero import wire

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ours", "xeros"),
    [
        ("line_item_id", "LineItemID"),
        ("updated_date_utc_string", "UpdatedDateUTCString"),
        ("address_line1", "AddressLine1"),
        ("url", "Url"),
    ],
)
def test_names_are_spelled_as_xero_spells_them(ours: str, xeros: str) -> None:
    assert wire.xero_name(ours) == xeros


@given(ms=st.integers(min_value=-(10**12), max_value=10**13))
def test_instant_keeps_every_millisecond(ms: int) -> None:
    expected = EPOCH + timedelta(milliseconds=ms)

    assert wire.read_instant(wire_dates.instant(ms), "UpdatedDateUTC") == expected
    assert wire.read_instant(wire_dates.bare_instant(ms), "DateTimeUTC") == expected


@pytest.mark.parametrize("offset", ["+0000", "+1300", "-0500"])
def test_offset_of_a_wire_date_never_shifts_it(offset: str) -> None:
    found = wire.read_instant(f"/Date(1789378199100{offset})/", "UpdatedDateUTC")

    assert found == datetime(2026, 9, 14, 9, 29, 59, 100000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T00:15:12Z", datetime(2026, 11, 22, 0, 15, 12, tzinfo=UTC)),
        ("2026-11-22T00:15:12", datetime(2026, 11, 22, 0, 15, 12, tzinfo=UTC)),
        ("2026-11-22T13:15:12+13:00", datetime(2026, 11, 22, 0, 15, 12, tzinfo=UTC)),
    ],
)
def test_iso_instant_without_a_zone_is_utc(text: str, expected: datetime) -> None:
    assert wire.read_instant(text, "UpdatedDateUTCString") == expected


@given(day=st.dates(date(1970, 1, 1), date(2200, 12, 31)))
def test_calendar_date_never_meets_a_zone(day: date) -> None:
    midnight_ms = (day - date(1970, 1, 1)).days * 86_400_000

    assert wire.read_day(f"{day}T00:00:00", None, "Date") == day
    assert wire.read_day(None, wire_dates.instant(midnight_ms), "Date") == day
    assert wire.read_day(f"{day}T00:00:00", "/Date(0)/", "Date") == day


def test_date_may_be_missing() -> None:
    assert wire.read_day(None, None, "DueDate") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "/Date(x)/",
        "/Date(99999999999999999999)/",
        "/Date(-62135596800000+0000)/",
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59.9999999",
        None,
    ],
)
def test_strange_instant_is_garbled_and_named(text: str | None) -> None:
    with pytest.raises(Garbled, match="UpdatedDateUTC"):
        wire.read_instant(text, "UpdatedDateUTC")


def test_strange_day_is_garbled_and_named() -> None:
    with pytest.raises(Garbled, match="DueDateString"):
        wire.read_day("22/11/2026", None, "DueDate")


def test_modified_since_is_utc_without_a_zone() -> None:
    instant = datetime.fromisoformat("2026-11-22T13:15:12.999+13:00")

    assert wire.write_instant(instant) == "2026-11-22T00:15:12"


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, max_value=10**12, min_value=-(10**12)
    )
)
def test_number_leaves_and_comes_back_to_the_last_digit(number: Decimal) -> None:
    body = wire.ENCODER.encode({"n": number})

    assert body == b'{"n":%s}' % str(number).encode()


@pytest.mark.parametrize("bad", [Decimal("NaN"), Decimal("Infinity")])
def test_number_that_is_none_is_garbled(bad: Decimal) -> None:
    with pytest.raises(Garbled, match="Total"):
        wire.amount(bad, "Total")


def test_word_outside_a_closed_set_is_garbled_and_named() -> None:
    with pytest.raises(Garbled, match="Status"):
        wire.one_of(XeroStatus, "POSTED", "Status")


def test_texts_are_said_once_in_order() -> None:
    one = wire.ValidationWire(message="A ")
    two = wire.ValidationWire(description="B")

    assert wire.texts([one, two], None, [one, wire.ValidationWire()]) == ("A", "B")


@given(st.decimals() | st.decimals(allow_nan=False, allow_infinity=False, places=18))
@example(Decimal("1E-18"))
@example(Decimal("1E+14"))
@example(Decimal("-123456789012345.12345678901234567"))
@example(Decimal("0E-18"))
def test_amount_is_what_has_few_enough_digits_on_either_side(value: Decimal) -> None:
    parts = value.as_tuple()
    is_fine = (
        isinstance(parts.exponent, int)
        and (value == 0 or value.adjusted() < wire.MOST_DIGITS)
        and parts.exponent >= -wire.MOST_DECIMALS
    )

    if is_fine:
        assert wire.amount(value, "Total") is value
    else:
        with pytest.raises(wire.Broken):
            wire.amount(value, "Total")
