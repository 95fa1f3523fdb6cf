"""pyxero's usual reads and writes against a running sandbox, whose first line comes on stdin.

Run by `make check-clients` in an environment of its own; it ends with a line that says so.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import requests
from xero.auth import OAuth2Credentials
from xero.exceptions import XeroBadRequest, XeroNotFound

from xero import Xero

CALLBACK = "http://localhost:5000/callback"
SCOPES = ["offline_access", "accounting.invoices", "accounting.payments", "accounting.contacts"]
SCOPES.append("accounting.settings.read")


def connected(at: dict) -> OAuth2Credentials:
    """Credentials of a fresh consent; pyxero's own token address is written into it."""
    query = {"response_type": "code", "client_id": at["client_id"], "redirect_uri": CALLBACK}
    query |= {"scope": " ".join(SCOPES), "state": "s"}
    back = requests.get(at["authorize_url"], params=query, allow_redirects=False, timeout=10)
    code = parse_qs(urlsplit(back.headers["Location"]).query)["code"][0]
    basic = base64.b64encode(f"{at['client_id']}:{at['client_secret']}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = requests.post(
        f"{at['identity_url']}/connect/token",
        data=form,
        headers={"Authorization": f"Basic {basic}"},
        timeout=10,
    )
    credentials = OAuth2Credentials(at["client_id"], at["client_secret"], token=answer.json())
    credentials.base_url = at["api_url"]
    credentials.tenant_id = credentials.get_tenants()[0]["tenantId"]
    return credentials


def main() -> None:
    """Read, write, filter, pay; what is refused comes as pyxero's own errors."""
    at = json.loads(sys.stdin.readline())["xero"]
    xero = Xero(connected(at))
    assert xero.organisations.all()[0]["Name"] == "Harbour Build"
    assert xero.accounts.filter(Code="200")[0]["Name"] == "Sales"
    for name in ("taxrates", "currencies", "trackingcategories", "brandingthemes"):
        assert getattr(xero, name).all(), name
    (contact,) = xero.contacts.put({"Name": "Acme Ltd", "EmailAddress": "ada@acme.example"})
    invoice = {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "InvoiceNumber": "PY-1",
        "Contact": {"ContactID": contact["ContactID"]},
        "Date": date(2026, 11, 20),
        "DueDate": date(2026, 12, 20),
        "LineItems": [
            {"Description": "Visit", "Quantity": "3", "UnitAmount": "120.00", "AccountCode": "200"}
        ],
    }
    (made,) = xero.invoices.put(invoice)
    assert (made["Total"], made["Status"]) == (414, "AUTHORISED"), made
    assert str(xero.invoices.get(made["InvoiceID"])[0]["DueDate"]).startswith("2026-12-20")
    assert xero.invoices.filter(Contact_Name="Acme Ltd", page=1)[0]["LineItems"]
    assert xero.invoices.filter(
        Date__gt=datetime(2026, 11, 19, tzinfo=UTC), raw='Status=="AUTHORISED"'
    )
    assert xero.invoices.filter(since=datetime(2020, 1, 1, tzinfo=UTC))
    assert xero.invoices.filter(since=datetime(2040, 1, 1, tzinfo=UTC)) == []
    made["Reference"] = "changed"
    assert xero.invoices.save({"InvoiceID": made["InvoiceID"], "Reference": "changed"})
    payment = {"Invoice": {"InvoiceID": made["InvoiceID"]}, "Account": {"Code": "090"}}
    (paid,) = xero.payments.put({**payment, "Amount": "14", "Date": date(2026, 11, 21)})
    assert xero.payments.delete(paid["PaymentID"])[0]["Status"] == "DELETED"
    refused = raised(XeroBadRequest, lambda: xero.invoices.put(invoice))
    assert "Invoice # must be unique." in str(refused.errors), refused.errors
    raised(XeroNotFound, lambda: xero.invoices.get("PY-404"))
    sys.stdout.write("pyxero: its usual reads and writes are answered as it expects\n")


def raised(kind: type[Exception], act: Callable[[], object]) -> Exception:
    """The error of that kind that it raises."""
    try:
        act()
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}, and nothing was raised")


main()
