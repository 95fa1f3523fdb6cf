"""A difference in who is invoiced shows names, the ids beside them."""

from __future__ import annotations

from syncd.domain.model.result import Difference, MovedBy
from syncd.domain.rules.decide.resolve import Take
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.engine.core import contact_names
from syncd.engine.operator.resolve import HasMoved, Order, ResolveService
from tests.engine.support.operating import Column
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found, swept_now


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
        names = await contact_names.learn(rounds.context, rounds.tenant, [one])
        (shown,) = names.of([one])

        assert shown.pipeline == f"Harbour Build ({customer})"
        assert shown.xero == f"Harbour Build ({contact})"
        assert str(shown.agreed).startswith("a contact without a customer here (")

    play(story)


def test_other_differences_are_left_as_they_are() -> None:
    async def story(rounds: Rounds) -> None:
        one = Difference(field="total", pipeline="1", xero="2", agreed="1")

        names = await contact_names.learn(rounds.context, rounds.tenant, [one])

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


def test_what_moved_since_it_was_seen_is_shown_by_name_as_well() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await rounds.turn()
        own = str(rounds.books()[0]["ContactID"])
        other = rounds.xero.do(do="create_contact", set={"Name": "Other"})["ContactID"]
        rounds.xero.do(do="edit", invoice="PL-1", set={"Contact": {"ContactID": other}})
        desk = ResolveService(
            rounds.context, gates=Column(state=ConnectionState.CONNECTED), wake=id
        )

        answer = await desk.resolve(
            rounds.tenant, invoice, Order(take=Take.XERO, seen="nothing", who="Ada")
        )

        assert isinstance(answer, HasMoved)
        (one,) = answer.differences
        assert one.pipeline == f"Harbour Build ({customer})"
        assert one.agreed == f"Harbour Build ({own})"
        assert one.xero == f"a contact without a customer here ({other})"

    play(story)


def test_documents_with_our_mark_name_the_invoice_they_are_a_copy_of() -> None:
    async def story(rounds: Rounds) -> None:
        invoice = rounds.invoice(rounds.customer())
        await rounds.turn()
        copy = {"InvoiceNumber": "COPY-1", "Url": rounds.books()[0]["Url"]}
        rounds.xero.do(do="create_invoice", set=copy)

        await swept_now(rounds)

        (one,) = (await found(rounds))["duplicate_suspected"]
        assert one.text.startswith(
            f"Xero's invoice COPY-1 carries the mark of Pipeline's invoice PL-1 ({invoice}), which"
        )

    play(story)
