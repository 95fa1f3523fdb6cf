"""What Pipeline is told arrives, whatever happens on the way."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncd.domain.model.settings import CreateContacts
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found


def test_a_lost_answer_costs_a_repeat_and_changes_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        rule = {"match": {"method": "POST", "path": "/sync-results"}, "do": "drop_after_commit"}
        rounds.pipeline.faults.set([{**rule, "times": 3}])
        invoice = rounds.invoice(rounds.customer())

        await rounds.after(120)

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_the_same_news_is_told_once() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        before = rounds.pipeline.dump()["tenants"][rounds.tenant]["calls"]["putSyncResults"]

        await rounds.after(60)

        after = rounds.pipeline.dump()["tenants"][rounds.tenant]["calls"]["putSyncResults"]
        assert rounds.result(invoice)["state"] == "synced"
        assert after == before

    play(story)


def test_a_standing_revision_from_before_a_restore_is_overtaken() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        future = rounds.result(invoice)["revision"] + 10_000_000
        standing = {"kind": "invoice", "id": invoice, "revision": future, "state": "failed"}
        told = rounds.pipeline.tenants[rounds.tenant].results.put(standing)
        assert told["outcome"] == "stored", told

        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.after(30)

        result = rounds.result(invoice)
        assert (result["state"], result["syncedVersion"]) == ("synced", 2)
        assert result["revision"] == future + 1

    play(story)


def test_invoice_is_told_with_its_address_in_xero_and_the_instant_of_the_look() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        first = rounds.result(invoice)

        await rounds.after(60)
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "PO 2"})
        await rounds.turn()

        (books,) = rounds.xero.world.books.values()
        assert first["xeroUrl"].startswith("https://go.xero.com/")
        assert f"shortcode={books.organisation.short_code}&" in first["xeroUrl"]
        assert first["xeroUrl"].endswith(f"InvoiceID={first['xeroInvoiceId']}")
        looked_at = [
            datetime.fromisoformat(told["asOf"]) for told in (first, rounds.result(invoice))
        ]
        assert looked_at[1] - looked_at[0] >= timedelta(seconds=60)
        assert looked_at[1] == rounds.context.now()

    play(story)


def test_invoice_without_a_document_has_no_address_and_says_since_when() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.choose(create_contacts=CreateContacts.NEVER)
        invoice = rounds.invoice(rounds.customer())

        await rounds.turn()

        told = rounds.result(invoice)
        assert (told["state"], told.get("xeroUrl")) == ("waiting", None)
        assert datetime.fromisoformat(told["asOf"]) == rounds.context.now()

    play(story)


def test_results_that_are_too_many_bytes_together_go_in_parts() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.pipeline.switches["max_body_bytes"] = 2_000
        customer = rounds.customer()
        invoices = [rounds.invoice(customer, f"PL-{number}") for number in range(20)]

        await rounds.after(60)

        assert {rounds.result(one).get("state") for one in invoices} == {"synced"}

    play(story)


def test_an_outage_costs_no_more_calls_for_many_results_than_for_one() -> None:
    async def story(rounds: Rounds) -> None:
        path = {"method": "POST", "path": "/sync-results"}
        rounds.pipeline.faults.set([{"match": path, "do": "unavailable", "times": None}])
        customer = rounds.customer()
        invoices = [rounds.invoice(customer, f"PL-{number}") for number in range(20)]
        await rounds.after(300)
        asked = rounds.pipeline.dump()["tenants"][rounds.tenant]["calls"]["putSyncResults"]

        assert asked <= 60
        assert "result_refused" not in await found(rounds)
        rounds.pipeline.faults.set([])
        await rounds.after(1000, step_s=10)
        assert {rounds.result(one).get("state") for one in invoices} == {"synced"}

    play(story)
