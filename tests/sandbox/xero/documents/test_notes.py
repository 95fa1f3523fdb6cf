"""History notes, mail and the online link (facts §3.2)."""

from __future__ import annotations

import json
from typing import Any

from tests.sandbox.xero.builders import Client, line


def invoice(client: Client, key: str = "A") -> dict[str, Any]:
    return dict(client.get(f"Invoices/{key}")["Invoices"][0])


def test_history_notes_and_mail(client: Client) -> None:
    contact = client.contact("Acme", EmailAddress="a@b.co")
    row = client.invoice(InvoiceNumber="A", Contact={"ContactID": contact})
    path = f"Invoices/{row['InvoiceID']}"

    note = {"HistoryRecords": [{"Details": "sent by syncd"}]}
    client.send("PUT", f"{path}/History", note)
    mailed = client.send("POST", f"{path}/Email", {})

    assert (mailed.status, mailed.body) == (204, b"")
    assert invoice(client)["SentToContact"] is True
    records = client.get(f"{path}/History")["HistoryRecords"]
    assert {"sent by syncd"} <= {each["Details"] for each in records}
    assert {each["User"] for each in records} == {"System Generated"}
    url = client.get(f"{path}/OnlineInvoice")["OnlineInvoices"][0]["OnlineInvoiceUrl"]
    assert url.startswith("https://in.xero.com/")


def test_note_too_long_and_mail_without_address_are_refused(client: Client) -> None:
    path = f"Invoices/{client.invoice()['InvoiceID']}"

    long = client.send("PUT", f"{path}/History", {"Details": "x" * 2501})

    assert [long.status, client.send("POST", f"{path}/Email", {}).status] == [400, 400]


def test_history_rows_are_shown_as_recorded(client: Client) -> None:
    """Facts §3.2: the answer to a note says less, without an offset, than the history."""
    path = f"Invoices/{client.invoice()['InvoiceID']}/History"
    sent = client.send("PUT", path, {"HistoryRecords": [{"Details": "a note"}]})

    (answered,) = json.loads(sent.body)["HistoryRecords"]
    read = client.get(path)["HistoryRecords"]

    assert answered == {
        "DateUTCString": "2026-11-22T00:15:00",
        "DateUTC": "/Date(1795306500000)/",
        "Details": "a note",
        "ValidationErrors": [],
    }
    assert {(*each,) for each in read} == {
        ("Changes", "DateUTCString", "DateUTC", "User", "Details")
    }
    assert read[0]["DateUTC"] == "/Date(1795306500000+0000)/"


def test_bill_has_no_online_invoice(client: Client) -> None:
    cost = line(AccountCode="429", TaxType="INPUT2")
    bill = client.invoice(Type="ACCPAY", InvoiceNumber="B", LineItems=[cost])

    assert client.send("GET", f"Invoices/{bill['InvoiceID']}/OnlineInvoice").status == 404
