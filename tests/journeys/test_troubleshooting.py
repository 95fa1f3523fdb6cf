"""The product's page "Troubleshooting Xero Connection Issues", acted out: what people then read.

Each step is a person's, over HTTP: in the browser, at the operator's commands, or in Pipeline,
whose dump is what its users see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.support.browser import Browser, Page
from tests.journeys.support.harness import FAST, Daemon, Journey, Worlds, journey, wait_until

TOKEN = {"method": "POST", "path": "/connect/token"}
CONTACTS = "accounting.contacts"


@pytest.fixture
def at_start(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon that runs and has never been connected, and two organisations to choose from."""
    worlds = Worlds(tmp_path, "--organisations", "2")
    daemon = Daemon(worlds, tmp_path)
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.close()
        worlds.close()


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A connected daemon whose tokens live for seconds, so that refreshing can be watched."""
    folder = tmp_path_factory.mktemp("troubleshooting")
    with journey(folder, before=lambda each: each.xero(switches={"access_token_s": 3})) as each:
        yield each


def read(daemon: Daemon, *command: str) -> str:
    """What a command says to the operator, whether it was done or not."""
    done = daemon.run(*command)
    return " ".join((done.stdout + done.stderr).split())


def card(daemon: Daemon) -> Any:
    return daemon.get("/api/v1/tenants/demo").json()


def live_organisations(daemon: Daemon) -> list[str]:
    connections = daemon.worlds.xero_books()["grants"]["connections"]
    return [each["tenant_id"] for each in connections if each["live"]]


# --- Connection fails


def test_cancelled_consent_can_be_tried_again_and_leaves_a_trace(at_start: Daemon) -> None:
    browser = Browser(at_start)
    at_start.worlds.xero(switches={"consent": "deny"})

    cancelled = browser.follow(browser.press_connect())

    assert cancelled.status == 400
    assert "You chose not to grant access in Xero" in cancelled.text
    assert "You chose not to grant access in Xero" in read(at_start, "events", "tail", "demo")
    assert card(at_start)["status"] == "Not Connected"

    at_start.worlds.xero(switches={"consent": "approve"})
    connected = browser.follow(cancelled.links["Try again"])

    assert connected.status == 200
    assert "Connected to Xero" in connected.text
    assert "now sync in the background" in connected.text
    assert connected.links["Back to Pipeline"] == "https://app.pipeline.example/"
    assert card(at_start)["status"] == "Connected"


def test_wrong_organisation_is_refused_by_name_and_given_back(at_start: Daemon) -> None:
    browser = Browser(at_start)
    assert browser.follow(browser.press_connect()).status == 200
    before = live_organisations(at_start)

    wrong = browser.follow(browser.press_connect(), org=2)

    assert wrong.status == 409
    assert f"this account belongs to {card(at_start)['organisation']}" in wrong.text
    assert "Nothing was changed. The access to " in wrong.text
    assert live_organisations(at_start) == before
    assert card(at_start)["status"] == "Connected"


@pytest.mark.parametrize(
    ("withheld", "read_there"),
    [
        (CONTACTS, f"Not granted: create and edit contacts ({CONTACTS})"),
        ("offline_access", "offline access, for background sync (offline_access), was not among"),
    ],
)
def test_permission_that_was_not_granted_is_named(
    withheld: str, read_there: str, at_start: Daemon
) -> None:
    browser = Browser(at_start)
    at_start.worlds.xero(switches={"withheld_scopes": withheld})

    page = browser.follow(browser.press_connect())

    assert page.status == 400
    assert read_there in page.text
    assert "grant all requested permissions" in page.text
    assert live_organisations(at_start) == []
    assert card(at_start)["status"] == "Not Connected"


def test_each_trouble_with_cookies_has_its_page_and_the_known_ones_a_trace(
    at_start: Daemon,
) -> None:
    blocked = Browser(at_start, keeps_cookies=False)
    without = blocked.follow(blocked.press_connect())
    browser = Browser(at_start)
    first = browser.way_back(browser.press_connect())
    second = browser.way_back(browser.press_connect())
    other_tab = browser.follow(first)
    good = browser.follow(second)
    naked = browser.follow(f"http://127.0.0.1:{at_start.ports[1]}/oauth/xero/callback")

    assert "Your browser did not send back the cookie" in without.text
    assert "perhaps it was started in two tabs" in other_tab.text
    assert "it was opened without Xero's answer" in naked.text
    assert [each.status for each in (without, other_tab, naked, good)] == [400, 400, 400, 200]
    assert "Try again" not in without.links
    told = read(at_start, "events", "tail", "demo")
    assert "Your browser did not send back the cookie" in told
    assert "perhaps it was started in two tabs" in told


def test_link_is_spent_once_somebody_came_back_with_it(at_start: Daemon) -> None:
    browser = Browser(at_start)
    link = browser.press_connect()
    Browser(at_start).way_back(link)  # a preview that follows links takes nothing
    assert browser.follow(link).status == 200

    spent = browser.follow(link)

    assert spent.status == 410
    assert "works once and for ten minutes" in spent.text


@pytest.mark.parametrize("odd", [{"do": "html", "status": 200}, {"do": "truncated"}])
def test_odd_answer_of_the_identity_service_ends_in_a_page(
    odd: dict[str, Any], at_start: Daemon
) -> None:
    browser = Browser(at_start)
    at_start.worlds.xero(rules=[{"match": TOKEN, "times": 1, **odd}])

    page = browser.follow(browser.press_connect())

    assert page.status == 502
    assert "not in a way that can be read" in page.text
    assert browser.follow(page.links["Try again"]).status == 200


def test_success_in_observe_promises_no_writing(tmp_path: Path) -> None:
    worlds = Worlds(tmp_path)
    daemon = Daemon(worlds, tmp_path, mode="observe", tenant={"start_date": "2026-06-01"})
    try:
        daemon.start()
        browser = Browser(daemon)

        page: Page = browser.follow(browser.press_connect())

        assert "Nothing is written to Xero yet: this account observes." in page.text
        assert "Invoices dated before 2026-06-01 are left alone" in page.text
    finally:
        daemon.close()
        worlds.close()


# --- TOKEN_EXPIRED


def test_refresh_token_renews_and_says_what_happens_while_xero_fails(way: Journey) -> None:
    assert "The connection was renewed." in read(way.daemon, "refresh", "demo")
    way.worlds.xero(rules=[{"match": TOKEN, "do": "error_before", "times": 1_000}])

    failing = read(way.daemon, "refresh", "demo")
    way.worlds.xero(rules=[])

    assert "could not be renewed" in failing
    assert "tried again by itself" in failing
    wait_until(
        lambda: "The connection was renewed." in read(way.daemon, "refresh", "demo"),
        15,
        way.daemon.tail,
    )


def test_expired_token_is_told_everywhere_and_healed_by_connecting(way: Journey) -> None:
    invoice = way.invoice(way.customer("Expired"))
    way.wait_told(invoice, state="synced")
    way.worlds.xero(switches={"strict_refresh": True})
    way.lose(match=TOKEN, do="drop_after_commit")()
    wait_until(lambda: card(way.daemon)["status"] == "TOKEN_EXPIRED", 20, way.daemon.tail)

    way.worlds.user("edit_line", id=invoice, set={"quantity": 9})
    told = way.wait_told(invoice, state="waiting", reasonCode="token_expired")

    assert "Press Connect to Xero; all work waits until then and nothing is lost" in told["reason"]
    assert told["syncedVersion"] == 1
    assert "There is nothing to refresh: TOKEN_EXPIRED. Press Connect to Xero" in read(
        way.daemon, "refresh", "demo"
    )
    assert _shown(way, invoice) == ("waiting", "token_expired")

    way.worlds.xero(switches={"strict_refresh": False})
    way.daemon.connect()

    way.wait_told(invoice, state="synced", syncedVersion=2)
    way.rest()


# --- Disconnect, then Connect; what Pipeline itself shows


def _shown(way: Journey, invoice: str) -> tuple[str, str | None]:
    """The invoice in our own listing."""
    found = way.daemon.get(f"/api/v1/tenants/demo/invoices/{invoice}").json()
    return found["state"], found["reason_code"]


def _pause(way: Journey) -> Callable[[], None]:
    assert way.daemon.run("tenants", "pause", "demo").returncode == 0
    return lambda: _done(way, "tenants", "resume", "demo")


def _disconnect(way: Journey) -> Callable[[], None]:
    assert way.daemon.run("disconnect", "demo").returncode == 0
    return way.daemon.connect


def _done(way: Journey, *command: str) -> None:
    done = way.daemon.run(*command)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("close", "reason", "remedy"),
    [
        (_pause, "paused", "Resume it to go on"),
        (_disconnect, "not_connected", "press Connect to Xero"),
    ],
)
def test_pipeline_shows_what_waits_and_what_goes_on_as_our_own_listing_does(
    close: Callable[[Journey], Callable[[], None]], reason: str, remedy: str, way: Journey
) -> None:
    customer = way.customer(f"Behind {reason}")
    edited, untouched = way.invoice(customer), way.invoice(customer)
    for each in (edited, untouched):
        before = way.wait_told(each, state="synced")
        assert before["xeroUrl"].endswith(before["xeroInvoiceId"])
        assert before["asOf"].endswith("Z")
    opens = close(way)

    way.worlds.user("edit_line", id=edited, set={"quantity": 9})
    new = way.invoice(customer)

    for each in (edited, new):
        told = way.wait_told(each, state="waiting", reasonCode=reason)
        assert remedy in told["reason"]
        assert told["asOf"]
        assert _shown(way, each) == ("waiting", reason)
    assert way.told(edited)["syncedVersion"] == 1
    assert way.told(untouched)["state"] == "synced"
    assert _shown(way, untouched) == ("synced", None)
    told_once = way.told(edited)["revision"]

    time_for_many_beats(way)
    assert way.told(edited)["revision"] == told_once

    opens()
    way.wait_told(edited, state="synced", syncedVersion=2)
    way.wait_told(new, state="synced", syncedVersion=1)
    way.rest()


def time_for_many_beats(way: Journey) -> None:
    """Long enough for a beat to tell again, were it to: the feed has been asked several times."""

    def asked() -> int:
        return int(way.worlds.pipeline_books()["calls"]["listChanges"])

    goal = asked() + 5
    wait_until(lambda: asked() >= goal, 30, "the feed is asked")


def test_wait_is_told_after_a_restart_too(way: Journey) -> None:
    invoice = way.invoice(way.customer("Restarted"))
    way.wait_told(invoice, state="synced")
    opens = _pause(way)
    way.daemon.close()
    way.worlds.user("edit_line", id=invoice, set={"quantity": 9})

    way.daemon.start()

    way.wait_told(invoice, state="waiting", reasonCode="paused")
    opens()
    way.wait_told(invoice, state="synced", syncedVersion=2)
    way.rest()


def test_payment_made_behind_a_pause_is_told_to_pipeline(way: Journey) -> None:
    invoice = way.invoice(way.customer("Paid meanwhile"))
    way.wait_told(invoice, state="synced")
    opens = _pause(way)
    way.worlds.user("edit_line", id=invoice, set={"description": "Call-out, second visit"})
    way.wait_told(invoice, state="waiting", reasonCode="paused")

    document = way.told(invoice)["xeroInvoiceId"]
    way.worlds.bookkeeper("pay", invoice=document, amount="5.00")
    _done(way, "reconcile", "demo")

    told = way.wait_told(invoice, state="waiting", amountPaid="5")
    assert told["reasonCode"] == "paused"
    opens()
    way.rest()


# --- the role of whoever connected


def test_role_that_may_not_write_is_named_and_its_return_goes_on(way: Journey) -> None:
    way.worlds.bookkeeper("role", role="read_only")
    invoice = way.invoice(way.customer("Read only"))

    wait_until(lambda: card(way.daemon)["status"] == "Not Connected", 20, way.daemon.tail)
    way.wait_told(invoice, state="waiting", reasonCode="not_connected")
    shown = read(way.daemon, "tenants", "show", "demo")
    assert "Give them back a role that may create and edit invoices" in shown
    assert "Nothing has changed." in read(way.daemon, "refresh", "demo")

    way.worlds.bookkeeper("role", role="standard")
    assert "Xero permits writing again" in read(way.daemon, "refresh", "demo")

    assert card(way.daemon)["status"] == "Connected"
    way.wait_told(invoice, state="synced")
    way.rest()
    way.assert_good()


# --- Invoice not syncing


def test_customer_created_in_xero_lets_its_invoice_go_without_the_hourly_look(
    tmp_path: Path,
) -> None:
    patient = FAST | {"recheck_s": 3600.0}
    with journey(tmp_path, sync=patient, tenant={"create_contacts": "never"}) as alone:
        invoice = alone.invoice(alone.customer("FIRST"))
        told = alone.wait_told(invoice, state="waiting", reasonCode="contact_unmapped")
        assert "in Xero" in told["reason"]

        alone.worlds.bookkeeper("create_contact", set={"Name": "First", "AccountNumber": "FIRST"})
        _done(alone, "reconcile", "demo")

        alone.wait_told(invoice, within_s=20, state="synced")
        alone.rest()


# --- Out of sync invoice


def test_invoice_edited_in_both_is_shown_by_field_and_resumes_once_both_agree(way: Journey) -> None:
    invoice = way.invoice(way.customer("Both edit"), reference="as agreed")
    way.wait_told(invoice, state="synced")
    document = way.told(invoice)["xeroInvoiceId"]
    way.worlds.bookkeeper("edit", invoice=document, Reference="hers")

    way.worlds.user("edit_invoice", id=invoice, set={"reference": "his"})
    told = way.wait_told(invoice, state="out_of_sync")

    (difference,) = told["differences"]
    assert (difference["field"], difference["movedBy"]) == ("reference", "both")
    assert [difference[side] for side in ("agreed", "pipeline", "xero")] == [
        "as agreed",
        "his",
        "hers",
    ]
    assert way.documents(invoice)[0]["Reference"] == "hers"
    assert _shown(way, invoice) == ("out_of_sync", None)

    way.worlds.user("edit_invoice", id=invoice, set={"reference": "hers"})
    way.wait_told(invoice, state="synced", syncedVersion=3)
    way.rest()


# --- Payments not appearing


def test_payment_and_its_end_appear_by_reconcile_where_no_webhook_told(way: Journey) -> None:
    invoice = way.invoice(way.customer("Pays"))
    document = way.wait_told(invoice, state="synced")["xeroInvoiceId"]

    made = way.worlds.bookkeeper("pay", invoice=document, amount="5.00")
    _done(way, "reconcile", "demo")
    way.wait_told(invoice, amountPaid="5")
    way.worlds.bookkeeper("delete_payment", payment=made["PaymentID"])
    _done(way, "reconcile", "demo")
    way.wait_told(invoice, amountPaid="0")

    (payment,) = way.worlds.pipeline_books()["payments"][invoice].values()
    assert (payment["amount"], payment["status"]) == ("5", "Deleted")


# --- General tips


def test_invoice_made_in_xero_is_never_brought_to_pipeline(way: Journey) -> None:
    before = set(way.worlds.pipeline_books()["invoices"])

    way.worlds.bookkeeper("create_invoice")
    _done(way, "reconcile", "demo")
    way.rest()

    assert set(way.worlds.pipeline_books()["invoices"]) == before
