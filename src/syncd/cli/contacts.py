"""`syncd contacts`: who is which contact in Xero, linking by hand, Create in Xero & Link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cyclopts import App

from syncd.cli.daemon_client import DaemonClient, options_or_end, path_of
from syncd.cli.output import Exit, end, say, show_json, show_rows

contacts = App(name="contacts", help="The customers of a tenant and their contacts in Xero.")
MOST_PAGES = 1000


@contacts.command(name="list")
async def list_contacts(
    *,
    tenant: str | None = None,
    state: str | None = None,
    reason: str | None = None,
    json: bool = False,
    config: Path | None = None,
) -> None:
    """Customers with their contact, and why one has none.

    Parameters
    ----------
    tenant
        Only this tenant; else all.
    state
        pending, synced, waiting, out_of_sync, failed or uncertain.
    reason
        Only those with this reason code, e.g. contact_unmapped.
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    client = DaemonClient(options_or_end(config))
    rows: list[dict[str, Any]] = []
    query = {"state": state or "", "reason": reason or ""}
    for name in await _tenants(client, tenant):
        rows.extend({"tenant": name, **row} for row in await _all(client, name, query))
    columns = ("tenant", "id", "name", "state", "xero_contact_id", "reason")
    show_rows(rows, columns, as_json=json, title="Contacts")


@contacts.command(name="link")
async def link(
    customer: str,
    contact_id: str,
    *,
    tenant: str | None = None,
    json: bool = False,
    config: Path | None = None,
) -> None:
    """Link a customer to a contact that stands in Xero; nothing of it is overwritten.

    Parameters
    ----------
    customer
        The customer's name in Pipeline, or its Pipeline id.
    contact_id
        Xero's uuid of the contact.
    tenant
        The tenant, where several have that customer.
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
    """
    await _order(customer, "link", {"contact_id": contact_id}, (tenant, json, config))


@contacts.command(name="create")
async def create(
    customer: str,
    *,
    company_name: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    website: str | None = None,
    city: str | None = None,
    postal_address: str | None = None,
    tenant: str | None = None,
    json: bool = False,
    config: Path | None = None,
) -> None:
    """Create in Xero & Link: a new contact, of what Pipeline has unless said otherwise.

    Parameters
    ----------
    customer
        The customer's name in Pipeline, or its Pipeline id.
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
    tenant
        The tenant, where several have that customer.
    json
        Print JSON.
    config
        The configuration file; else SYNCD_CONFIG.
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
    name, key = await _the_one(client, customer, tenant)
    answer = await client.post(_path(name, key, verb), body)
    if as_json:
        show_json({"tenant": name, **answer})
        return
    say(f"Ordered for {answer['name']}; it is {answer['state']}. {answer['reason']}".rstrip())
    say("`syncd contacts list` shows what became of it.")


async def _tenants(client: DaemonClient, chosen: str | None) -> list[str]:
    if chosen is not None:
        return [chosen]
    return [row["id"] for row in (await client.get("/api/v1/tenants"))["items"]]


async def _the_one(client: DaemonClient, customer: str, tenant: str | None) -> tuple[str, str]:
    """The tenant and id of the customer of this name or id, or an end that says why not."""
    found: list[tuple[str, str]] = []
    for name in await _tenants(client, tenant):
        rows = await _all(client, name, {"q": customer})
        found.extend((name, row["id"]) for row in rows if customer in (row["name"], row["id"]))
    if not found:
        end(Exit.FAILED, f"No customer is called {customer}.")
    if len(found) > 1:
        names = ", ".join(dict.fromkeys(name for name, _ in found))
        ids = ", ".join(key for _, key in found)
        end(
            Exit.FAILED,
            f"{len(found)} customers are called {customer} (tenants: {names}; ids: {ids});"
            " give --tenant, or the id instead of the name.",
        )
    return found[0]


async def _all(client: DaemonClient, tenant: str, query: dict[str, str]) -> list[dict[str, Any]]:
    """Every page of a listing, bounded."""
    rows: list[dict[str, Any]] = []
    asked = {name: value for name, value in query.items() if value} | {"limit": "500"}
    for _ in range(MOST_PAGES):
        page = await client.get(_path(tenant), asked)
        rows.extend(page["items"])
        if not page["next_cursor"]:
            break
        asked["cursor"] = page["next_cursor"]
    return rows


def _path(tenant: str, *rest: str) -> str:
    return path_of("api", "v1", "tenants", tenant, "contacts", *rest)
