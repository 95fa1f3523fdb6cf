"""Which contact an invoice is for (facts §3.5)."""

from __future__ import annotations

from tests.sandbox.xero.builders import Client


def test_contact_fields_beside_the_id_change_the_contact(client: Client) -> None:
    contact = client.contact("Acme", ContactPersons=[{"FirstName": "Ann"}])

    client.invoice(Contact={"ContactID": contact, "ContactPersons": []})

    assert client.get(f"Contacts/{contact}")["Contacts"][0]["ContactPersons"] == []


def test_name_alone_finds_an_active_contact_or_makes_one(client: Client) -> None:
    known = client.contact("Acme")

    found = client.invoice(Contact={"Name": "acme"})["Contact"]["ContactID"]
    made = client.invoice(Contact={"Name": "Zenith"})["Contact"]["ContactID"]

    assert found == known
    assert client.get(f"Contacts/{made}")["Contacts"][0]["Name"] == "Zenith"


def test_first_document_makes_a_customer_without_a_bump(client: Client) -> None:
    contact = client.contact("Acme")
    client.time.pass_s(60)

    client.invoice(Contact={"ContactID": contact})

    row = client.get(f"Contacts/{contact}")["Contacts"][0]
    assert (row["IsCustomer"], row["IsSupplier"]) == (True, False)
    assert row["UpdatedDateUTC"] == "/Date(1795306500000+0000)/"


def test_whole_contact_sent_back_as_it_was_read_changes_nothing(client: Client) -> None:
    contact = client.contact("Acme", Phones=[{"PhoneType": "FAX", "PhoneNumber": "1"}])
    read = client.get(f"Contacts/{contact}")["Contacts"][0]
    client.time.pass_s(60)

    client.invoice(Contact=read)

    after = client.get(f"Contacts/{contact}")["Contacts"][0]
    assert after.pop("Balances")["AccountsReceivable"] == {"Outstanding": 414, "Overdue": 0}
    assert after == {**read, "IsCustomer": True}
