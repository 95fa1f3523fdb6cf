"""Every write is told: history, UpdatedDateUTC, indices (facts §3.4)."""

from __future__ import annotations

from typing import Any

from tests.sandbox.xero.builders import Client, new_client


def update(client: Client, row: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"InvoiceID": row["InvoiceID"], **more}
    answer = client.post("Invoices", body, unitdp=4)["Invoices"][0]
    assert answer["StatusAttributeString"] == "OK", answer
    return dict(answer)


def whole(client: Client, row: dict[str, Any]) -> dict[str, Any]:
    return dict(client.get(f"Invoices/{row['InvoiceID']}", unitdp=4)["Invoices"][0])


def test_silent_edit_does_not_bump(client: Client) -> None:
    """Facts §3.4: DueDate and SentToContact on part-paid documents."""
    row = client.invoice(InvoiceNumber="A")
    client.command("pay", invoice="A", amount="14")
    stamp = whole(client, row)["UpdatedDateUTC"]
    client.time.pass_s(60)

    update(client, row, DueDate="2027-02-02", SentToContact=True)
    assert whole(client, row)["UpdatedDateUTC"] == stamp

    update(client, row, Reference="seen")
    assert whole(client, row)["UpdatedDateUTC"] != stamp


def test_every_change_is_written_into_the_history(client: Client) -> None:
    row = client.invoice(InvoiceNumber="A", Reference="old")
    update(client, row, Reference="new")
    client.command("edit", invoice="A", set={"Reference": "newer"}, who="Bea")

    history = client.world.dump()["organisations"][0]["invoices"][0]["History"]

    told = [(each["who"], each["what"], each["fields"]) for each in history]
    assert told == [
        ("app", "created", []),
        ("app", "edited", [["Reference", "old", "new"]]),
        ("Bea", "edited", [["Reference", "new", "newer"]]),
    ]


def test_some_documents_change_ahead_of_the_clock_as_switched() -> None:
    """Facts §3.6: rows of 10 to 13 hours ahead were seen."""
    client = new_client(rows_ahead_s=36_000.0)
    for _ in range(40):
        client.invoice()

    at_ms = int(client.time.now_s * 1000)
    ahead = [each.updated_ms - at_ms for each in client.books.invoices.current()]

    assert set(ahead) == {0, 36_000_000}
    assert client.books.invoices.newest(1)[0].updated_ms > at_ms
