"""One change is followed through the log by one name, from its notice to its result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.support.harness import wait_until
from tests.journeys.support.hooked import Hooked, hooked_journey

TOLD = "results.written"


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hooked]:
    with hooked_journey(tmp_path_factory.mktemp("trails")) as way:
        yield way


def lines_of(way: Hooked, trail: str) -> list[dict[str, Any]]:
    """What the log says on a trail, in its order."""
    told = [
        json.loads(line)
        for line in way.daemon.log.read_text("utf-8").splitlines()
        if line.startswith("{")
    ]
    return [line for line in told if trail in line.get("trail", "").split()]


def trail_of(way: Hooked, invoice: str) -> str:
    return str(way.daemon.get(f"/api/v1/tenants/demo/invoices/{invoice}").json()["trail"])


def followed(way: Hooked, invoice: str, *events: str) -> list[dict[str, Any]]:
    """The lines of an invoice's trail, once these events are among them in this order."""

    def lines() -> list[dict[str, Any]]:
        found = lines_of(way, trail_of(way, invoice))
        rest = iter([line["event"] for line in found])
        return found if all(event in rest for event in events) else []

    return list(
        wait_until(lines, 15, lambda: f"{events} of {lines_of(way, trail_of(way, invoice))}")
    )


def test_change_in_pipeline_is_followed_from_the_feed_to_the_result(hooked: Hooked) -> None:
    customer = hooked.customer("Followed")
    invoice = hooked.synced(customer)

    lines = followed(hooked, invoice, "changes.taken", "jobs.settled", TOLD)
    first = trail_of(hooked, invoice)
    hooked.worlds.user("edit_invoice", id=invoice, set={"reference": "PO 9"})
    wait_until(lambda: trail_of(hooked, invoice) != first, 15, "another trail")
    second = followed(hooked, invoice, "changes.taken", "jobs.settled", TOLD)

    written = [line for line in lines if line.get("task") == "push_invoices"]
    assert [line["outcomes"] for line in written] == [{"created": 1}]
    updated = [line for line in second if line.get("task") == "push_invoices"]
    assert [line["outcomes"] for line in updated] == [{"updated": 1}]
    number = hooked.daemon.get(f"/api/v1/tenants/demo/invoices/{invoice}").json()["number"]
    story = hooked.daemon.run("invoices", "explain", number).stdout
    assert f"In the log: {trail_of(hooked, invoice)}" in story


def test_change_in_xero_is_followed_from_the_webhook_to_the_result(hooked: Hooked) -> None:
    invoice = hooked.synced(hooked.customer("Edited"))
    before = trail_of(hooked, invoice)
    document = hooked.documents(invoice)[0]["InvoiceID"]

    hooked.worlds.bookkeeper("void", invoice=document)
    wait_until(lambda: hooked.told(invoice)["state"] != "synced", 15, "the void is told")
    lines = followed(hooked, invoice, "webhooks.digested", "jobs.settled", TOLD)

    assert trail_of(hooked, invoice) != before
    assert all(line["tenant"] == "demo" for line in lines)


def test_what_is_wrong_with_a_call_is_on_the_trail_too(hooked: Hooked) -> None:
    invoice = hooked.synced(hooked.customer("Refused"))
    before = trail_of(hooked, invoice)
    happened = hooked.lose(do="unavailable", match={"method": "POST", "path": "Invoices"})

    hooked.worlds.user("edit_invoice", id=invoice, set={"reference": "PO 11"})
    happened()
    wait_until(lambda: trail_of(hooked, invoice) != before, 15, "another trail")

    lines = followed(hooked, invoice, "changes.taken", "call.failed", "jobs.settled", TOLD)
    (failed,) = [line for line in lines if line["event"] == "call.failed"]
    assert (failed["operation"], failed["status"]) == ("update_invoices", 503)
