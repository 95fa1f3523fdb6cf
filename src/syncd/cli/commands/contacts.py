"""`syncd contacts`: who is which contact in Xero, linking by hand, Create in Xero & Link."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from cyclopts import App, Parameter

from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient
from syncd.cli.output import say, show_json, show_rows, show_value
from syncd.cli.parameters import CustomerName, Daemon, Json, Limit, OnlyTenant, TenantOfCustomer

contacts = App(
    name="contacts",
    help="The customers of a tenant and their contacts in Xero.",
    help_epilogue="Example: `syncd contacts list --state waiting`",
)


_HEADLINE = (
    "name", "state", "reason", "reason_code", "xero_contact_name", "xero_contact_id", "xero_url",
    "version", "synced_version", "waiting_invoices", "id",
)  # fmt: skip
_CANDIDATE = ("contact_id", "name", "email", "account_number", "status")
COLUMNS = ("tenant", "id", "name", "state", "xero_contact_name", "xero_contact_id", "reason")


@contacts.command(name="list")
async def list_contacts(
    *,
    tenant: OnlyTenant = None,
    state: str | None = None,
    reason: str | None = None,
    limit: Limit = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """Customers with their contact, and why one has none.

    Parameters
    ----------
    state
        pending, synced, waiting, out_of_sync, failed or uncertain.
    reason
        Only those with this reason code, e.g. contact_unmapped.
    """
    await listings.show_all(
        DaemonClient(daemon),
        "contacts",
        COLUMNS,
        {"state": state or "", "reason": reason or ""},
        tenant=tenant,
        limit=limit,
        as_json=json,
        title="Customers",
    )


@contacts.command(name="show")
async def show_contact(
    customer: CustomerName,
    *,
    tenant: TenantOfCustomer = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """One customer: which contacts in Xero could be it, and which invoices wait for it."""
    client = DaemonClient(daemon)
    name, key = await listings.the_one(client, listings.CUSTOMERS, customer, tenant)
    found = await client.get(listings.path(name, "contacts", key))
    if json:
        show_json({"tenant": name, **found})
        return
    headline = {key: found[key] for key in _HEADLINE if found[key] not in (None, "")}
    show_value({"tenant": name, **headline}, as_json=False)
    if found["ordered"]:
        say("A link is ordered and not carried out yet.")
    if found["candidates"]:
        show_rows(found["candidates"], _CANDIDATE, as_json=False, title="Could be")
    if found["waiting"]:
        numbers = ", ".join(each["number"] for each in found["waiting"])
        more = found["waiting_invoices"] - len(found["waiting"])
        say(f"Waiting: {numbers}" + (f" and {more} more." if more > 0 else "."))


@contacts.command(name="link")
async def link(
    customer: CustomerName,
    contact_id: str,
    *,
    tenant: TenantOfCustomer = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """Link a customer to a contact that stands in Xero; nothing of it is overwritten.

    Parameters
    ----------
    contact_id
        Xero's uuid of the contact.
    """
    await _order(customer, "link", {"contact_id": contact_id}, (tenant, json, daemon))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ContactFields:
    """The fields of Create in Xero & Link."""

    company_name: str | None = None
    """The contact's name in Xero, unique there."""
    first_name: str | None = None
    """First name of the person."""
    last_name: str | None = None
    """Last name of the person."""
    email: str | None = None
    """Email address."""
    phone: str | None = None
    """Phone number."""
    website: str | None = None
    """Website."""
    city: str | None = None
    """City of the postal address."""
    postal_address: str | None = None
    """Street or box of the postal address."""


@contacts.command(name="create")
async def create(
    customer: CustomerName,
    *,
    particulars: ContactFields | None = None,
    tenant: TenantOfCustomer = None,
    json: Json = False,
    daemon: Daemon = None,
) -> None:
    """Create in Xero & Link: a new contact, of what Pipeline has unless said otherwise."""
    typed = asdict(particulars or ContactFields())
    body = {field: value for field, value in typed.items() if value is not None}
    await _order(customer, "create", body, (tenant, json, daemon))


async def _order(
    customer: str,
    verb: str,
    body: dict[str, str],
    where: tuple[str | None, bool, Daemon],
) -> None:
    tenant, as_json, daemon = where
    client = DaemonClient(daemon)
    name, key = await listings.the_one(client, listings.CUSTOMERS, customer, tenant)
    answer = await client.post(listings.path(name, "contacts", key, verb), body)
    if as_json:
        show_json({"tenant": name, **answer})
        return
    say(f"Ordered for {answer['name']}; it is {answer['state']}. {answer['reason']}".rstrip())
    say("`syncd contacts list` shows what became of it.")
