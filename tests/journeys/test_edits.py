"""Edits on either side at the worst moments: none is lost, none is overwritten."""

from __future__ import annotations

import time
from pathlib import Path

from tests.journeys.support.harness import FAST, Journey, journey, wait_until


def test_edit_during_a_held_create_stands_afterwards_twenty_of_twenty(way: Journey) -> None:
    customer = way.customer("Held Create")
    way.rest()
    hold = {"delay_s": 2, "match": {"method": "PUT", "path": "Invoices"}, "times": 20}
    way.worlds.xero(hold=hold)

    made = [way.invoice(customer) for _ in range(20)]
    wait_until(lambda: way.documents(made[-1]), 10, "the last create is committed")
    for at, each in enumerate(made):
        way.worlds.user("edit_line", id=each, set={"quantity": 5 + at})
    way.worlds.xero(hold=None)

    way.rest(30)
    way.assert_good()


def test_edit_during_a_held_update_stands_afterwards(way: Journey) -> None:
    invoice = way.invoice(way.customer("Held Update"))
    way.wait_told(invoice, state="synced")

    for version in (2, 4):
        hold = {"delay_s": 2, "match": {"method": "POST", "path": "Invoices"}, "times": 1}
        way.worlds.xero(hold=hold)
        way.worlds.user("edit_invoice", id=invoice, set={"reference": f"first {version}"})
        wait_until(
            lambda: way.documents(invoice)[0]["Reference"] == f"first {version}",  # noqa: B023 - asked at once
            10,
            "the held update is committed",
        )
        way.worlds.user("edit_invoice", id=invoice, set={"reference": f"second {version}"})

        way.wait_told(invoice, within_s=30, state="synced", syncedVersion=version + 1)
        assert way.documents(invoice)[0]["Reference"] == f"second {version}"
    way.rest()
    way.assert_good()


def test_twenty_quick_edits_cost_at_most_three_writes_and_the_last_stands(tmp_path: Path) -> None:
    """The feed is asked once a second, fifteen times as often as by default."""
    with journey(tmp_path, sync=FAST | {"poll_gap_s": 1.5}) as way:
        invoice = way.invoice(way.customer("Quick Edits"))
        way.wait_told(invoice, state="synced")
        before = way.calls()["POST Invoices"]

        for at in range(20):
            way.worlds.user("edit_line", id=invoice, set={"unitAmount": 100 + at})
            time.sleep(0.08)

        way.wait_told(invoice, state="synced", syncedVersion=21)
        way.rest()
        assert way.calls()["POST Invoices"] - before <= 3
        assert way.documents(invoice)[0]["LineItems"][0]["UnitAmount"] == "119.0000"
        way.assert_good()


def test_field_edited_in_xero_between_read_and_write_survives(way: Journey) -> None:
    invoice = way.invoice(way.customer("Read To Write"), reference="ours")
    way.wait_told(invoice, state="synced")
    way.rest()
    reads = {"method": "GET", "path": "Invoices", "contains": "IDs="}
    way.worlds.xero(hold={"delay_s": 1, "match": reads, "times": 1})
    asked = way.calls()["GET Invoices"]

    way.worlds.user("edit_line", id=invoice, set={"quantity": 9})
    wait_until(lambda: way.calls()["GET Invoices"] > asked, 10, "the daemon reads the document")
    way.worlds.bookkeeper("edit", invoice=way.documents(invoice)[0]["InvoiceID"], Reference="hers")

    told = way.wait_told(invoice, state="out_of_sync")
    document = way.documents(invoice)[0]
    assert document["Reference"] == "hers"
    assert document["LineItems"][0]["Quantity"] == "9.0000"
    assert [(each["field"], each["movedBy"]) for each in told["differences"]] == [
        ("reference", "xero")
    ]
    way.worlds.user("edit_invoice", id=invoice, set={"reference": "hers"})
    way.wait_told(invoice, state="synced")
