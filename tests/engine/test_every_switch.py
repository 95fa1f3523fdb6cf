"""A short journey between both books with each of Xero's switches turned, one at a time.

What the documents leave open must not matter: each invoice stands in Xero once, shows what Pipeline
shows or says why not, and all money comes back, whichever way Xero turns out to be. At length by
`make switches`: two offices at work with each switch turned, and a witness of every alarm.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from syncd.sandbox.xero.ledger.switches import Switches
from tests.engine.support import coming_back, sweeping
from tests.engine.support.coming_back import Coming
from tests.engine.support.rounds import LINE
from tests.engine.test_alarms import lived
from tests.xero.support.worlds import passes

OTHERWISE: dict[str, tuple[Any, ...]] = {
    # identity
    "access_token_s": (60,),
    "strict_refresh": (True,),
    "grace_keeps_all_pairs": (False,),
    "reauthorise_keeps_event": (True,),
    "loopback_redirects": (False,),
    "broad_scopes": (False,),
    "revoked_access_lives": (False,),
    "missing_scope_is_403": (True,),
    # transport
    "limits": (False,),
    "day_limit": (1000,),
    "minute_limit": (20_000,),  # the rounds are told of 10,000
    "app_minute_limit": (60,),
    "concurrent_limit": (1,),
    "day_header": (False,),
    "idempotency_s": (0.0,),
    "key_in_flight": ("runs",),
    "shortest_numbers": (True,),
    "answers_xml": (True,),
    "strict_queries": (False,),
    "max_ids": (40,),
    "max_url": (2048,),
    "read_lag_s": (3.0,),
    # invoices
    "save_good_on_400": (False,),
    "post_by_number_edits": (False,),
    "dead_numbers_stay_taken": (False,),
    "numbers_ignore_case": (False,),
    "unknown_invoice_is_404": (True,),
    "unknown_line_is_error": (False,),
    "partial_lines_keep": (False,),
    "lock_date_is_closed": (False,),
    "due_date_to_authorise": (False,),
    "account_to_authorise": (False,),
    "negative_quantity_refused": (False,),
    "total_below_zero_refused": (False,),
    "unknown_tax_is_not_valid": (True,),
    "void_keeps_lines": (False,),
    "ties": ("even",),
    "discounts_round": ("down",),
    "texts_max": (255,),
    "new_lines_first": (False,),
    "reverses_new_lines": (True,),
    "trims_texts": (False,),
    "drops_emoji": (True,),
    "drops_unknown_tracking": (True,),
    "drops_tracking": (True,),
    "unit_places": (2,),
    "answers_by_date": (True,),
    "ids_bring_lines": (False,),
    "credit_dates_are_the_invoices": (True,),
    "where_on_null": ("400", "no match"),
    "since_is_inclusive": (False,),
    "nothing_is_304": (True,),
    "rows_ahead_s": (36_000.0,),
    "max_rows": (1000,),
    # contacts and money
    "account_numbers_unique": (False,),
    "contact_names_ignore_case": (False,),
    "drops_phones": (True,),
    "cuts_names": (7,),
    "archived_contacts_hold_number": (False,),
    "deleted_payments_in_lists": (False,),
    "allocation_bumps_invoice": (False,),
    "merge_moves_invoices": (False,),
    # webhooks
    "own_writes_raise_events": (False,),
    "payment_raises_invoice_event": (False,),
    "payment_events": (True,),
    "credit_events": (False,),
    "webhook_line_breaks": (False,),
    "events_across_tenants": (False,),
    "resource_url_has_id": (False,),
    "webhook_delay_s": (4.0,),
    "webhook_delay_spread_s": (4.0,),
    "webhook_losses": (1.0,),
    "webhook_duplicates": (1.0,),
    "webhook_duplicate_within_s": (0.5,),
    "webhook_reorders": (0.5,),
    "webhook_reorder_s": (2.0,),
    "webhook_strangers": (1.0,),
    "webhook_riddles": (1.0,),
    "portal_tries_again_s": (0.0,),
    "stall_s": (2.0,),
}
"""Every switch, and its other positions."""
LEFT_OUT = {
    "consent": "a person who refuses connects nothing",
    "withheld_scopes": "without a permission nothing can be written",
    "max_connections": "the cap is met before anything is connected",
    "offline": "nothing answers at all",
    "tokens_offline": "nobody gets a token to connect with",
}
ALTERS = {"drops_emoji", "drops_tracking", "unit_places", "discounts_round"}
"""What Xero makes of the odd invoice under these is never synced in silence."""
ODD = {
    "description": "Fit 🚧 boards",
    "quantity": 1000,
    "unitAmount": "0.1234",
    "costCode": "LAB",
    "taxRate": "0.15",
    "tracking": [{"name": "Region", "option": "North"}],
}
CUT = {**LINE, "quantity": 1, "unitAmount": "2120.44", "discountPercent": "10"}
"""Its amount has a third place."""
CASES = [(name, value) for name, values in OTHERWISE.items() for value in values]


async def rest(coming: Coming, seconds: float, *, step_s: float = 2.0) -> None:
    """Let both sides work for so long: events are posted and read, jobs are done."""
    for _ in range(int(seconds / step_s)):
        await passes(step_s)
        await coming.post()
        await coming.digest()
        await coming.rounds.turn()


async def seen(coming: Coming) -> None:
    """Let what moved in Xero be found, by an event or by the sweeps."""
    await rest(coming, 12)
    await sweeping.swept_now(coming.rounds, full=True)
    await rest(coming, 4)


async def journey(coming: Coming) -> dict[str, str]:
    """Create, change, delete, lose an answer, pay, credit and take back; the invoices by name."""
    rounds = coming.rounds
    customer = rounds.customer(email="ada@harbour.test", phone="06 1")
    ids = {
        "money": rounds.invoice(customer, "PL-1", reference="PO 1", lines=[LINE, LINE]),
        "gone": rounds.invoice(customer, "PL-2", invoiceDate="2026-11-01"),
        "odd": rounds.invoice(customer, "PL-3", lines=[ODD, CUT]),
    }
    await rest(coming, 12)
    rounds.fault(match={"method": "PUT", "path": "/Invoices"}, do="drop_after_commit", times=1)
    ids["lost"] = rounds.invoice(customer, "PL-4")
    rounds.user(do="delete", id=ids["gone"])
    more = {**LINE, "description": "One more"}
    rounds.user(do="edit_invoice", id=ids["money"], set={"lines": [LINE, more, LINE]})
    await rest(coming, 120, step_s=10)
    document = rounds.xero_id(ids["money"])
    coming.do("part_pay", invoice=document, amount=14)
    coming.do("credit", invoice=document, amount=50, date="2026-11-21")
    await seen(coming)
    coming.assert_money_agrees(ids["money"])
    coming.do("deallocate", invoice=document)
    coming.do("delete_payment", invoice=document)
    await seen(coming)
    coming.assert_money_agrees(ids["money"])
    coming.do("pay", invoice=document)
    await seen(coming)
    return ids


@pytest.mark.parametrize(("name", "value"), CASES, ids=[f"{n}={v}" for n, v in CASES])
def test_books_agree_whichever_way_xero_turns_out_to_be(name: str, value: Any) -> None:
    async def story(coming: Coming) -> None:
        ids = await journey(coming)

        rounds = coming.rounds
        states = {who: rounds.result(invoice)["state"] for who, invoice in ids.items()}
        by_number = sorted(each["InvoiceNumber"] for each in rounds.books())
        assert by_number == ["PL-1", "PL-2", "PL-3", "PL-4"]
        assert rounds.xero.world.switches.as_json()[name] == value
        coming.assert_money_agrees(ids["money"])
        assert coming.document(ids["money"])["Status"] == "PAID"
        assert len(coming.document(ids["money"])["LineItems"]) == 3
        assert coming.document(ids["gone"])["Status"] == "VOIDED"
        odd = states.pop("odd")
        assert (odd == "synced") is (name not in ALTERS)
        assert odd == "synced" or rounds.result(ids["odd"])["reason"]
        states.pop("gone")
        assert set(states.values()) == {"synced"}, states

    coming_back.play(story, **{name: value})


def test_every_switch_is_turned_or_left_out_for_a_reason() -> None:
    names = set(Switches().as_json())

    assert names - set(OTHERWISE) == set(LEFT_OUT)
    assert not set(OTHERWISE) & set(LEFT_OUT)
    standing = Switches().as_json()
    assert [name for name, values in OTHERWISE.items() if standing[name] in values] == []


NOT_AT_LENGTH = {
    **dict.fromkeys(ALTERS, "what Xero alters is a difference that nobody made"),
    **dict.fromkeys(("new_lines_first", "reverses_new_lines"), "the witness pairs lines by place"),
    **dict.fromkeys(
        ("read_lag_s", "webhook_losses", "webhook_reorders"),
        "the witness asks at once, and the daemon knows when the next sweep has passed",
    ),
    "minute_limit": "the offices are given more calls than any limit",
}


def _at_length() -> list[tuple[str, Any]]:
    """All that the witness can follow with SWITCH_DEEDS; else two that move much."""
    if "SWITCH_DEEDS" in os.environ:
        return [case for case in CASES if case[0] not in NOT_AT_LENGTH]
    return [("answers_by_date", True), ("rows_ahead_s", 36_000.0)]


@pytest.mark.parametrize(("name", "value"), _at_length())
def test_two_offices_at_work_raise_no_false_alarm_with_it(name: str, value: Any) -> None:
    async def story(coming: Coming) -> None:
        witness, _ = await lived(coming, 1, count=int(os.environ.get("SWITCH_DEEDS", "30")))

        assert witness.problems == []

    coming_back.play(story, **{"new_lines_first": False, name: value})
