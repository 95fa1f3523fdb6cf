"""What Pipeline is told arrives, whatever happens on the way."""

from __future__ import annotations

from tests.engine.rounds import Rounds, play


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
