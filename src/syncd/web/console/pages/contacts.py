"""Customers and their contacts: the list, one with what it could be, Link, Create in Xero & Link.

Reads the store alone. An order is carried out by the customer's next round; the page shows that it
was given, and then what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web

from syncd.domain.ids import PipelineCustomerId, XeroContactId
from syncd.domain.model.contact import ContactCandidate, ContactStatus, Customer
from syncd.domain.model.value import Value
from syncd.engine.contacts.link_requests import LinkRequest, Particulars
from syncd.engine.operator.contact_details import CustomerDetails
from syncd.engine.operator.pages import ListQuery
from syncd.web.api.contacts import contact_id_of, no_customer
from syncd.web.console import openings, words
from syncd.web.console.visit import ConsolePage, Visit
from syncd.web.http import listing
from syncd.web.http.problems import ProblemError

PATH = "/t/{t}/contacts"
ONE = PATH + "/{customer}"
PAGE = 50
_FILTERS = ("state", "q", "cursor")
_SHOWN_HISTORY = 10
_MOVED = (
    "Somebody has linked it, or ordered a contact for it, since you looked. Nothing was changed; "
    "below is how it is now."
)


class Field(Value, frozen=True, kw_only=True):
    """One field of Create in Xero & Link: as it stands in the form, and what is wrong with it."""

    name: str
    label: str
    value: str
    kind: str = "text"
    is_needed: bool = False
    error: str = ""


_LABELS = {
    "company_name": "Company Name",
    "first_name": "First Name",
    "last_name": "Last Name",
    "email": "Email",
    "phone": "Phone",
    "website": "Website",
    "city": "City",
    "postal_address": "Postal Address",
}
"""The product's eight fields, in its order."""
_KINDS = {"email": "email", "phone": "tel"}


async def show(visit: Visit) -> web.StreamResponse:
    """GET …/contacts."""
    asked = listing.wanted({name: visit.query.get(name, "") for name in _FILTERS})
    wanted = ListQuery(state=asked.state, text=asked.text, after=asked.after, limit=PAGE)
    page = await visit.operations.contacts(visit.tenant, wanted)
    cursor = listing.cursor_of(page)
    narrowed = {"state": str(asked.state or ""), "q": asked.text or ""}
    kept = {name: value for name, value in narrowed.items() if value}
    return visit.page(
        "contacts.html",
        parts=("contacts",),
        rows=page.items,
        state=asked.state,
        states=words.STATES,
        text=asked.text or "",
        here=visit.here,
        newer="?" + urlencode(kept) if "cursor" in visit.query else None,
        older=None if cursor is None else "?" + urlencode({**kept, "cursor": cursor}),
    )


async def one(visit: Visit) -> web.StreamResponse:
    """GET …/contacts/{customer}."""
    return _page(visit, await _found(visit))


async def link(visit: Visit) -> web.StreamResponse:
    """POST …/link: this customer is that contact."""
    typed = await visit.form()
    try:
        contact = contact_id_of(typed.get("contact_id", "").strip())
    except ProblemError:
        alert = "Choose a contact first, or give its id: the last part of its address in Xero."
        return _page(visit, await _found(visit), status=400, alert=alert)
    return await _order(visit, LinkRequest(link_to=contact), typed)


async def create(visit: Visit) -> web.StreamResponse:
    """POST …/create: Create in Xero & Link."""
    typed = await visit.form()
    customer = (await _found(visit)).customer
    if not typed.get("company_name", "").strip():
        error = {"company_name": "A contact needs a company name."}
        return _page(visit, await _found(visit), status=400, typed=typed, errors=error)
    own = _own(customer)
    # What was left as Pipeline has it follows Pipeline, also when that changes before the round.
    changed = {name: typed[name] for name in _LABELS if typed.get(name, own[name]) != own[name]}
    return await _order(visit, LinkRequest(create=Particulars(**changed)), typed)


async def _order(visit: Visit, request: LinkRequest, typed: Mapping[str, str]) -> web.Response:
    key = _key(visit)
    found = await _found(visit)
    if typed.get("stood", stood := stands(found)) != stood:
        linked = found.status.row.xero_id
        standing = None if linked is None else LinkRequest(link_to=XeroContactId(linked))
        if request in (found.link_request, standing):
            return visit.see(visit.place("contacts", key))  # pressed twice
        return _page(visit, found, status=409, alert=_MOVED, typed=typed)
    order = await visit.operations.request_link(
        visit.tenant, PipelineCustomerId(key), request, visit.who
    )
    if order is None:
        raise no_customer(key)
    if order.refusal:
        return _page(visit, await _found(visit), status=409, alert=order.refusal, typed=typed)
    return visit.see(visit.place("contacts", key))


def stands(found: CustomerDetails) -> str:
    """Which contact it is and what is ordered, as the page shows it: an order is for that."""
    request, linked = found.link_request, found.status.row.xero_id
    ordered = "" if request is None else request.link_to or "new"
    return f"{linked or ''}/{ordered}"


async def _found(visit: Visit) -> CustomerDetails:
    found = await visit.operations.contact(visit.tenant, _key(visit))
    if found is None:
        raise no_customer(_key(visit))
    return found


def _page(
    visit: Visit,
    found: CustomerDetails,
    *,
    status: int = 200,
    alert: str = "",
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> web.Response:
    row = found.status.row
    is_free = row.xero_id is None and not row.is_withdrawn and not found.is_on_its_way
    return visit.page(
        "contact.html",
        status=status,
        parts=("contact", "contact_past"),
        found=found,
        row=row,
        look=words.state(found.status.state, found.status.reason),
        opening=openings.of_customer(found),
        candidates=list(zip(found.candidates, found.candidate_urls, strict=True)),
        may_choose=may_choose,
        has_choice=any(map(may_choose, found.candidates)),
        history=found.history[:_SHOWN_HISTORY],
        fields=_fields(found.customer, typed or {}, errors or {}) if is_free else (),
        is_ordered=found.is_on_its_way,
        stood=stands(found),
        alert=alert,
    )


def may_choose(candidate: ContactCandidate) -> bool:
    """Whether it can be linked as it stands: alive in Xero, and nobody else's."""
    return candidate.status is ContactStatus.ACTIVE and not candidate.owner


def _fields(
    customer: Customer | None, typed: Mapping[str, str], errors: Mapping[str, str]
) -> tuple[Field, ...]:
    own = _own(customer)
    return tuple(
        Field(
            name=name,
            label=label,
            value=typed.get(name, own[name]),
            kind=_KINDS.get(name, "text"),
            is_needed=name == "company_name",
            error=errors.get(name, ""),
        )
        for name, label in _LABELS.items()
    )


def _own(customer: Customer | None) -> dict[str, str]:
    """Pipeline's values of the eight fields."""
    if customer is None:
        return dict.fromkeys(_LABELS, "")
    address = customer.postal_address
    return {
        "company_name": customer.name,
        "first_name": customer.first_name or "",
        "last_name": customer.last_name or "",
        "email": customer.email or "",
        "phone": customer.phone or "",
        "website": customer.website or "",
        "city": "" if address is None else address.city,
        "postal_address": "" if address is None else address.line1,
    }


def _key(visit: Visit) -> str:
    return visit.request.match_info["customer"]


PAGES = (
    ConsolePage(path=PATH, call=show, operation="listContacts", menu="Contacts", key="c"),
    ConsolePage(path=ONE, call=one, operation="getContact"),
    ConsolePage(path=ONE + "/link", call=link, operation="linkContact", method="POST"),
    ConsolePage(path=ONE + "/create", call=create, operation="createContact", method="POST"),
)
