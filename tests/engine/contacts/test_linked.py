"""R25, R28: both sides of a linked contact travel per field; merged is followed, archived waits."""

from __future__ import annotations

import pytest

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.job import JobKind, JobRequest
from syncd.domain.model.settings import Mode
from syncd.engine.contacts import request_link
from syncd.engine.contacts.link_requests import LinkRequest
from syncd.store import jobs
from tests.engine.support.coming_back import Coming
from tests.engine.support.coming_back import play as played_with_webhooks
from tests.engine.support.contact_stories import (
    announced,
    contact,
    contacts,
    edit_in_pipeline,
    edit_in_xero,
    entries,
    shown,
    told,
)
from tests.engine.support.rounds import Rounds, play
from tests.engine.support.sweeping import found, swept_now
from tests.xero.support.worlds import TENANT

POST = {"method": "POST", "path": "/Contacts"}


def test_only_what_pipeline_moved_goes_to_xero() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(email="a@b.test", phone="06 1")
        await rounds.turn()
        edit_in_xero(rounds, customer, FirstName="Ann")

        edit_in_pipeline(rounds, customer, email="new@b.test")
        await rounds.turn()

        found = contact(rounds, customer)
        assert (found["EmailAddress"], found["FirstName"]) == ("new@b.test", "Ann")
        (body,) = [
            request.body or b""
            for request in rounds.xero.transport.sent
            if request.method == "POST" and "/Contacts" in request.url
        ]
        assert b"new@b.test" in body
        assert b"06 1" not in body
        assert b"Name" not in body
        assert told(rounds, customer)["state"] == "synced"
        assert "Changed in Xero: email" in await entries(rounds, customer)

    play(story)


def test_a_contact_that_xero_does_not_show_yet_is_not_taken_for_gone() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.world.switches.turn({"read_lag_s": 47.0})
        customer = rounds.customer(email="a@b.test")
        await rounds.turn()
        edit_in_pipeline(rounds, customer, email="new@b.test")

        await rounds.turn()
        assert told(rounds, customer)["state"] == "synced"
        await rounds.after(120)

        assert contact(rounds, customer)["EmailAddress"] == "new@b.test"

    play(story)


def test_a_change_in_xero_refreshes_only_that_field_in_pipeline() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(email="a@b.test", phone="06 1")
        await rounds.turn()

        edit_in_xero(rounds, customer, EmailAddress="books@b.test")
        await announced(rounds, customer)

        found = shown(rounds, customer)
        assert (found["email"], found["phone"]) == ("books@b.test", "06 1")
        assert rounds.calls("POST Contacts") == 0
        assert "fromXero" not in told(rounds, customer)
        assert "Changed in Xero, handed to Pipeline: email" in await entries(rounds, customer)

    play(story)


def test_both_moved_is_pipelines_and_the_trail_says_so() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(email="a@b.test")
        await rounds.turn()

        edit_in_xero(rounds, customer, EmailAddress="books@b.test", FirstName="Ann")
        edit_in_pipeline(rounds, customer, email="office@b.test")
        await rounds.turn()

        assert contact(rounds, customer)["EmailAddress"] == "office@b.test"
        assert shown(rounds, customer)["email"] == "office@b.test"
        assert shown(rounds, customer)["firstName"] == "Ann"
        said = await entries(rounds, customer)
        assert "Changed in Xero: email (changed on both sides, Pipeline's stands: email)" in said

    play(story)


def test_a_refresh_that_pipeline_refused_is_compared_again() -> None:
    """The user edited while the refresh was on its way: the answer is conflict."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(email="a@b.test")
        await rounds.turn()
        edit_in_xero(rounds, customer, FirstName="Ann")
        tell = rounds._tell

        async def edited_first() -> float | None:
            edit_in_pipeline(rounds, customer, phone="06 2")
            rounds._tell = tell  # type: ignore[method-assign]  # one interruption
            return await tell()

        rounds._tell = edited_first  # type: ignore[method-assign]  # as above
        await announced(rounds, customer)

        found = shown(rounds, customer)
        assert (found["firstName"], found["phone"]) == ("Ann", "06 2")
        assert told(rounds, customer)["applied"] is True

    play(story)


def test_a_linked_customer_at_rest_costs_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        before = len(rounds.xero.transport.sent)

        await rounds.after(1200, step_s=600)
        assert len(rounds.xero.transport.sent) == before

        await announced(rounds, customer)
        assert len(rounds.xero.transport.sent) == before + 1

    play(story)


def test_an_address_of_more_lines_than_pipeline_knows_is_changed_without_doubling_them() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        address = {"AddressType": "POBOX", "AddressLine1": "2 Quay", "AddressLine2": "Suite 2"}
        lower = {"AddressLine3": "Floor 3", "AddressLine4": "Rear"}
        edit_in_xero(rounds, customer, Addresses=[address | lower])
        await announced(rounds, customer)
        taken = shown(rounds, customer)["postalAddress"]

        edit_in_pipeline(rounds, customer, postalAddress={**taken, "city": "Napier"})
        await rounds.turn()

        found = contact(rounds, customer)["Addresses"]["POBOX"]
        lines = [found.get(f"AddressLine{number}") for number in (1, 2, 3, 4)]
        assert lines == ["2 Quay", "Suite 2, Floor 3, Rear", "", ""]
        assert (found["City"], told(rounds, customer)["state"]) == ("Napier", "synced")

    play(story)


def test_differences_at_linking_stay_as_they_are() -> None:
    async def story(rounds: Rounds) -> None:
        rounds.xero.do(
            do="create_contact",
            set={"Name": "Harbour Build Ltd", "AccountNumber": "C1", "EmailAddress": "x@b.test"},
        )
        customer = rounds.customer(email="a@b.test")
        await rounds.turn()

        edit_in_pipeline(rounds, customer, phone="06 2")
        await rounds.turn()
        await announced(rounds, customer)

        found = contact(rounds, customer)
        assert (found["Name"], found["EmailAddress"]) == ("Harbour Build Ltd", "x@b.test")
        assert shown(rounds, customer)["email"] == "a@b.test"
        assert rounds.calls("POST Contacts") == 2

    play(story)


def test_an_emptied_first_name_is_not_sent() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(firstName="Ann")
        await rounds.turn()

        edit_in_pipeline(rounds, customer, firstName=None)
        await rounds.turn()

        assert rounds.calls("POST Contacts") == 0
        assert told(rounds, customer)["state"] == "synced"

    play(story)


def test_a_name_that_is_taken_waits_with_whose_it_is() -> None:
    async def story(rounds: Rounds) -> None:
        other = rounds.xero.do(do="create_contact", set={"Name": "Harbour Group"})
        customer = rounds.customer()
        await rounds.turn()

        edit_in_pipeline(rounds, customer, name="Harbour Group")
        await rounds.turn()

        result = told(rounds, customer)
        assert result["state"] == "waiting"
        assert other["ContactID"] in result["reason"]

        rounds.xero.do(do="edit_contact", contact=other["ContactID"], set={"Name": "Else"})
        await rounds.after(3600, step_s=600)
        assert contact(rounds, customer)["Name"] == "Harbour Group"

    play(story)


def test_a_number_that_is_taken_in_other_letters_waits_with_whose_it_is() -> None:
    async def story(rounds: Rounds) -> None:
        other = rounds.xero.do(
            do="create_contact", set={"Name": "Harbour Group", "AccountNumber": "ab7"}
        )
        customer = rounds.customer()
        await rounds.turn()

        edit_in_pipeline(rounds, customer, ref="AB7")
        await rounds.turn()

        result = told(rounds, customer)
        assert result["state"] == "waiting"
        assert f"Harbour Group ({other['ContactID']})" in result["reason"]

    play(story)


def test_a_name_that_another_customer_gives_up_in_the_same_call_is_tried_again() -> None:
    async def story(rounds: Rounds) -> None:
        first = rounds.customer()
        second = str(rounds.user(do="create_customer", ref="C2", name="Harbour Group")["id"])
        await rounds.turn()

        edit_in_pipeline(rounds, first, name="Harbour Group")
        edit_in_pipeline(rounds, second, name="Harbour Holding")
        await rounds.after(60)

        assert contact(rounds, first)["Name"] == "Harbour Group"
        assert contact(rounds, second)["Name"] == "Harbour Holding"

    play(story)


def test_observing_changes_neither_side() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(email="a@b.test")
        await rounds.turn()
        rounds.choose(mode=Mode.OBSERVE)

        edit_in_pipeline(rounds, customer, email="b@b.test")
        edit_in_xero(rounds, customer, FirstName="Ann")
        await rounds.turn()

        assert rounds.calls("POST Contacts") == 0
        assert told(rounds, customer)["state"] == "waiting"
        assert shown(rounds, customer).get("firstName") is None

        rounds.choose(mode=Mode.LIVE)
        await rounds.after(3600, step_s=600)
        assert contact(rounds, customer)["EmailAddress"] == "b@b.test"
        assert shown(rounds, customer)["firstName"] == "Ann"

    play(story)


def test_one_answer_without_the_contact_holds_nobody() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.after(900, step_s=100)
        own, other = contact(rounds, customer)["ContactID"], "11111111-1111-4111-8111-111111111111"
        read = {"method": "GET", "path": "Contacts"}
        rounds.fault(match=read, do="rewritten", find=own, put=other)

        edit_in_pipeline(rounds, customer, phone="09 555 0101")
        await rounds.turn()

        assert told(rounds, customer)["state"] != "waiting"
        await rounds.after(60)
        assert told(rounds, customer)["state"] == "synced"
        assert contact(rounds, customer)["Phones"] != []

    play(story)


def test_an_archived_contact_holds_its_invoices_until_it_is_restored() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        identifier = told(rounds, customer)["xeroContactId"]
        rounds.xero.do(do="archive", contact=identifier)
        await announced(rounds, customer)
        assert told(rounds, customer)["state"] == "archived"

        invoice = rounds.invoice(customer)
        await rounds.turn()
        assert rounds.result(invoice)["reasonCode"] == "contact_archived"
        assert rounds.calls("PUT Invoices") == 0

        rounds.xero.do(do="edit_contact", contact=identifier, set={"ContactStatus": "ACTIVE"})
        await announced(rounds, customer)
        assert rounds.result(invoice)["state"] == "synced"
        assert told(rounds, customer)["state"] == "synced"

    play(story)


def test_an_edit_for_an_archived_contact_waits_and_lands_after_its_restoration() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        identifier = told(rounds, customer)["xeroContactId"]
        rounds.xero.do(do="archive", contact=identifier)

        edit_in_pipeline(rounds, customer, phone="06 2")
        await rounds.turn()
        assert told(rounds, customer)["state"] == "waiting"
        assert rounds.calls("POST Contacts") == 0

        rounds.xero.do(do="edit_contact", contact=identifier, set={"ContactStatus": "ACTIVE"})
        await rounds.after(3600, step_s=600)
        assert contact(rounds, customer)["Phones"]["DEFAULT"]["PhoneNumber"] == "06 2"

    play(story)


def test_a_merge_is_followed_and_invoices_go_on() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(email="a@b.test")
        invoice = rounds.invoice(customer)
        await rounds.turn()
        survivor = rounds.xero.do(
            do="create_contact", set={"Name": "Harbour Group", "EmailAddress": "g@b.test"}
        )
        first = told(rounds, customer)["xeroContactId"]
        rounds.xero.do(do="merge", contact=first, into=survivor["ContactID"])

        await announced(rounds, customer)

        assert told(rounds, customer)["xeroContactId"] == survivor["ContactID"]
        assert contact(rounds, customer)["EmailAddress"] == "g@b.test"
        assert shown(rounds, customer)["email"] == "a@b.test"
        rounds.user(do="edit_line", id=invoice, set={"quantity": 4})
        await rounds.turn()
        assert rounds.result(invoice)["state"] == "synced"
        (book,) = rounds.books()
        assert str(book["Total"]) == "552.00"

    play(story)


def test_an_invoice_that_went_with_a_merge_is_released_once_the_merge_is_followed() -> None:
    """Simulation, seed 101 without webhooks: its contact was an edit until nobody looked again."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await rounds.turn()
        survivor = rounds.xero.do(do="create_contact", set={"Name": "Harbour Group"})
        first = told(rounds, customer)["xeroContactId"]
        rounds.xero.do(do="merge", contact=first, into=survivor["ContactID"])
        now = rounds.context.now()
        again = JobRequest(tenant=TENANT, kind=JobKind.PUSH_INVOICE, key=invoice, ready_at=now)
        await rounds.context.store.run(jobs.enqueue([again], now))
        await rounds.turn()

        await announced(rounds, customer)

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_an_edit_made_before_a_merge_reaches_the_survivor_but_not_the_number() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(email="a@b.test")
        await rounds.turn()
        survivor = rounds.xero.do(
            do="create_contact", set={"Name": "Harbour Group", "EmailAddress": "g@b.test"}
        )
        first = told(rounds, customer)["xeroContactId"]
        rounds.xero.do(do="merge", contact=first, into=survivor["ContactID"])

        edit_in_pipeline(rounds, customer, phone="06 2")
        await rounds.turn()

        found = contact(rounds, customer)
        assert (found["Name"], found["EmailAddress"]) == ("Harbour Group", "g@b.test")
        assert found["Phones"]["DEFAULT"]["PhoneNumber"] == "06 2"

    play(story)


def test_a_survivor_that_was_archived_holds_the_invoices() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        survivor = rounds.xero.do(do="create_contact", set={"Name": "Harbour Group"})
        first = told(rounds, customer)["xeroContactId"]
        rounds.xero.do(do="merge", contact=first, into=survivor["ContactID"])
        rounds.xero.do(do="archive", contact=survivor["ContactID"])
        await announced(rounds, customer)

        invoice = rounds.invoice(customer)
        await rounds.turn()

        assert rounds.result(invoice)["reasonCode"] == "contact_archived"
        assert rounds.calls("PUT Invoices") == 0

    play(story)


def test_a_chain_of_merges_raises_no_false_alarm() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        invoices = [rounds.invoice(customer, "PL-1")]
        await rounds.turn()
        for step in ("Second", "Third"):
            survivor = rounds.xero.do(do="create_contact", set={"Name": step})
            before = told(rounds, customer)["xeroContactId"]
            rounds.xero.do(do="merge", contact=before, into=survivor["ContactID"])
            await announced(rounds, customer)
            invoices.append(rounds.invoice(customer, f"PL-{step}"))
            await rounds.turn()

        for each in invoices:
            rounds.user(do="edit_invoice", id=each, set={"reference": "PO 7"})
        await rounds.turn()

        assert [rounds.result(each)["state"] for each in invoices] == ["synced"] * 3
        assert contact(rounds, customer)["Name"] == "Third"

    play(story)


def test_two_customers_on_one_contact_both_go_on_and_the_second_says_so() -> None:
    async def story(rounds: Rounds) -> None:
        lost = rounds.customer(email="a@b.test")
        made = rounds.user(do="create_customer", ref="C2", name="Harbour Group")
        kept = str(made["id"])
        invoice = rounds.invoice(lost)
        await rounds.turn()
        rounds.xero.do(
            do="merge",
            contact=told(rounds, lost)["xeroContactId"],
            into=told(rounds, kept)["xeroContactId"],
        )

        await announced(rounds, lost, kept)

        assert "merged into Harbour Group" in told(rounds, lost)["reason"]
        (merged,) = (await found(rounds))["contacts_merged"]
        assert (merged.key, merged.label) == (lost, "Harbour Build")
        assert "Harbour Group" in merged.text
        assert told(rounds, lost)["xeroContactId"] == told(rounds, kept)["xeroContactId"]
        second = rounds.invoice(lost, "PL-2")
        edit_in_pipeline(rounds, lost, email="c@b.test")
        await rounds.turn()
        assert rounds.result(invoice)["state"] == "synced"
        assert rounds.result(second)["state"] == "synced"
        assert "c@b.test" not in str(contacts(rounds))
        assert shown(rounds, kept)["name"] == "Harbour Group"

    play(story)


@pytest.mark.parametrize("number", [None, "From the till"], ids=["marked", "not written to"])
def test_a_survivor_that_a_new_customer_comes_to_in_the_same_round_is_shared(
    number: str | None,
) -> None:
    """Simulation, seed 891001 without webhooks: our mark of the one, and the link of the other."""

    async def story(rounds: Rounds) -> None:
        lost = rounds.customer()
        await rounds.turn()
        survivor = rounds.xero.do(
            do="create_contact",
            set={"Name": "Harbour Group", "AccountNumber": "C2", "ContactNumber": number},
        )["ContactID"]
        rounds.xero.do(do="merge", contact=told(rounds, lost)["xeroContactId"], into=survivor)
        new = str(rounds.user(do="create_customer", ref="C2", name="Harbour Group")["id"])
        invoices = [rounds.invoice(lost), rounds.invoice(new, "PL-2")]

        await announced(rounds, lost)

        for customer in (new, lost):
            assert told(rounds, customer)["state"] == "synced"
            assert told(rounds, customer)["xeroContactId"] == survivor
        assert [rounds.result(each)["state"] for each in invoices] == ["synced", "synced"]
        (merged,) = (await found(rounds))["contacts_merged"]
        assert merged.key == lost

    play(story)


def test_a_shared_contact_is_the_other_customers_once_the_first_has_left_it() -> None:
    async def story(rounds: Rounds) -> None:
        lost = rounds.customer()
        kept = str(rounds.user(do="create_customer", ref="C2", name="Harbour Group")["id"])
        await rounds.turn()
        shared = told(rounds, kept)["xeroContactId"]
        rounds.xero.do(do="merge", contact=told(rounds, lost)["xeroContactId"], into=shared)
        await announced(rounds, lost)
        own = rounds.xero.do(do="create_contact", set={"Name": "Of its own"})
        link_request = LinkRequest(link_to=XeroContactId(own["ContactID"]))
        await request_link.place(
            rounds.context, TENANT, PipelineCustomerId(kept), link_request, "Ada"
        )
        await rounds.turn()

        edit_in_pipeline(rounds, lost, phone="06 2")
        await rounds.turn()

        assert told(rounds, kept)["xeroContactId"] == own["ContactID"]
        assert told(rounds, lost)["xeroContactId"] == shared
        assert contact(rounds, lost)["Phones"]["DEFAULT"]["PhoneNumber"] == "06 2"
        assert "reason" not in told(rounds, lost)
        assert await found(rounds) == {}

    play(story)


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_merge_of_contacts_alarms_nobody(*, is_shared: bool) -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        lost = rounds.customer()
        invoices = [rounds.invoice(lost, f"PL-{number}") for number in range(3)]
        if is_shared:
            other = rounds.user(do="create_customer", ref="C2", name="Harbour Group")
            invoices.append(rounds.invoice(str(other["id"]), "PL-3"))
        await coming.after(5)
        if is_shared:
            survivor = told(rounds, str(other["id"]))["xeroContactId"]
        else:
            survivor = coming.do("create_contact", set={"Name": "Harbour Group"})["ContactID"]

        coming.do("merge", contact=told(rounds, lost)["xeroContactId"], into=survivor)
        for each in invoices:
            coming.do("pay", invoice=rounds.xero_id(each), amount="1")
        await coming.after(10)
        await swept_now(rounds, full=True)

        assert {rounds.result(each)["state"] for each in invoices} == {"synced"}
        assert list(await found(rounds)) == (["contacts_merged"] if is_shared else [])
        assert rounds.calls("POST Invoices") == 0
        reads = coming.reads()
        coming.do("pay", invoice=rounds.xero_id(invoices[0]), amount="1")
        await coming.after(10)
        coming.assert_money_agrees(invoices[0])
        assert coming.reads() - reads == 1  # nothing seems moved any more

    played_with_webhooks(story)


def test_an_archived_contact_alarms_nobody_while_nothing_waits_for_it() -> None:
    async def story(coming: Coming) -> None:
        rounds = coming.rounds
        customer = rounds.customer()
        invoice = rounds.invoice(customer)
        await coming.after(5)
        coming.do("archive", contact=told(rounds, customer)["xeroContactId"])
        coming.do("pay", invoice=rounds.xero_id(invoice), amount="1")

        await coming.after(10)
        await swept_now(rounds, full=True)

        assert rounds.result(invoice)["state"] == "synced"
        assert await found(rounds) == {}
        coming.assert_money_agrees(invoice)

    played_with_webhooks(story)


def test_a_shared_contact_that_is_restored_frees_the_invoices_of_both_by_sweep() -> None:
    async def story(rounds: Rounds) -> None:
        lost = rounds.customer()
        kept = str(rounds.user(do="create_customer", ref="C2", name="Harbour Group")["id"])
        await rounds.turn()
        shared = told(rounds, kept)["xeroContactId"]
        rounds.xero.do(do="merge", contact=told(rounds, lost)["xeroContactId"], into=shared)
        await announced(rounds, lost)
        await rounds.after(100, step_s=50)
        await swept_now(rounds, full=True)
        rounds.xero.do(do="archive", contact=shared)
        await swept_now(rounds)
        waiting = [rounds.invoice(lost, "PL-1"), rounds.invoice(kept, "PL-2")]
        await rounds.after(100, step_s=50)
        assert {rounds.result(each)["state"] for each in waiting} == {"waiting"}

        rounds.xero.do(do="edit_contact", contact=shared, set={"ContactStatus": "ACTIVE"})
        await swept_now(rounds)

        assert {rounds.result(each)["state"] for each in waiting} == {"synced"}

    play(story)


def test_an_update_that_never_arrived_is_repeated() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(email="a@b.test")
        await rounds.turn()
        rounds.fault(match=POST, do="drop_before_commit", times=1)

        edit_in_pipeline(rounds, customer, email="b@b.test")
        await rounds.after(60)

        assert contact(rounds, customer)["EmailAddress"] == "b@b.test"
        assert told(rounds, customer)["state"] == "synced"

    play(story)


def test_an_edit_behind_an_uncertain_update_is_sent_too() -> None:
    """What is agreed after the look is what was sent, not what is wanted by then."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(email="a@b.test")
        await rounds.turn()
        rounds.fault(match=POST, do="drop_after_commit", times=1)
        edit_in_pipeline(rounds, customer, email="b@b.test")
        await rounds.turn()

        edit_in_pipeline(rounds, customer, phone="06 2")
        await rounds.after(60)

        found = contact(rounds, customer)
        assert found["EmailAddress"] == "b@b.test"
        assert found["Phones"]["DEFAULT"]["PhoneNumber"] == "06 2"

    play(story)


def test_an_update_whose_answer_was_lost_is_settled_by_a_look() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(email="a@b.test")
        await rounds.turn()
        rounds.fault(match=POST, do="drop_after_commit", times=1)

        edit_in_pipeline(rounds, customer, email="b@b.test")
        await rounds.after(60)

        assert contact(rounds, customer)["EmailAddress"] == "b@b.test"
        assert rounds.calls("POST Contacts") == 1
        assert told(rounds, customer)["state"] == "synced"
        edit_in_xero(rounds, customer, EmailAddress="c@b.test")
        await announced(rounds, customer)
        assert shown(rounds, customer)["email"] == "c@b.test"

    play(story)


def test_an_update_that_may_have_been_taken_back_is_not_sent_anew_in_silence() -> None:
    """Xero cannot be read until the same bytes may not go again."""

    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(email="a@b.test")
        await rounds.after(5)
        rounds.fault(match=POST, do="drop_after_commit", times=1)
        edit_in_pipeline(rounds, customer, email="new@b.test")
        await rounds.after(5)
        get = {"method": "GET", "path": "/Contacts"}
        rounds.fault(match=get, do="unavailable", times=None)
        edit_in_xero(rounds, customer, EmailAddress="a@b.test")

        await rounds.after(800, step_s=20)
        rounds.xero.world.faults.set([])
        await rounds.after(600, step_s=20)

        assert contact(rounds, customer)["EmailAddress"] == "new@b.test"
        assert (await entries(rounds, customer))[-1] == (
            "Changed in Xero: email (perhaps corrected in Xero meanwhile, Pipeline's stands: email)"
        )

    play(story)


def test_an_edit_made_before_a_lost_create_was_found_reaches_pipeline() -> None:
    """What the look shows is compared with what was sent, never taken as agreed by itself."""

    async def story(rounds: Rounds) -> None:
        lost = {"method": "PUT", "path": "/Contacts"}
        rounds.fault(match=lost, do="drop_after_commit", times=1)
        customer = rounds.customer(email="a@b.test", phone="06 1")
        await rounds.turn()
        (made,) = contacts(rounds)
        rounds.xero.do(
            do="edit_contact", contact=made["ContactID"], set={"EmailAddress": "c@b.test"}
        )

        await rounds.after(60)

        assert shown(rounds, customer)["email"] == "c@b.test"
        assert shown(rounds, customer)["phone"] == "06 1"
        assert told(rounds, customer)["state"] == "synced"
        assert contact(rounds, customer)["EmailAddress"] == "c@b.test"
        edit_in_pipeline(rounds, customer, email="d@b.test")
        await rounds.after(60)
        assert contact(rounds, customer)["EmailAddress"] == "d@b.test"
        assert rounds.calls("PUT Contacts") == 1

    play(story)


def test_a_lost_create_that_nobody_edited_offers_nothing() -> None:
    async def story(rounds: Rounds) -> None:
        lost = {"method": "PUT", "path": "/Contacts"}
        rounds.fault(match=lost, do="drop_after_commit", times=1)
        customer = rounds.customer(email=" a@b.test ", website="https://b.test")
        before = shown(rounds, customer)["version"]

        await rounds.after(60)

        assert told(rounds, customer)["state"] == "synced"
        assert shown(rounds, customer)["version"] == before

    play(story)
