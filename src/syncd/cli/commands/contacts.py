"""`syncd contacts`: who is which contact in Xero, linking by hand, Create in Xero & Link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cyclopts import App

from syncd.cli import listings
from syncd.cli.daemon_client import DaemonClient, options_or_end
from syncd.cli.output import say, show_json, show_rows
from syncd.cli.parameters import Config, CustomerName, Json, OnlyTenant, TenantOfCustomer

contacts = App(name="contacts", help="The customers of a tenant and their contacts in Xero.")


@contacts.command(name="list")
async def list_contacts(
    *,
    tenant: OnlyTenant = None,
    state: str | None = None,
    reason: str | None = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Customers with their contact, and why one has none.

    Parameters
    ----------
    state
        pending, synced, waiting, out_of_sync, failed or uncertain.
    reason
        Only those with this reason code, e.g. contact_unmapped.
    """
    client = DaemonClient(options_or_end(config))
    rows: list[dict[str, Any]] = []
    query = {"state": state or "", "reason": reason or ""}
    for name in await listings.tenants(client, tenant):
        rows.extend(
            {"tenant": name, **row} for row in await listings.every(client, name, "contacts", query)
        )
    columns = (
        *("tenant", "id", "name", "state"),
        *("xero_contact_name", "xero_contact_id", "reason"),
    )
    show_rows(rows, columns, as_json=json, title="Contacts")


@contacts.command(name="link")
async def link(
    customer: CustomerName,
    contact_id: str,
    *,
    tenant: TenantOfCustomer = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Link a customer to a contact that stands in Xero; nothing of it is overwritten.

    Parameters
    ----------
    contact_id
        Xero's uuid of the contact.
    """
    await _order(customer, "link", {"contact_id": contact_id}, (tenant, json, config))


@contacts.command(name="create")
async def create(
    customer: CustomerName,
    *,
    company_name: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    website: str | None = None,
    city: str | None = None,
    postal_address: str | None = None,
    tenant: TenantOfCustomer = None,
    json: Json = False,
    config: Config = None,
) -> None:
    """Create in Xero & Link: a new contact, of what Pipeline has unless said otherwise.

    Parameters
    ----------
    company_name
        The contact's name in Xero, unique there.
    first_name
        First name of the person.
    last_name
        Last name of the person.
    email
        Email address.
    phone
        Phone number.
    website
        Website.
    city
        City of the postal address.
    postal_address
        Street or box of the postal address.
    """
    typed = {
        "company_name": company_name,
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "phone": phone,
        "website": website,
        "city": city,
        "postal_address": postal_address,
    }
    body = {field: value for field, value in typed.items() if value is not None}
    await _order(customer, "create", body, (tenant, json, config))


async def _order(
    customer: str,
    verb: str,
    body: dict[str, str],
    where: tuple[str | None, bool, Path | None],
) -> None:
    tenant, as_json, config = where
    client = DaemonClient(options_or_end(config))
    name, key = await listings.the_one(client, listings.CUSTOMERS, customer, tenant)
    answer = await client.post(listings.path(name, "contacts", key, verb), body)
    if as_json:
        show_json({"tenant": name, **answer})
        return
    say(f"Ordered for {answer['name']}; it is {answer['state']}. {answer['reason']}".rstrip())
    say("`syncd contacts list` shows what became of it.")
