"""An organisation's today and its locks (facts §7)."""

from __future__ import annotations

from datetime import date

import pytest

from syncd.sandbox.xero.ledger.org_dates import lock_errors
from tests.sandbox.xero.builders import Client, messages, new_client


def test_date_is_today_where_the_organisation_is(client: Client) -> None:
    client.time.pass_s(11 * 3600)  # before noon UTC it is the next day in Auckland
    client.connect()

    row = client.invoice(Date=None)

    assert row["DateString"] == "2026-11-23T00:00:00"


def test_adviser_may_write_before_the_period_lock_nobody_before_the_years(client: Client) -> None:
    client.command("lock", period="2026-11-20")
    client.command("role", role="adviser")
    client.invoice()

    client.command("lock", year="2026-11-20")
    row = client.put("Invoices", client.draft())["Invoices"][0]

    assert "end of year lock date" in messages(row)[0]
    assert client.invoice(Date="2026-11-21")


@pytest.mark.parametrize(("closed", "locked"), [(True, [True, True]), (False, [True, False])])
def test_lock_date_itself_is_closed_or_open_as_switched(closed: bool, locked: list[bool]) -> None:
    client = new_client(lock_date_is_closed=closed)
    client.command("lock", period="2026-11-20")

    days = [date(2026, 11, 19), date(2026, 11, 20)]

    assert [bool(lock_errors(client.books, day)) for day in days] == locked
