"""What Xero makes of what is sent, and what is sent in Pipeline's place, over real processes."""

from __future__ import annotations

import json
from typing import Any

from tests.journeys.support.harness import Journey, wait_until

LINE = {"costCode": "LAB", "taxRate": 0.15}
TRACKED = {
    **LINE,
    "description": "Install",
    "quantity": 1,
    "unitAmount": 100,
    "tracking": [{"name": "Region", "option": "North"}],
}
PRICED = {**LINE, "description": "Screws", "quantity": 1000, "unitAmount": 0.1234}


def moved(told: Any) -> dict[str, str]:
    return {each["field"]: each["movedBy"] for each in told["differences"]}


def is_decided(way: Journey, number: str) -> bool:
    """Take Pipeline's side; where the invoice is in work just then, the answer is to try again."""
    done = way.daemon.run("invoices", "resolve", number, "--take", "pipeline")
    assert done.returncode == 0 or "Try again in a moment" in done.stderr, done.stderr
    return done.returncode == 0


def test_what_xero_dropped_or_rounded_is_shown_signed_for_by_nobody_and_settled_by_a_person(
    way: Journey,
) -> None:
    """1,000 at 0.1234 make 141.91; kept at two decimals they make 138.00."""
    customer = way.customer("Altered Content")
    way.rest()
    way.worlds.xero(switches={"drops_tracking": True, "unit_places": 2})

    tracked = way.invoice(customer, number="AC-1", lines=[TRACKED])
    priced = way.invoice(customer, number="AC-2", lines=[PRICED])

    told = way.wait_told(tracked, state="out_of_sync")
    assert moved(told) == {"lines[0].tracking": "xero"}
    told = way.wait_told(priced, state="out_of_sync")
    assert {field: moved(told)[field] for field in ("total", "lines[0].unitAmount")} == {
        "total": "xero", "lines[0].unitAmount": "xero",
    }  # fmt: skip
    way.rest()
    report = json.loads(way.daemon.run("report", "demo", "--json").stdout)
    causes = {one["number"]: one["cause"] for one in report["exceptions"]}
    assert (causes["AC-1"], causes["AC-2"]) == ("out_of_sync", "out_of_sync")

    way.worlds.xero(switches={"drops_tracking": False, "unit_places": 4})
    for number in ("AC-1", "AC-2"):
        wait_until(lambda number=number: is_decided(way, number), 20, f"a decision on {number}")
    for each in (tracked, priced):
        way.wait_told(each, state="synced")
    assert way.documents(priced)[0]["Total"] == "141.91"
    way.rest()
    way.assert_good()


def test_a_due_date_that_was_derived_is_watched_and_follows_the_invoice_date(
    way: Journey,
) -> None:
    """Pipeline's form has none: what stands in Xero is the invoice date and `due_days`."""
    customer = way.customer("Derived Date")
    touched, alone = (
        way.invoice(customer, number=number, invoiceDate="2026-11-20") for number in ("D-1", "D-2")
    )
    for each in (touched, alone):
        way.wait_told(each, state="synced")

    way.worlds.bookkeeper("edit", invoice="D-1", set={"DueDate": "2027-01-31"})
    way.daemon.run("reconcile", "demo")
    way.worlds.user("edit_invoice", id=alone, set={"invoiceDate": "2026-11-25"})

    told = way.wait_told(touched, state="out_of_sync")
    (shown,) = told["differences"]
    assert (shown["field"], shown["pipeline"], shown["xero"], shown["movedBy"]) == (
        "dueDate", "2026-12-10", "2027-01-31", "xero",
    )  # fmt: skip
    way.wait_told(alone, state="synced", syncedVersion=2)
    (document,) = way.documents(alone)
    assert (document["Date"], document["DueDate"]) == ("2026-11-25", "2026-12-15")
