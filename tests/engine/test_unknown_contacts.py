"""A contact that Xero does not know any more: held with a reason, looked for, and freed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.contact import LiveContact
from syncd.engine.contacts import request_link
from syncd.engine.contacts.link_requests import LinkRequest
from syncd.ports.ledger import ElementRefused
from syncd.ports.rows import Rows
from tests.engine.support.contact_stories import announced, contact, edit_in_pipeline, told
from tests.engine.support.rounds import Rounds, play

UNKNOWN = "The contact with the specified ContactID could not be found"


@dataclass
class Forgetful:
    """A ledger of an organisation that has forgotten contacts: no write finds them, no read."""

    inner: Any
    forgotten: set[str] = field(default_factory=set)
    shows: bool = False
    sent: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def contacts_by_id(self, *args: Any, **kwargs: Any) -> Rows[LiveContact]:
        return self._left(await self.inner.contacts_by_id(*args, **kwargs))

    async def contacts_by(self, *args: Any, **kwargs: Any) -> Rows[LiveContact]:
        return self._left(await self.inner.contacts_by(*args, **kwargs))

    async def send_invoices(
        self, tenant: Any, call: Any, writes: Sequence[Any], **kwargs: Any
    ) -> Sequence[Any]:
        if any(write.contact_id in self.forgotten for write in writes):
            self.sent += 1
            return [ElementRefused(messages=(UNKNOWN,)) for _ in writes]
        return list(await self.inner.send_invoices(tenant, call, writes, **kwargs))

    async def send_contacts(
        self, tenant: Any, call: Any, writes: Sequence[Any], **kwargs: Any
    ) -> Sequence[Any]:
        if any(write.xero_id in self.forgotten for write in writes):
            self.sent += 1
            return [ElementRefused(messages=(f"An existing {UNKNOWN[4:]}",)) for _ in writes]
        return list(await self.inner.send_contacts(tenant, call, writes, **kwargs))

    def _left(self, found: Rows[LiveContact]) -> Rows[LiveContact]:
        if self.shows:
            return found
        return Rows([one for one in found if one.id not in self.forgotten], found.unread)


def forgets(rounds: Rounds, ids: Iterable[str], **how: Any) -> Forgetful:
    ledger = Forgetful(rounds.context.ledger, set(ids), **how)
    rounds.context = replace(rounds.context, ledger=ledger)  # type: ignore[arg-type]  # a double
    return ledger


def test_invoice_to_an_unknown_contact_waits_for_its_customers_new_link() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        ledger = forgets(rounds, [told(rounds, customer)["xeroContactId"]])

        invoice = rounds.invoice(customer)
        await rounds.after(7200, step_s=120)

        held = rounds.result(invoice)
        assert (held["state"], held["reasonCode"]) == ("waiting", "contact_unmapped")
        assert "Xero does not know the contact" in held["reason"]
        assert told(rounds, customer)["state"] == "waiting"
        assert ledger.sent == 1

        other = rounds.xero.do(do="create_contact", set={"Name": "Another"})["ContactID"]
        link_request = LinkRequest(link_to=XeroContactId(other))
        await request_link.place(
            rounds.context, rounds.tenant, PipelineCustomerId(customer), link_request, who="ada"
        )
        await rounds.after(10)
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_contact_that_is_shown_again_frees_its_invoices() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.after(450, step_s=450)  # what is younger need not be shown yet
        ledger = forgets(rounds, [told(rounds, customer)["xeroContactId"]])
        invoice = rounds.invoice(customer)
        await rounds.after(60)
        assert rounds.result(invoice)["reasonCode"] == "contact_unmapped"

        ledger.forgotten.clear()
        await announced(rounds, customer)
        await rounds.after(10)

        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_contact_that_reads_show_and_writes_do_not_find_is_tried_by_the_hour() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer()
        await rounds.turn()
        ledger = forgets(rounds, [told(rounds, customer)["xeroContactId"]], shows=True)

        invoice = rounds.invoice(customer)
        await rounds.after(7200, step_s=120)

        assert rounds.result(invoice)["reasonCode"] == "contact_unmapped"
        assert 2 <= ledger.sent <= 4

        ledger.forgotten.clear()
        await rounds.after(3600, step_s=120)
        assert rounds.result(invoice)["state"] == "synced"

    play(story)


def test_change_of_an_unknown_contact_waits_and_is_looked_for_by_the_hour() -> None:
    async def story(rounds: Rounds) -> None:
        customer = rounds.customer(phone="06 1")
        await rounds.turn()
        ledger = forgets(rounds, [told(rounds, customer)["xeroContactId"]], shows=True)

        edit_in_pipeline(rounds, customer, phone="06 2")
        await rounds.after(7200, step_s=120)

        assert told(rounds, customer)["state"] == "waiting"
        assert UNKNOWN[4:] in told(rounds, customer)["reason"]
        assert 2 <= ledger.sent <= 4

        ledger.forgotten.clear()
        await rounds.after(3600, step_s=120)
        assert told(rounds, customer)["state"] == "synced"
        assert "06 2" in str(contact(rounds, customer)["Phones"])

    play(story)
