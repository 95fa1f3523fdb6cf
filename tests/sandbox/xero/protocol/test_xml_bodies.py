"""XML as old clients send it, and as Xero answers who does not ask for JSON (facts §3.1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import fromstring

import pytest

from syncd.sandbox.xero.protocol import xml_bodies
from tests.sandbox.xero.builders import Client, new_client

CONTACTS = (
    b"<Contacts><Contact><Name>Acme</Name></Contact><Contact><Name>Zen</Name></Contact></Contacts>"
)
LINE = (
    b"<LineItem><Description>Visit</Description><Quantity>2</Quantity>"
    b"<UnitAmount>10</UnitAmount><AccountCode>200</AccountCode></LineItem>"
)
INVOICE = (
    b"<Invoice><Type>ACCREC</Type><Status>AUTHORISED</Status><InvoiceNumber>X-1</InvoiceNumber>"
    b"<Contact><Name>Acme</Name></Contact><Date>2026-11-20T00:00:00</Date>"
    b"<DueDate>2026-12-20</DueDate><LineItems>%s</LineItems></Invoice>" % LINE
)
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (CONTACTS, {"Contacts": [{"Name": "Acme"}, {"Name": "Zen"}]}),
        (b"<Contact><Name>Acme</Name></Contact>", {"Name": "Acme"}),
        (
            b"<Contact><Phones><Phone><PhoneType>FAX</PhoneType></Phone></Phones></Contact>",
            {"Phones": [{"PhoneType": "FAX"}]},
        ),
    ],
)
def test_xml_has_the_shape_that_json_has(body: bytes, value: Any) -> None:
    assert xml_bodies.read(body, "application/xml") == value
    form = urlencode({"xml": body}).encode()
    assert xml_bodies.read(form, FORM["content-type"]) == value


@pytest.mark.parametrize("in_a_form", [True, False])
def test_invoice_of_an_old_client_is_written(client: Client, in_a_form: bool) -> None:
    body = urlencode({"xml": INVOICE}).encode() if in_a_form else INVOICE
    headers = FORM if in_a_form else {"content-type": "application/xml"}

    answer = client.send("PUT", "Invoices", body, headers=headers)

    assert answer.status == 200
    row = client.get("Invoices/X-1")["Invoices"][0]
    assert (row["Total"], row["DateString"]) == (23, "2026-11-20T00:00:00")


def test_broken_xml_is_refused_as_broken_json_is(client: Client) -> None:
    answer = client.send("PUT", "Contacts", b"<Contact>", headers={"content-type": "text/xml"})

    assert answer.status == 400
    assert b'"ErrorNumber":14' in answer.body


def test_who_does_not_ask_for_json_is_answered_in_xml_by_a_switch() -> None:
    client = new_client(answers_xml=True)
    client.invoice(InvoiceNumber="A")

    answer = client.send("GET", "Invoices", headers={"accept": "*/*"})

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    root = fromstring(answer.body)  # noqa: S314 - our own answer
    assert root.findtext("Invoices/Invoice/InvoiceNumber") == "A"
    assert root.findtext("Invoices/Invoice/HasAttachments") == "false"
