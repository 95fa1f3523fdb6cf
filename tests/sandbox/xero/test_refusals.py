"""Wrong requests and what Xero says to them: one row each, naming its source.

A source ending in U is a sentence or status the documents leave open.
"""

# ruff: noqa: E501 - a table is read by its rows

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, line, messages, new_client

ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
HAS_MONEY = "This document cannot be edited as it has a payment or credit note allocated to it."
NO_STATUS = "Invoice not of valid status for modification"
UNNAMED = (
    "The Contact must contain at least 1 of the following elements to identify the contact: "
    "Name, ContactID, ContactNumber"
)


def status_text(status: str) -> str:
    return (
        f"The status {status} cannot be applied to the invoice because it has payments "
        "or credit notes allocated to it."
    )


# --- what stands in the books before the wrong request


def nothing(_: Client) -> dict[str, str]:
    return {}


def draft(client: Client) -> dict[str, str]:
    row = client.invoice(InvoiceNumber="PL-1", Status="DRAFT")
    return _ids(row)


def approved(client: Client) -> dict[str, str]:
    return _ids(client.invoice(InvoiceNumber="PL-1"))


def part_paid(client: Client) -> dict[str, str]:
    ids = approved(client)
    return ids | {"payment": client.command("pay", invoice="PL-1", amount="14")["PaymentID"]}


def paid(client: Client) -> dict[str, str]:
    ids = approved(client)
    return ids | {"payment": client.command("pay", invoice="PL-1")["PaymentID"]}


def voided(client: Client) -> dict[str, str]:
    ids = approved(client)
    client.command("void", invoice="PL-1")
    return ids


def deleted(client: Client) -> dict[str, str]:
    ids = draft(client)
    client.command("delete", invoice="PL-1")
    return ids


def archived(client: Client) -> dict[str, str]:
    contact = client.contact("Gone Ltd", ContactNumber="C-9", AccountNumber="A-9")
    client.command("archive", contact=contact)
    return {"contact": contact}


def locked(client: Client) -> dict[str, str]:
    ids = approved(client)
    client.command("lock", period="2026-11-20")
    return ids


def year_locked(client: Client) -> dict[str, str]:
    client.command("lock", year="2026-11-20")
    return {}


def both_locked(client: Client) -> dict[str, str]:
    client.command("lock", year="2026-11-20", period="2026-11-20")
    return {}


def locked_draft(client: Client) -> dict[str, str]:
    ids = draft(client)
    client.command("lock", period="2026-11-20")
    return ids


def reconciled(client: Client) -> dict[str, str]:
    ids = part_paid(client)
    client.command("reconcile_payment", payment=ids["payment"])
    return ids


def payment_gone(client: Client) -> dict[str, str]:
    ids = part_paid(client)
    client.command("delete_payment", payment=ids["payment"])
    return ids


def retired_account(client: Client) -> dict[str, str]:
    client.command("account", code="260", status="ARCHIVED")
    return {}


def credited(client: Client) -> dict[str, str]:
    ids = approved(client)
    note = client.command("credit", invoice="PL-1", amount="50", allocate=False)
    client.contact("Other Ltd")
    return ids | {"credit": note["ID"]}


def named(client: Client) -> dict[str, str]:
    return {"contact": client.contact("Acme Ltd", ContactNumber="C-1", AccountNumber="A-1")}


def _ids(row: dict[str, Any]) -> dict[str, str]:
    lines = [each["LineItemID"] for each in row["LineItems"]]
    return {"invoice": row["InvoiceID"], "line": lines[0], "contact": row["Contact"]["ContactID"]}


@dataclass
class Wrong:
    """A request that is refused. `{name}` in path and body stands for an id of the books."""

    source: str
    method: str
    path: str
    body: Any
    text: str
    given: Callable[[Client], dict[str, str]] = nothing
    query: dict[str, str] = field(default_factory=dict)


BARE = {
    "Type": "ACCREC",
    "Status": "AUTHORISED",
    "Contact": {"Name": "Acme Ltd"},
    "Date": "2026-11-20",
    "DueDate": "2026-12-20",
    "LineItems": [line()],
}


def bare(**more: Any) -> dict[str, Any]:
    return {**BARE, **more}


def with_line(**more: Any) -> dict[str, Any]:
    return bare(LineItems=[line(**more)])


def pay(**more: Any) -> dict[str, Any]:
    return {"Invoice": {"InvoiceID": "{invoice}"}, "Account": {"Code": "090"}, "Amount": 1, **more}


ZERO = "00000000-0000-0000-0000-000000000001"
CREATED = [
    Wrong("§3.10", "PUT", "Invoices", bare(InvoiceNumber="PL-1"), "Invoice # must be unique.", approved),
    Wrong("§3.10 U", "PUT", "Invoices", bare(InvoiceNumber="pl-1"), "Invoice # must be unique.", approved),
    Wrong("§3.5 U", "PUT", "Invoices", bare(InvoiceNumber="PL-1"), "Invoice # must be unique.", voided),
    Wrong("§3.5 U", "PUT", "Invoices", bare(InvoiceNumber="PL-1"), "Invoice # must be unique.", deleted),
    Wrong("§3.5", "PUT", "Invoices", bare(InvoiceNumber="N" * 256), "The field InvoiceNumber is longer than 255 characters"),
    Wrong("§3.5", "PUT", "Invoices", bare(Contact={}), UNNAMED),
    Wrong("§3.5", "PUT", "Invoices", bare(Contact=None), "A Contact must be specified for this type of transaction"),
    Wrong("§3.5 U", "PUT", "Invoices", bare(Contact={"ContactID": ZERO}), "The contact with the specified ContactID could not be found"),
    Wrong("§3.10", "PUT", "Invoices", bare(Contact={"ContactID": "{contact}"}), "The contact with the specified contact details has been archived. The contact must be un-archived before creating new invoices or credit notes.", archived),
    Wrong("§4", "PUT", "Invoices", bare(Contact={"Name": "a  b"}), "The Contact Name cannot contain < or >, nor spaces at its ends or in a row"),
    Wrong("§3.5", "PUT", "Invoices", bare(Type=""), "Type must be specified as ACCREC or ACCPAY"),
    Wrong("§3.10", "PUT", "Invoices", with_line(Quantity=1, UnitAmount=10, DiscountAmount=11), "The discount rate '11' is invalid. Discount must not be greater than the line total."),
    Wrong("§3.10", "PUT", "Invoices", with_line(Quantity=1, UnitAmount=-10, DiscountAmount=0), "The discount rate '0' is invalid. Discount must not be greater than the line total."),
    Wrong("§3.8", "PUT", "Invoices", with_line(Quantity=1, UnitAmount=795, DiscountRate=100, LineAmount=0), "The line total -795.00 does not match the expected line total 0.00"),
    Wrong("§3.5 U", "PUT", "Invoices", with_line(UnitAmount=-1), "The total of an invoice cannot be less than zero."),
    Wrong("§3.10", "PUT", "Invoices", bare(Status="PAID"), "Invoice not of valid status for creation"),
    Wrong("§3.10", "PUT", "Invoices", bare(Status="VOIDED"), "Invoice not of valid status for creation"),
    Wrong("§3.5", "PUT", "Invoices", bare(CurrencyCode="EUR"), "Organisation is not subscribed to currency EUR"),
    Wrong("§3.5", "PUT", "Invoices", bare(CurrencyRate="x"), "The CurrencyRate 'x' is not a number"),
    Wrong("§3.5", "PUT", "Invoices", bare(CurrencyRate=0), "The CurrencyRate must be greater than zero"),
    Wrong("§3.5", "PUT", "Invoices", bare(Url="https://go.xero.com/1"), "Url must be a valid absolute url"),
    Wrong("§3.5", "PUT", "Invoices", bare(BrandingThemeID=ZERO), "The BrandingThemeID does not exist"),
    Wrong("§3.10", "PUT", "Invoices", bare(DueDate=None), "The document DueDate field must be specified."),
    Wrong("§3.5 U", "PUT", "Invoices", bare(LineItems=[]), "One or more line items must be specified"),
    Wrong("§3.10", "PUT", "Invoices", with_line(Description=""), "The description field is mandatory for each line item."),
    Wrong("§3.5", "PUT", "Invoices", with_line(Description="d" * 4001), "The field Description is longer than 4000 characters"),
    Wrong("§3.5", "PUT", "Invoices", with_line(Quantity=10**8, UnitAmount=10**3), "The line amount 100000000000.00 is larger than 9999999999.99"),
    Wrong("§3.5 U", "PUT", "Invoices", with_line(AccountCode=None), "Account code or ID must be specified"),
    Wrong("§3.10", "PUT", "Invoices", with_line(AccountCode="ZZZ"), "Account code 'ZZZ' is not a valid code for this document."),
    Wrong("§7", "PUT", "Invoices", with_line(AccountCode="610"), "Account code '610' is not a valid code for this document."),
    Wrong("§7", "PUT", "Invoices", with_line(AccountCode="090"), "Account code '090' is not a valid code for this document."),
    Wrong("§3.10", "PUT", "Invoices", with_line(AccountCode="260"), "Account code '260' has been archived, or has been deleted. Each line item must reference a valid account.", retired_account),
    Wrong("§3.10", "PUT", "Invoices", with_line(TaxType="INPUT2"), "The TaxType code 'INPUT2' cannot be used with account code '200'."),
    Wrong("§3.10", "PUT", "Invoices", with_line(TaxType="GST99"), "The TaxType code GST99 does not exist or cannot be used for this type of transaction."),
    Wrong("§3.10", "PUT", "Invoices", with_line(TaxType="GST99"), "The TaxType code 'GST99' cannot be used with account code '200'."),
    Wrong("§3.10", "PUT", "Invoices", with_line(Quantity=-1), "The quantity value '-1.0000' is invalid. Quantity must not be less than zero."),
    Wrong("§3.8", "PUT", "Invoices", bare(TotalDiscount=5), "Discounts are only supported on individual line items."),
    Wrong("§3.8", "PUT", "Invoices", with_line(UnitAmount=0, LineAmount=895.66), "The line total 895.66 does not match the expected line total 0.00"),
    Wrong("§3.8", "PUT", "Invoices", with_line(LineAmount=361), "The line total 361.00 does not match the expected line total 360.00"),
    Wrong("§3.5", "PUT", "Invoices", with_line(Quantity="many"), "The value 'many' is not a valid number"),
    Wrong("§3.5", "PUT", "Invoices", with_line(Quantity=True), "The value 'True' is not a valid number"),
    Wrong("§3.10", "PUT", "Invoices", with_line(DiscountRate=101), "The discount rate '101' is invalid. Discount must not be greater than the line total."),
    Wrong("§3.5", "PUT", "Invoices", bare(Type="ACCPAY", LineItems=[line(AccountCode="429", TaxType="INPUT2", DiscountRate=5)]), "Discounts may not be applied to ACCPAY invoices."),
    Wrong("§3.5", "PUT", "Invoices", with_line(Tracking=[{"Name": "Region", "Option": "North"}] * 3), "A line can have at most 2 tracking categories"),
    Wrong("§7", "PUT", "Invoices", with_line(Tracking=[{"Name": "Region", "Option": "Moon"}]), "The tracking option 'Moon' of 'Region' does not exist"),
    Wrong("§3.10", "PUT", "Invoices", bare(), "The document date cannot be before the period lock date, currently set at 20-Nov-2026", locked),
    Wrong("§3.10", "PUT", "Invoices", bare(), "The document date cannot be before the end of year lock date, currently set at 20-Nov-2026", year_locked),
    Wrong("§4", "PUT", "Contacts", {"Name": "acme ltd"}, "The contact name acme ltd is already assigned to another contact. The contact name must be unique across all active contacts.", named),
    Wrong("§4", "PUT", "Contacts", {"Name": "B", "ContactNumber": "C-1"}, "Another contact has this contact number. Please enter a different contact number.", named),
    Wrong("§4", "PUT", "Contacts", {"Name": "B", "ContactNumber": "C-9"}, "Another contact has this contact number. Please enter a different contact number.", archived),
    Wrong("§4", "PUT", "Contacts", {"EmailAddress": "a@b.co"}, "The Contact Name must be specified"),
    Wrong("§4", "PUT", "Contacts", {"Name": "<b>"}, "The Contact Name cannot contain < or >, nor spaces at its ends or in a row"),
    Wrong("§4", "PUT", "Contacts", {"Name": " Acme"}, "The Contact Name cannot contain < or >, nor spaces at its ends or in a row"),
    Wrong("§4", "PUT", "Contacts", {"Name": "A", "ContactNumber": "9" * 51}, "The field ContactNumber is longer than 50 characters"),
    Wrong("§4", "PUT", "Contacts", {"Name": "A", "AccountNumber": "9" * 51}, "The field AccountNumber is longer than 50 characters"),
    Wrong("§3.10", "PUT", "Contacts", {"Name": "A", "EmailAddress": "nobody"}, "Email address must be valid"),
    Wrong("§4", "PUT", "Contacts", {"Name": "A", "ContactPersons": [{}] * 6}, "A contact can have at most 5 contact persons"),
    Wrong("§4", "PUT", "Contacts", {"Name": "A", "Phones": [{"PhoneType": "PAGER"}]}, "The PhoneType 'PAGER' is not one of DEFAULT, DDI, FAX, MOBILE"),
    Wrong("§4", "PUT", "Contacts", {"Name": "A", "Phones": [{"PhoneType": "FAX", "PhoneNumber": "1" * 51}]}, "The field PhoneNumber is longer than 50 characters"),
    Wrong("§4", "PUT", "Contacts", {"Name": "A", "Addresses": [{"AddressType": "STREET", "City": "c" * 256}]}, "The field City is longer than 255 characters"),
    Wrong("§5.2", "PUT", "Payments", pay(Amount=415), "Payment amount exceeds the amount outstanding on this document", approved),
    Wrong("§5.2", "PUT", "Payments", pay(), "Payments can only be made against Authorised documents", draft),
    Wrong("§5.2", "PUT", "Payments", pay(), "Payment amount exceeds the amount outstanding on this document", draft),
    Wrong("§5.2", "PUT", "Payments", pay(), "Payments can only be made against Authorised documents", paid),
    Wrong("§5.2", "PUT", "Payments", pay(), "Payments can only be made against Authorised documents", voided),
    Wrong("§5.2 U", "PUT", "Payments", pay(Account={"Code": "200"}), "Account type is invalid for making a payment to/from", approved),
    Wrong("§5.2 U", "PUT", "Payments", pay(Account=None), "Account type is invalid for making a payment to/from", approved),
    Wrong("§5.2 U", "PUT", "Payments", pay(Amount=0), "The payment amount must be greater than zero", approved),
    Wrong("§3.10", "PUT", "Payments", pay(Invoice={"InvoiceID": ZERO}), "The document with the supplied id was not found for this endpoint.", approved),
    Wrong("§7", "PUT", "Payments", pay(), "The document date cannot be before the period lock date, currently set at 20-Nov-2026", locked),
    Wrong("§5.2 U", "PUT", "CreditNotes/{credit}/Allocations", {"Invoice": {"InvoiceID": "{invoice}"}, "Amount": 51}, "The amount to allocate exceeds the remaining credit", credited),
    Wrong("§5.2 U", "PUT", "CreditNotes/{credit}/Allocations", {"Invoice": {"InvoiceID": "{invoice}"}, "Amount": 0}, "The amount to allocate must be greater than zero", credited),
    Wrong("§5.2 U", "PUT", "CreditNotes/{credit}/Allocations", {"Invoice": {"InvoiceID": ZERO}, "Amount": 1}, "The document with the supplied id was not found for this endpoint.", credited),
]  # fmt: skip
CHANGED = [
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Status": "DELETED"}, NO_STATUS, approved),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Status": "DELETED"}, NO_STATUS, paid),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Status": "DRAFT"}, NO_STATUS, approved),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Status": "VOIDED"}, NO_STATUS, draft),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Status": "PAID"}, NO_STATUS, approved),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Status": "VOIDED"}, NO_STATUS, voided),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Reference": "x"}, NO_STATUS, voided),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Reference": "x"}, NO_STATUS, deleted),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Status": "VOIDED"}, status_text("VOIDED"), part_paid),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Status": "VOIDED"}, status_text("VOIDED"), paid),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Status": "DRAFT"}, status_text("DRAFT"), part_paid),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Date": "2026-11-21"}, HAS_MONEY, part_paid),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Date": "2026-11-21"}, NO_STATUS, part_paid),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Date": "2026-11-21"}, "Date cannot be changed on an invoice that has payment or credit notes allocated to it.", part_paid),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "LineAmountTypes": "NoTax"}, HAS_MONEY, part_paid),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "LineItems": [{"LineItemID": "{line}", "Quantity": 4}]}, HAS_MONEY, part_paid),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "LineItems": []}, HAS_MONEY, paid),
    Wrong("§3.7", "POST", "Invoices", {"InvoiceID": "{invoice}", "LineItems": [line()]}, "To update fields on a paid invoice line item, you must supply a LineItemID", paid),
    Wrong("§3.7 U", "POST", "Invoices", {"InvoiceID": "{invoice}", "LineItems": [{"LineItemID": ZERO}]}, f"The LineItemID {ZERO} does not belong to this document", approved),
    Wrong("§3.10", "POST", "Invoices", {"InvoiceID": ZERO, "Reference": "x"}, "An existing Invoice with the specified InvoiceID could not be found"),
    Wrong("§7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Status": "VOIDED"}, "The document date cannot be before the period lock date, currently set at 20-Nov-2026", locked),
    Wrong("§7", "PUT", "Invoices", bare(), "The document date cannot be before the period lock date, currently set at 20-Nov-2026", both_locked),
    Wrong("§7", "PUT", "Invoices", bare(), "The document date cannot be before the end of year lock date, currently set at 20-Nov-2026", both_locked),
    Wrong("§7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Status": "AUTHORISED"}, "The document date cannot be before the period lock date, currently set at 20-Nov-2026", locked_draft),
    Wrong("§7", "POST", "Invoices", {"InvoiceID": "{invoice}", "Reference": "x"}, "The document date cannot be before the period lock date, currently set at 20-Nov-2026", locked),
    Wrong("§4", "POST", "Contacts", {"ContactID": "{contact}", "FirstName": "x"}, ARCHIVED, archived),
    Wrong("§4", "POST", "Contacts", {"ContactID": "{contact}", "ContactStatus": "ARCHIVED"}, ARCHIVED, archived),
    Wrong("§4 U", "POST", "Contacts", {"ContactID": "{contact}", "ContactStatus": "ACTIVE"}, ARCHIVED, archived),
    Wrong("§4", "POST", "Contacts", {"ContactNumber": "C-9", "Name": "New"}, ARCHIVED, archived),
    Wrong("§4", "POST", "Contacts", {"ContactID": "{contact}", "ContactStatus": "GDPRREQUEST"}, "The ContactStatus 'GDPRREQUEST' cannot be set", named),
    Wrong("§4 U", "POST", "Contacts", {"ContactID": ZERO, "Name": "x"}, "An existing Contact with the specified ContactID could not be found"),
    Wrong("§5.2 U", "POST", "Payments/{payment}", {"Status": "DELETED"}, "This payment cannot be deleted as it has been reconciled", reconciled),
    Wrong("§5.2 U", "POST", "Payments/{payment}", {"Status": "DELETED"}, "This payment has already been deleted", payment_gone),
    Wrong("§5.2", "POST", "Payments/{payment}", {"Status": "DELETED", "Amount": 3}, "Only Status accepted for updates.", part_paid),
]  # fmt: skip


def filled(value: Any, ids: dict[str, str]) -> Any:
    text = json.dumps(value)
    for name, identifier in ids.items():
        text = text.replace(f"{{{name}}}", identifier)
    return json.loads(text)


def said(wrong: Wrong) -> str:
    return f"{wrong.source} {wrong.method} {wrong.path} {wrong.given.__name__} {wrong.text[:40]}"


def books_without_answers(client: Client) -> str:
    dumped = client.world.dump()
    return json.dumps(dumped["organisations"])


@pytest.mark.parametrize("wrong", CREATED + CHANGED, ids=said)
def test_wrong_element_is_refused_in_xeros_words(wrong: Wrong) -> None:
    client = new_client()
    ids = wrong.given(client)
    before = books_without_answers(client)
    plural = wrong.path.split("/")[-1] if "{" not in wrong.path.split("/")[-1] else "Payments"

    answer = client.send(
        wrong.method,
        filled(wrong.path, ids),
        {plural: [filled(wrong.body, ids)]},
        summarizeErrors="false",
        **wrong.query,
    )

    row = json.loads(answer.body)[plural][0]
    assert answer.status == 200
    assert row["StatusAttributeString"] == "ERROR"
    assert wrong.text in messages(row)
    assert books_without_answers(client) == before


@pytest.mark.parametrize("wrong", CREATED + CHANGED, ids=said)
def test_wrong_element_alone_is_400_without_summarize_errors(wrong: Wrong) -> None:
    client = new_client()
    ids = wrong.given(client)
    plural = wrong.path.split("/")[-1] if "{" not in wrong.path.split("/")[-1] else "Payments"

    answer = client.send(wrong.method, filled(wrong.path, ids), {plural: [filled(wrong.body, ids)]})

    body = json.loads(answer.body)
    assert answer.status == 400
    assert (body["ErrorNumber"], body["Type"]) == (10, "ValidationException")
    assert body["Message"] == "A validation exception occurred"
    assert wrong.text in messages(body["Elements"][0])


@dataclass
class Whole:
    """A request refused as a whole."""

    source: str
    method: str
    path: str
    status: int
    text: str
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


GONE = "The resource you're looking for cannot be found"
IDS = ",".join([ZERO] * 53)
WHOLE = [
    Whole("§1.8 U", "GET", "Organisation", 401, "AuthenticationUnsuccessful", headers={"authorization": ""}),
    Whole("§1.8 U", "GET", "Organisation", 401, "AuthenticationUnsuccessful", headers={"authorization": "Bearer x.y.z"}),
    Whole("§1.8", "GET", "Organisation", 403, "AuthenticationUnsuccessful", headers={"xero-tenant-id": ""}),
    Whole("§1.8", "GET", "Organisation", 403, "AuthenticationUnsuccessful", headers={"xero-tenant-id": ZERO}),
    Whole("§1.8", "PUT", "Accounts", 501, '{"ErrorNumber":20,"Type":"ApiMethodNotImplementedException","Message":"The Api Method called is not implemented', body={}),
    Whole("§3.2", "DELETE", f"Invoices/{ZERO}", 404, GONE),
    Whole("§3.4", "GET", f"Invoices/{ZERO}", 404, GONE),
    Whole("§3.4", "GET", "Invoices/PL-404", 404, "cannot be found"),
    Whole("§3.4", "GET", f"Contacts/{ZERO}", 404, "cannot be found"),
    Whole("§5.2", "GET", f"Payments/{ZERO}", 404, "cannot be found"),
    Whole("§5.2", "GET", f"CreditNotes/{ZERO}", 404, "cannot be found"),
    Whole("§3.2", "POST", f"Invoices/{ZERO}", 404, "cannot be found", body={"Status": "VOIDED"}),
    Whole("§3.2", "PUT", f"Invoices/{ZERO}/History", 404, "cannot be found", body={"Details": "x"}),
    Whole("§9", "GET", "Nonsense", 404, "cannot be found"),
    Whole("§1.8", "GET", "Quotes", 501, "Quotes is a resource of Xero's"),
    Whole("§3.1", "GET", "Organisation", 406, "XML", headers={"accept": "text/xml"}),
    Whole("§9", "GET", "Invoices", 400, "does not know colour", query={"colour": "red"}),
    Whole("§3.4", "GET", "Invoices", 400, "No property or field 'Colour' exists in type 'Invoice'", query={"where": 'Colour=="x"'}),
    Whole("§3.4", "GET", "Invoices", 400, "Cannot read order", query={"order": "Date SIDEWAYS"}),
    Whole("§3.4", "GET", "Invoices", 400, "is not a number for page", query={"page": "one"}),
    Whole("§3.8", "GET", "Invoices", 400, "unitdp is 2 or 4", query={"unitdp": "3", "page": "1"}),
    Whole("§3.4", "GET", "Invoices", 400, "If-Modified-Since cannot be read", headers={"if-modified-since": "soon"}),
    Whole("§3.4", "GET", "Invoices", 404, "The resource you're looking for cannot be found", query={"IDs": IDS}),
    Whole("§3.4 U", "GET", "Invoices", 404, "The resource you're looking for cannot be found", query={"InvoiceNumbers": "N" * 2100}),
    Whole("§3.4", "GET", "Invoices", 400, "Supplied parameter 'Ids' cannot be parsed.", query={"IDs": f"{ZERO},PL-1"}),
    Whole("§3.4", "GET", "Invoices", 400, "Supplied parameter 'ContactIds' cannot be parsed.", query={"ContactIDs": "Acme"}),
    Whole("§3.3", "PUT", "Invoices", 400, '{"ErrorNumber":14,"Type":"PostDataInvalidException","Message":"JSON request body could not be read, ', body=b"{oops"),
    Whole("§3.3 U", "PUT", "Invoices", 400, "as a list of objects", body={"Invoices": [1]}),
    Whole("§3.3", "PUT", "Invoices", 400, '{"ErrorNumber":17,"Type":"NoDataProcessedException","Message":"No data has been processed for this endpoint. This endpoint is expecting Invoice data to be specifed in the request body."}', body={"Invoices": []}),
    Whole("§3.1", "PUT", "Invoices", 400, "Content-Type: application/json", body={}, headers={"content-type": "text/plain"}),
    Whole("§3.9", "PUT", "Invoices", 400, "1 to 128 characters", body={}, headers={"idempotency-key": "k" * 129}),
]  # fmt: skip


@pytest.mark.parametrize(
    "whole", WHOLE, ids=lambda each: f"{each.source} {each.method} {each.text}"
)
def test_wrong_request_is_refused_as_a_whole(client: Client, whole: Whole) -> None:
    answer = client.send(whole.method, whole.path, whole.body, headers=whole.headers, **whole.query)

    assert answer.status == whole.status
    assert whole.text in answer.body.decode()
    assert whole.status != 404 or answer.body.decode() == GONE
    is_html = whole.status == 404 or "Supplied parameter" in whole.text
    assert answer.headers["Content-Type"].startswith("text/html") is is_html


def test_table_of_wrong_requests_is_long_and_names_its_sources() -> None:
    rows = [*CREATED, *CHANGED, *WHOLE]

    assert len(rows) >= 60
    assert all(row.source.startswith("§") for row in rows)
