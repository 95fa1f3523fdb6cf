"""An organisation kept by hand is taken over by command: planned, read, applied, restarted."""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any

from tests.journeys.support.harness import Journey, Worlds, journey, wait_until

KNOWN, MADE = 6, 9
AGAIN = 5


def _kept_by_hand(worlds: Worlds) -> dict[str, str]:
    """Nine invoices in Pipeline; six stand in Xero already, one of them with another amount."""
    customer = worlds.user("create_customer", ref="H1", name="Hand Made Ltd")["id"]
    contact = worlds.bookkeeper("create_contact", set={"Name": "Hand Made", "AccountNumber": "H1"})
    made = {}
    for place in range(MADE):
        line = {
            "description": f"Visit {place}",
            "quantity": 2,
            "unitAmount": 50,
            "costCode": "LAB",
            "taxRate": 0.15,
        }
        made[f"H-{place}"] = worlds.user(
            "create_invoice",
            customerId=customer,
            number=f"H-{place}",
            status="Approved",
            invoiceDate="2026-11-20",
            dueDate="2026-12-20",
            lines=[line],
        )["id"]
        if place >= KNOWN:
            continue
        theirs = {
            "Description": f"Visit {place}",
            "Quantity": 2,
            "UnitAmount": 60 if place == 1 else 50,
            "AccountCode": "210",
            "TaxType": "OUTPUT2",
        }
        worlds.bookkeeper(
            "create_invoice",
            contact=contact["ContactID"],
            set={
                "InvoiceNumber": f"H-{place}",
                "Date": "2026-11-20",
                "DueDate": "2026-12-20",
                "LineAmountTypes": "Exclusive",
                "LineItems": [theirs],
            },
        )
    return made


def _states(way: Journey, made: dict[str, str]) -> dict[str, str]:
    return {number: way.told(key).get("state", "") for number, key in made.items()}


def test_books_kept_by_hand_are_planned_applied_and_stay_live(tmp_path: Path) -> None:
    made: dict[str, str] = {}
    with journey(tmp_path, before=lambda at: made.update(_kept_by_hand(at)), mode="observe") as way:
        number = len(made)
        wait_until(
            lambda: Counter(_states(way, made).values()) == {"waiting": number},
            20,
            lambda: f"all wait: {_states(way, made)}\n{way.daemon.tail()}",
        )
        out = tmp_path / "plan.json"
        before = _documents(way)

        planned = way.daemon.run("plan", "demo", "--out", str(out))
        assert planned.returncode == 0, planned.stderr
        totals = {
            (each["kind"], each["action"]): each["count"]
            for each in json.loads(out.read_text("utf-8"))["totals"]
        }
        assert totals["invoice", "adopt"] == KNOWN - 1
        assert totals["invoice", "adopt_differing"] == 1
        assert totals["invoice", "create"] == MADE - KNOWN
        assert totals["customer", "link"] == 1
        assert _documents(way) == before

        way.worlds.bookkeeper("edit", invoice="H-0", set={"Reference": "by hand"})
        assert _applied(way, out) == (["H-0"], "live")
        way.rest()

        wanted = dict.fromkeys(made, "synced") | {"H-0": "waiting", "H-1": "out_of_sync"}
        assert _states(way, made) == wanted
        numbers = Counter(row["InvoiceNumber"] for row in _documents(way).values())
        assert numbers == dict.fromkeys(made, 1)

        assert way.daemon.end(signal.SIGTERM) == 0
        way.daemon.start()
        late = way.invoice(way.customer("Late"))
        way.wait_told(late, state="synced")


def _applied(way: Journey, plan: Path) -> tuple[list[str], str]:
    """What is refused in the end, and the mode; once more while a round has one in its hand."""
    for _ in range(AGAIN):
        applied = way.daemon.run("apply", str(plan), "--json")
        assert applied.returncode == 1, applied.stdout + applied.stderr
        answer = json.loads(applied.stdout)
        refused = [each for each in answer["items"] if each["outcome"] == "refused"]
        if not any("Apply the plan again" in each["why"] for each in refused):
            break
    return [each["name"] for each in refused], answer["mode"]


def _documents(way: Journey) -> dict[str, Any]:
    rows = way.worlds.xero_books()["organisations"][0]["invoices"]
    return {row["InvoiceID"]: row for row in rows}
