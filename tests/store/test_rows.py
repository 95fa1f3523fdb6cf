"""A row's columns become a value's fields, each by its type, in their order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain.ids import TenantId
from syncd.domain.model.settings import Mode
from syncd.domain.model.value import Value
from syncd.store import rows

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Inner(Value, frozen=True, kw_only=True):
    paid: Decimal
    on: date | None


class Outer(Value, frozen=True, kw_only=True):
    tenant: TenantId
    inner: Inner | None
    is_open: bool
    mode: Mode | None
    at: datetime
    names: list[str]


def test_value_is_read_of_its_columns_and_those_of_its_parts() -> None:
    read = rows.decoder(Outer, names=lambda body: body.decode().split(","))

    found = read(("acme", "1.10", "2026-11-30", 1, "live", rows.to_ms(AT), b"a,b"))
    empty = read(("acme", None, None, 0, None, rows.to_ms(AT), b"a"))

    inner = Inner(paid=Decimal("1.10"), on=date(2026, 11, 30))
    assert found == Outer(
        tenant=TenantId("acme"), inner=inner, is_open=True, mode=Mode.LIVE, at=AT, names=["a", "b"]
    )
    assert (empty.inner, empty.is_open, empty.mode) == (None, False, None)


def test_money_is_exact_text_or_whole_hundredths() -> None:
    assert rows.decoder(Decimal)((110,)) == rows.decoder(Decimal)(("1.1",)) == Decimal("1.10")


def test_one_column_and_a_tuple_of_them_need_no_class() -> None:
    assert rows.decoder(int)((3, "more")) == 3
    assert rows.decoder(tuple[str, int])(("a", 1)) == ("a", 1)


@pytest.mark.parametrize(
    ("kind", "row"), [(str, (1,)), (int, ("1",)), (tuple[str, int], ("a", 1, 2)), (Inner, ("1",))]
)
def test_column_of_another_type_or_number_is_found_where_it_is_read(
    kind: type[Any], row: tuple[Any, ...]
) -> None:
    with pytest.raises((AssertionError, ValueError)):
        rows.decoder(kind)(row)
