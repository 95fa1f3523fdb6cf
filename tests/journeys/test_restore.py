"""Yesterday's backup is put back and run: both books end equal, and nothing is written twice."""

from __future__ import annotations

import json
import signal
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from tests.journeys.support.harness import FAST, Journey, journey, wait_until
from tests.support import stores

SYNC = FAST | {"reconcile_every_s": 0.5, "late_commit_s": 2.0}
WRITES = ("PUT Invoices", "POST Invoices", "PUT Contacts", "POST Contacts")


def command(way: Journey, *arguments: str) -> Any:
    """A `syncd` command's JSON; it must end well."""
    done = way.daemon.run(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def backed_up(way: Journey, backup: Path) -> datetime:
    """Make a backup as the store's engine has it; when it was taken."""
    if not stores.ON_POSTGRESQL:
        return datetime.fromisoformat(command(way, "db", "backup", str(backup))["taken_at"])
    taken_at = datetime.now(UTC)
    backup.write_bytes(stores.content(way.daemon.folder / "syncd.db"))
    return taken_at


def put_back(way: Journey, backup: Path, taken_at: datetime) -> str:
    """Put a backup back as its engine has it; what syncd says of it."""
    if stores.ON_POSTGRESQL:
        stores.put_back(way.daemon.folder / "syncd.db", backup.read_text("utf-8"))
        done = way.daemon.run("db", "mark-restored", "--taken-at", taken_at.isoformat())
    else:
        done = way.daemon.run("db", "restore", str(backup))
    assert done.returncode == 0, done.stderr
    return done.stdout


def written(way: Journey) -> Counter[str]:
    calls = way.calls()
    return Counter({name: calls[name] for name in WRITES})


def versions(way: Journey) -> dict[str, Any]:
    """Every document of Xero's with all that a write would move."""
    (books,) = way.worlds.xero_books()["organisations"][:1]
    return {
        one["InvoiceID"]: (one["InvoiceNumber"], one["Status"], one["Reference"], one["Total"])
        for one in books["invoices"]
    }


def is_money_equal(way: Journey, invoice: str) -> bool:
    """Pipeline has the amount and every payment that Xero shows."""
    (document,) = way.documents(invoice)
    rows = way.worlds.pipeline_books()["payments"].get(invoice, {}).values()
    parts = [Decimal(str(row["amount"])) for row in rows if row["status"] != "deleted"]
    told = Decimal(str(way.told(invoice).get("amountPaid") or 0))
    return told == sum(parts) == Decimal(str(document["AmountPaid"]))


def looking(way: Journey) -> Any:
    return way.daemon.get("/api/v1/tenants/demo").json().get("restore")


def test_a_backup_of_yesterday_is_restored_and_both_books_end_equal(tmp_path: Path) -> None:
    with journey(tmp_path, sync=SYNC) as way:
        old = way.customer("Old")
        kept, edited, paid, deleted = (way.invoice(old) for _ in range(4))
        way.rest()
        backup = tmp_path / "yesterday.db"

        taken_at = backed_up(way, backup)
        live_the_day(way, edited=edited, paid=paid, deleted=deleted)
        new = way.customer("New")
        late = [way.invoice(new) for _ in range(3)]
        way.rest()
        way.worlds.user("edit_invoice", id=late[0], set={"number": "RENUMBERED-1"})
        way.rest()
        way.worlds.bookkeeper("pay", invoice=way.documents(late[1])[0]["InvoiceID"], amount=7)
        wait_until(lambda: is_money_equal(way, late[1]), 15, way.daemon.tail)
        way.daemon.end(signal.SIGKILL)
        # Paid while nobody looked, and a new one that nobody has seen.
        way.worlds.bookkeeper("pay", invoice=way.documents(late[2])[0]["InvoiceID"], amount=9)
        fresh = way.invoice(old)
        before, books = written(way), versions(way)

        said = put_back(way, backup, taken_at)
        way.daemon.start()
        was_looking = looking(way)
        wait_until(lambda: looking(way) is None, 20, way.daemon.tail)
        way.rest()
        for invoice in (paid, *late[1:]):
            wait_until(partial(is_money_equal, way, invoice), 15, way.daemon.tail)

        after = versions(way)
        assert {key: after[key] for key in books} == books
        assert written(way) - before == Counter({"PUT Invoices": 1})
        assert len(way.documents(fresh)) == 1
        assert [len(way.documents(one)) for one in (kept, *late)] == [1, 1, 1, 1]
        assert was_looking == "looking"
        assert way.told(late[0])["xeroInvoiceNumber"] == "RENUMBERED-1"
        assert f"taken at {taken_at:%Y-%m-%dT%H:%M:%S}" in said
        assert stores.ON_POSTGRESQL or "The store that was there is kept as" in said
        assert command(way, "db", "check")["sound"] is True
        way.assert_good("1")


def live_the_day(way: Journey, *, edited: str, paid: str, deleted: str) -> None:
    """What happens to invoices the backup knows."""
    way.worlds.user("edit_invoice", id=edited, set={"reference": "edited since"})
    way.worlds.user("delete", id=deleted)
    way.worlds.bookkeeper("pay", invoice=way.documents(paid)[0]["InvoiceID"], amount=5)


def test_an_old_refresh_token_is_held_until_a_person_reconnects(tmp_path: Path) -> None:
    with journey(tmp_path, sync=SYNC) as way:
        customer = way.customer("Grant")
        way.invoice(customer)
        way.rest()
        backup = tmp_path / "yesterday.db"
        taken_at = backed_up(way, backup)
        assert way.daemon.post("/api/v1/tenants/demo/refresh").status == 200
        way.daemon.end(signal.SIGTERM)
        way.worlds.clock(advance_s=3600)

        said = put_back(way, backup, taken_at)
        way.daemon.start()
        late = way.invoice(customer)
        wait_until(lambda: status(way) == "TOKEN_EXPIRED", 20, way.daemon.tail)
        held = way.daemon.get(f"/api/v1/tenants/demo/invoices/{late}")
        way.daemon.connect()
        way.wait_told(late, 30, state="synced")  # it may have been told that it waits
        way.rest()

        assert "TOKEN_EXPIRED" in said
        assert held.status in (200, 404)
        assert len(way.documents(late)) == 1
        way.assert_good("1")


def status(way: Journey) -> str:
    return str(way.daemon.get("/api/v1/tenants/demo").json()["status"])
