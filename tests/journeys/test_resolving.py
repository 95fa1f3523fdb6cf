"""Out of sync from end to end: shown everywhere, decided once, and what was decided stays so."""

from __future__ import annotations

import json
from typing import Any

from tests.journeys.support.harness import Journey, wait_until

BOTH = {"reference": "both"}


def apart(way: Journey, name: str) -> tuple[str, str]:
    """An invoice whose reference is "ours" in Pipeline and "hers" in Xero; id and number."""
    number = f"APART-{name}"
    invoice = way.invoice(way.customer(f"Apart {name}"), number=number, reference="PO")
    way.wait_told(invoice, state="synced")
    edit(way, invoice, "hers")
    way.worlds.user("edit_invoice", id=invoice, set={"reference": "ours"})
    way.wait_told(invoice, state="out_of_sync")
    return invoice, number


def edit(way: Journey, invoice: str, reference: str) -> None:
    document = way.documents(invoice)[0]["InvoiceID"]
    way.worlds.bookkeeper("edit", invoice=document, set={"Reference": reference})


def shown(way: Journey, invoice: str) -> Any:
    return way.daemon.get(f"/api/v1/tenants/demo/invoices/{invoice}").json()


def said(way: Journey, *arguments: str) -> Any:
    """A command's JSON, whatever its exit code; the code is added."""
    ended = way.daemon.run("invoices", *arguments, "--json")
    found = json.loads(ended.stdout)
    return found if isinstance(found, list) else {**found, "exit": ended.returncode}


def resolved(way: Journey, number: str, *, seen: str) -> Any:
    """What taking Pipeline's side comes to, once no round has the invoice in its hand."""

    def answered() -> Any:
        found = said(way, "resolve", number, "--take", "pipeline", "--seen", seen)
        return None if "being worked on right now" in found.get("detail", "") else found

    return wait_until(answered, 10, lambda: f"{number} is worked on for ever\n{way.daemon.tail()}")


def movers(differences: Any) -> dict[str, Any]:
    return {each["field"]: each.get("movedBy", each.get("moved_by")) for each in differences}


def test_out_of_sync_is_shown_everywhere_and_decided_only_as_seen(way: Journey) -> None:
    invoice, number = apart(way, "seen")

    listed = said(way, "list", "--state", "out_of_sync")
    diff = said(way, "diff", number)
    assert [each["number"] for each in listed] == [number]
    for differences in (
        diff["differences"],
        shown(way, invoice)["differences"],
        way.told(invoice)["differences"],
    ):
        assert movers(differences) == BOTH

    # Somebody at Xero goes on: what diff showed is no more.
    edit(way, invoice, "hers, later")
    stale = resolved(way, number, seen=diff["seen"])
    assert (stale["status"], stale["exit"]) == (409, 1)
    assert [each["xero"] for each in stale["differences"]] == ["hers, later"]
    assert way.documents(invoice)[0]["Reference"] == "hers, later"

    taken = resolved(way, number, seen=stale["seen"])
    assert taken["exit"] == 0
    assert "differences" not in way.wait_told(invoice, state="synced")
    assert way.documents(invoice)[0]["Reference"] == "ours"
    assert "Resolved, taking Pipeline" in json.dumps(shown(way, invoice)["history"])
    way.rest()
    way.assert_good()


def test_what_was_kept_stays_kept_and_no_later_edit_overwrites_it(way: Journey) -> None:
    invoice, number = apart(way, "kept")
    path = f"/api/v1/tenants/demo/invoices/{invoice}/resolve"

    answer = way.daemon.post(path, {"take": "xero", "seen": shown(way, invoice)["seen"]})
    assert (answer.status, answer.json()["state"]) == (200, "synced")
    told = way.wait_told(invoice, state="synced")
    assert movers(told["differences"]) == {"reference": None}

    # Another field travels; the kept one is not touched.
    way.worlds.user("edit_invoice", id=invoice, set={"dueDate": "2027-03-01"})
    way.wait_told(invoice, state="synced", syncedVersion=3)
    document = way.documents(invoice)[0]
    assert (document["Reference"], document["DueDate"]) == ("hers", "2027-03-01")
    assert movers(way.told(invoice)["differences"]) == {"reference": None}

    # The kept field edited in Pipeline is out of sync again, never a push of the old value.
    way.worlds.user("edit_invoice", id=invoice, set={"reference": "ours again"})
    told = way.wait_told(invoice, state="out_of_sync")
    assert movers(told["differences"]) == {"reference": "pipeline"}
    # And so it is when Xero moves as well; a person ends it.
    edit(way, invoice, "hers again")
    answer = way.daemon.post(path, {"take": "xero", "seen": shown(way, invoice)["seen"]})
    if answer.status == 409:
        answer = way.daemon.post(path, {"take": "xero", "seen": answer.json()["seen"]})
    assert answer.status == 200
    way.wait_told(invoice, state="synced", syncedVersion=4)
    assert way.documents(invoice)[0]["Reference"] == "hers again"
    assert said(way, "diff", number)["differences"][0]["moved_by"] is None

    # Made the same by hand, it is agreed like any other field.
    way.worlds.user("edit_invoice", id=invoice, set={"reference": "hers again"})
    assert "differences" not in way.wait_told(invoice, state="synced", syncedVersion=5)
    way.rest()
    way.assert_good()
