"""A difference in who is invoiced shows names, the ids beside them."""

from __future__ import annotations

from syncd.domain.model.result import Difference, MovedBy
from syncd.engine import naming
from tests.engine.rounds import Rounds, play


def differing(customer: str, contact: str) -> Difference:
    return Difference(
        field="customerId",
        pipeline=customer,
        xero=contact,
        agreed="00000000-0000-0000-0000-000000000000",
        moved_by=MovedBy.XERO,
    )


def test_contacts_are_shown_by_name_with_their_id_beside() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        rounds.invoice(customer)
        await rounds.turn()
        contact = str(rounds.books()[0]["ContactID"])

        one = differing(customer, contact)
        names = await naming.learn(rounds.hall, rounds.tenant, [one])
        (shown,) = names.of([one])

        assert shown.pipeline == f"Harbour Build ({customer})"
        assert shown.xero == f"Harbour Build ({contact})"
        assert str(shown.agreed).startswith("a contact without a customer here (")

    play(story)


def test_other_differences_are_left_as_they_are() -> None:
    async def story(rounds: Rounds) -> None:
        one = Difference(field="total", pipeline="1", xero="2", agreed="1")

        names = await naming.learn(rounds.hall, rounds.tenant, [one])

        assert names.of([one]) == (one,)

    play(story)


def test_an_invoice_out_of_sync_says_which_fields_in_listing_finding_and_to_pipeline() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer(), reference="PO 1")
        await rounds.after(30)
        rounds.xero.do(do="edit", invoice="PL-1", set={"Reference": "hers"}, who="Kim")
        rounds.user(do="edit_invoice", id=invoice, set={"reference": "ours"}, by="Lee")
        await rounds.after(30)

        assert rounds.result(invoice)["reason"].startswith("Moved on both sides: reference. ")

    play(story)
