"""Seeded books flow into Xero, and a judge who knows nothing of syncd agrees."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.journeys.support import judge
from tests.journeys.support.harness import Journey, journey


def test_seeded_books_stand_in_xero_exactly_once(tmp_path: Path) -> None:
    flags = ("--customers", "20", "--invoices", "320", "--seed", "7")
    with journey(tmp_path, flags) as way:
        way.rest()
        verdict = way.assert_good("0.95")
        pipeline, xero = way.worlds.books()

    assert verdict.counts["held"] == len(pipeline["tenants"]["demo"]["planted"]) > 0
    assert verdict.counts["synced"] == 320 - verdict.counts["held"]
    assert by_script(tmp_path, pipeline, xero) == 0


def by_script(folder: Path, pipeline: object, xero: object) -> int:
    """The judge as a person calls it: a script of its own, which can do without syncd."""
    files = {name: folder / f"{name}.json" for name in ("pipeline", "xero")}
    files["pipeline"].write_text(json.dumps(pipeline), "utf-8")
    files["xero"].write_text(json.dumps(xero), "utf-8")
    arguments = [f"--{name}={file}" for name, file in files.items()]
    return subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-I", judge.__file__, *arguments], check=False, timeout=60
    ).returncode


def test_two_hundred_invoices_for_known_contacts_take_four_creates(way: Journey) -> None:
    customers = [way.customer(f"Known {at}") for at in range(4)]
    way.rest()
    before = way.calls()
    with way.closed_feed():
        for at in range(200):
            way.invoice(customers[at % 4])

    way.rest()

    after = way.calls()
    assert after["PUT Invoices"] - before["PUT Invoices"] == 4
    assert after["PUT Contacts"] == before["PUT Contacts"]
    way.assert_good()
