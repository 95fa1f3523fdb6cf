"""Customers and their contacts over HTTP: the list, one in full, Link and Create in Xero & Link.

Called by `api`, which knows the tenants. An order is carried out by the customer's next round.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from aiohttp import web

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.contact import Customer
from syncd.domain.model.value import like
from syncd.engine.contacts.link_requests import LinkRequest, Particulars
from syncd.engine.operator.contact_details import CustomerDetails
from syncd.web.api import shapes, shaping
from syncd.web.api.handlers import TENANT, Handlers
from syncd.web.http import listing
from syncd.web.http.endpoint import Endpoint, body_of
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError


class CustomerParticulars(msgspec.Struct, frozen=True, kw_only=True):
    """The customer as Pipeline says it now; `reference` becomes Xero's Account Number."""

    reference: str
    company_name: str
    first_name: str
    last_name: str
    email: str
    phone: str
    website: str
    city: str
    postal_address: str


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A contact in Xero that could be this customer, as last seen.

    `owner` is the id of another customer whose contact it is: then it cannot be chosen.
    """

    contact_id: str
    name: str
    status: str
    email: str
    account_number: str
    owner: str | None
    xero_url: str | None


class OrderedLink(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator has ordered: that contact, or, where it is null, a new one."""

    contact_id: str | None


class WaitingInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice that waits for the contact."""

    id: str
    number: str
    reason_code: str | None


class ContactInFull(shapes.Contact, frozen=True, kw_only=True):
    """One customer. `particulars` is null where Pipeline deleted it, or it cannot be read.

    `waiting` are the first twenty of the invoices that wait for its contact.
    """

    withdrawn: bool
    particulars: CustomerParticulars | None
    candidates: list[Candidate]
    ordered: OrderedLink | None
    waiting: list[WaitingInvoice]
    xero_url: str | None
    history: list[shapes.HistoryEntry]


class Contacting(Handlers):
    """Customers and their contacts."""

    async def contacts(self, request: web.Request) -> shapes.Contacts:
        """A page of customers and their contacts."""
        tenant = self._asked(request)
        page = await self._operations.contacts(tenant, listing.wanted(request.query))
        return shaping.contacts(page, listing.cursor_of(page))

    async def contact(self, request: web.Request) -> ContactInFull:
        """One customer in full."""
        key = request.match_info["customer"]
        found = await self._operations.contact(self._asked(request), key)
        if found is None:
            raise no_customer(key)
        return _in_full(found)

    async def link(self, request: web.Request) -> shapes.Contact:
        """Link a customer to a contact."""
        body = await body_of(request, shapes.LinkWanted)
        return await self._ordered(request, LinkRequest(link_to=contact_id_of(body.contact_id)))

    async def create(self, request: web.Request) -> shapes.Contact:
        """Create in Xero & Link."""
        body = await body_of(request, shapes.ContactWanted)
        if body.company_name is not None and not body.company_name.strip():
            detail = "company_name: expected a name, got nothing; a contact cannot do without one."
            raise ProblemError(400, "Not understood", detail)
        particulars = Particulars(**msgspec.structs.asdict(body))
        return await self._ordered(request, LinkRequest(create=particulars))

    async def _ordered(self, request: web.Request, link_request: LinkRequest) -> shapes.Contact:
        tenant, key = self._asked(request), request.match_info["customer"]
        customer, who = PipelineCustomerId(key), request[OPERATOR].name
        order = await self._operations.request_link(tenant, customer, link_request, who)
        if order is None:
            raise no_customer(key)
        if order.refusal:
            raise ProblemError(409, "Not linked", order.refusal)
        return shaping.contact(order.status)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        one = TENANT + "/contacts/{customer}"
        return (
            Endpoint(
                name="listContacts", method="GET", path=TENANT + "/contacts", role=Role.OFFICE,
                summary="Customers with their Xero contacts, by name or newest first",
                query=listing.FILTERS, answers=shapes.Contacts, call=self.contacts,
                refusals=(400, 404),
            ),
            Endpoint(
                name="getContact", method="GET", path=one, role=Role.OFFICE,
                summary="One customer: its particulars, candidates, and what waits for it",
                answers=ContactInFull, call=self.contact, refusals=(404,),
            ),
            Endpoint(
                name="linkContact", method="POST", path=one + "/link", role=Role.SUPER_USER,
                summary="Link a customer to a contact in Xero",
                answers=shapes.Contact, call=self.link, body=shapes.LinkWanted,
                refusals=(400, 404, 409),
            ),
            Endpoint(
                name="createContact", method="POST", path=one + "/create", role=Role.ADMIN,
                summary="Create in Xero & Link: a new contact for a customer",
                answers=shapes.Contact, call=self.create, body=shapes.ContactWanted,
                refusals=(400, 404, 409),
            ),
        )  # fmt: skip


def _in_full(of: CustomerDetails) -> ContactInFull:
    request = of.link_request
    return like(
        ContactInFull,
        shaping.contact(of.status),
        withdrawn=of.status.row.is_withdrawn,
        particulars=None if of.customer is None else _particulars(of.customer),
        candidates=[
            like(Candidate, one, contact_id=one.id, owner=one.owner or None, xero_url=url)
            for one, url in zip(of.candidates, of.candidate_urls, strict=True)
        ],
        ordered=None if request is None else OrderedLink(contact_id=request.link_to),
        waiting=[
            WaitingInvoice(id=one.row.key, number=one.row.label, reason_code=one.reason)
            for one in of.waiting
        ],
        xero_url=of.xero_url,
        history=[like(shapes.HistoryEntry, entry) for entry in of.history],
    )


def _particulars(of: Customer) -> CustomerParticulars:
    address = of.postal_address
    return CustomerParticulars(
        reference=of.ref,
        company_name=of.name,
        first_name=of.first_name or "",
        last_name=of.last_name or "",
        email=of.email or "",
        phone=of.phone or "",
        website=of.website or "",
        city="" if address is None else address.city,
        postal_address="" if address is None else address.line1,
    )


def no_customer(key: str) -> ProblemError:
    """The answer for a customer that is in no listing."""
    detail = f"No customer {key!r} is known; the id is Pipeline's uuid of the customer."
    return ProblemError(404, "No such customer", detail)


def contact_id_of(text: str) -> XeroContactId:
    """A contact's id as Xero writes it. Raises a 400 problem."""
    try:
        found = UUID(text)
        if found.int == 0:
            raise ValueError  # noqa: TRY301  (Xero's word for no contact: one answer for both)
        return XeroContactId(str(found))
    except ValueError:
        detail = f"contact_id: expected Xero's uuid of a contact, got {text!r}."
        raise ProblemError(400, "Not understood", detail) from None
