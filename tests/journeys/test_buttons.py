"""The connection's buttons and its keys, pressed while the daemon works."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.journeys.support.harness import ENCRYPTION_KEY, Journey, journey, wait_until


def test_disconnect_stops_all_and_reconnecting_carries_on(way: Journey) -> None:
    customer = way.customer("Cut Off")
    first = way.invoice(customer)
    way.wait_told(first, state="synced")

    pressed = way.daemon.run("disconnect", "demo")
    assert pressed.returncode == 0, pressed.stderr
    card = way.daemon.get("/api/v1/tenants/demo").json()
    assert (card["status"], card["organisation"] is not None) == ("Not Connected", True)
    connections = way.worlds.xero_books()["grants"]
    calls = way.calls().total()
    second = way.invoice(customer)
    way.worlds.user("edit_line", id=second, set={"quantity": 9})
    document = way.told(first)["xeroInvoiceId"]
    way.worlds.bookkeeper("pay", invoice=document, amount="5.00")

    def waits() -> bool:
        shown = way.daemon.get(f"/api/v1/tenants/demo/invoices/{second}")
        found = shown.json() if shown.status == 200 else {}
        return (found.get("state"), found.get("reason_code")) == ("waiting", "not_connected")

    wait_until(waits, 10, lambda: f"the second waits for the connection\n{way.daemon.tail()}")
    assert way.calls().total() == calls, f"no call after Disconnect; grants: {connections}"

    way.daemon.connect()
    # No event tells of the payment, and the next sweep by the clock is a quarter of an hour away.
    way.wait_told(second, within_s=20, state="synced", syncedVersion=2)
    (paid,) = way.worlds.pipeline_books()["payments"][first].values()
    assert (paid["status"], paid["amount"]) == ("Authorised", "5"), "told before the write"
    way.rest()
    way.assert_good()
    assert len(way.documents(first)) == len(way.documents(second)) == 1


def test_keys_are_rotated_under_a_working_daemon(tmp_path: Path) -> None:
    with journey(tmp_path, ["--customers", "2", "--invoices", "12"]) as way:
        keys = tmp_path / "keys.txt"
        keys.write_text(ENCRYPTION_KEY + "\n", "utf-8")
        keys.chmod(0o600)
        text = way.daemon.config.read_text("utf-8")
        by_file = text.replace(
            f'encryption_key = "{ENCRYPTION_KEY}"', f'encryption_key_file = "{keys}"'
        )
        assert by_file != text
        way.daemon.config.write_text(by_file, "utf-8")

        rotated = way.daemon.run("keys", "rotate")
        assert rotated.returncode == 0, rotated.stderr
        newest, *older = keys.read_text("utf-8").split()
        assert newest != ENCRYPTION_KEY
        assert older == [ENCRYPTION_KEY]
        _reload(way)

        # Nothing is sealed under the old key any more: it may go, and a restart opens everything.
        keys.write_text(newest + "\n", "utf-8")
        _reload(way)
        pressed = way.daemon.run("refresh", "demo")
        assert pressed.returncode == 0, pressed.stderr
        assert way.daemon.end(signal.SIGTERM) == 0
        way.daemon.start()
        way.invoice(way.customer("After"))
        way.rest()
        way.assert_good()
        assert newest not in way.daemon.log.read_text("utf-8")


def _reload(way: Journey) -> None:
    assert way.daemon.process is not None
    before = way.daemon.log.read_text("utf-8").count("config")
    way.daemon.process.send_signal(signal.SIGHUP)

    def taken() -> bool:
        text = way.daemon.log.read_text("utf-8")
        assert "config.refused" not in text, way.daemon.tail()
        return text.count("config") > before

    wait_until(taken, 10, lambda: f"the configuration is taken over\n{way.daemon.tail()}")
