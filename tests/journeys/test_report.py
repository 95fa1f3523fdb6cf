"""`syncd report` over real processes: what it prints, both books add up to, as a witness counts."""

from __future__ import annotations

import json

from tests.engine.support import sums
from tests.journeys.support.harness import Journey


def test_report_ties_out_and_the_dumps_say_the_same(way: Journey) -> None:
    customer = way.customer("Harbour & Sons")
    kept, edited = (way.invoice(customer, number=number) for number in ("RP-1", "RP-2"))
    way.invoice(
        customer,
        number="RP-3",
        lines=[{"description": "?", "quantity": 1, "unitAmount": 1, "costCode": "NOBODY"}],
    )
    for each in (kept, edited):
        way.wait_told(each, state="synced")
    way.worlds.bookkeeper("edit", invoice="RP-2", set={"Date": "2026-01-31"})
    way.worlds.bookkeeper("pay", invoice="RP-1")
    way.rest()

    said = way.daemon.run("report", "demo", "--json")

    assert said.returncode == 0, said.stderr
    report = json.loads(said.stdout)
    causes = {one["number"]: one["cause"] for one in report["exceptions"]}
    assert causes["RP-3"] == "held"
    assert "RP-1" not in causes
    assert causes["RP-2"] in ("out_of_sync", "edited_in_xero")
    tenant = way.worlds.pipeline_books()
    (organisation,) = way.worlds.xero_books()["organisations"]
    assert sums.objections(report, tenant, organisation) == []
    page = way.daemon.run("report", "demo", "--format", "html")
    assert (page.returncode, page.stdout[:15]) == (0, "<!doctype html>")
