"""Stored link requests: an operator wants that contact for a customer, or a new one.

One per customer, from the request until a link stands: the next round of the
customer carries it out, also when that is after a restart or a reconnect.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from syncd.domain.ids import PipelineCustomerId, TenantId, XeroContactId
from syncd.domain.model.contact import Customer, PostalAddress
from syncd.domain.model.value import Value
from syncd.store import link_requests
from syncd.store.unit_of_work import Statement


class Particulars(Value, frozen=True, kw_only=True):
    """The eight fields of Create in Xero & Link; None: as Pipeline's customer has it."""

    company_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    city: str | None = None
    postal_address: str | None = None


class LinkRequest(Value, frozen=True, kw_only=True):
    """One of the two: `link_to` that contact, or `create` one of these particulars."""

    link_to: XeroContactId | None = None
    create: Particulars | None = None


_LINK_REQUEST = msgspec.json.Decoder(LinkRequest)


def keep(
    tenant: TenantId, customer: PipelineCustomerId, link_request: LinkRequest
) -> Statement[None]:
    """Store the request in place of an earlier one."""
    return link_requests.put(tenant, customer, msgspec.json.encode(link_request))


def forget(tenant: TenantId, customer: PipelineCustomerId) -> Statement[None]:
    """It is fulfilled, or cannot be; one that came while a round went on stays for the next."""
    return link_requests.forget(tenant, customer)


def of(tenant: TenantId, customer: PipelineCustomerId) -> Statement[bytes]:
    """The request for this customer, to be `read`; no row when there is none."""
    return link_requests.get(tenant, customer)


def read(stored: bytes) -> LinkRequest:
    """The request that `keep` wrote."""
    return _LINK_REQUEST.decode(stored)


def asked_for(customer: Customer, link_request: LinkRequest | None) -> Customer:
    """The customer as it is to be looked for, or made, under this request."""
    if link_request is None:
        return customer
    if link_request.link_to is not None:
        return replace(customer, xero_contact_id=link_request.link_to)
    typed = link_request.create or Particulars()
    return replace(
        customer,
        name=_or(typed.company_name, customer.name),
        first_name=_or(typed.first_name, customer.first_name),
        last_name=_or(typed.last_name, customer.last_name),
        email=_or(typed.email, customer.email),
        phone=_or(typed.phone, customer.phone),
        website=_or(typed.website, customer.website),
        postal_address=_address(typed, customer.postal_address),
        xero_contact_id=None,
    )


def _address(typed: Particulars, own: PostalAddress | None) -> PostalAddress | None:
    if typed.city is None and typed.postal_address is None:
        return own
    address = own or PostalAddress()
    if typed.postal_address is not None:
        address = PostalAddress(line1=typed.postal_address, city=address.city)
    return replace(address, city=_or(typed.city, address.city))


def _or(typed: str | None, own: str | None) -> str:
    return (own or "") if typed is None else typed
