"""Chapters of the acceptance story: the organisation's settings, and its contacts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from xero_python.accounting.models import Address, Contact, ContactPerson, Contacts, Phone
from xero_python.exceptions import HTTPStatusException, NotFoundException

from tests.sandbox.acceptance.support.sdk import Xero, said


def settings_are_there(xero: Xero) -> None:
    organisation = xero.call("get_organisations").organisations[0]
    sales = xero.call("get_accounts", where='Code=="200"').accounts[0]
    banks = xero.call("get_accounts", where='Status=="ACTIVE" AND Type=="BANK"').accounts
    rate = xero.call("get_tax_rates", where='TaxType=="OUTPUT2"').tax_rates[0]
    actions = xero.call("get_organisation_actions").actions

    assert organisation.organisation_id == xero.tenant
    assert organisation.country_code.value == "NZ"
    assert (sales.type.value, sales.tax_type) == ("REVENUE", "OUTPUT2")
    assert xero.call("get_account", sales.account_id).accounts[0].code == "200"
    assert banks[0].enable_payments_to_account is not None
    assert float(rate.effective_rate) == 15
    assert "NZD" in {each.code.value for each in xero.call("get_currencies").currencies}
    assert xero.call("get_tracking_categories").tracking_categories[0].options
    assert xero.call("get_branding_themes").branding_themes[0].sort_order >= 1
    assert "CreateApprovedInvoice" in {each.name for each in actions}


def contact_is_created_with_its_slots(xero: Xero) -> None:
    made = xero.contact(
        "Acme Ltd",
        contact_number="C-1",
        account_number="A-1",
        first_name="Ada",
        last_name="Ace",
        email_address="ada@acme.example",
        addresses=[Address(address_type="STREET", address_line1="1 Quay St", city="Auckland")],
        phones=[Phone(phone_type="MOBILE", phone_number="5551234", phone_area_code="021")],
        contact_persons=[ContactPerson(first_name="Bo", email_address="bo@acme.example")],
    )
    read = xero.call("get_contact", made.contact_id).contacts[0]
    by_number = xero.call("get_contact_by_contact_number", "C-1").contacts[0]

    assert by_number.contact_id == read.contact_id
    assert [each.address_type for each in read.addresses] == ["STREET", "POBOX"]
    assert sorted(each.phone_type for each in read.phones) == ["DDI", "DEFAULT", "FAX", "MOBILE"]
    assert read.contact_persons[0].first_name == "Bo"
    assert (read.contact_status, read.is_customer) == ("ACTIVE", False)


def contact_is_updated_and_archived_for_good(xero: Xero) -> None:
    made = xero.contact("Acme Ltd")
    xero.call(
        "update_contact", made.contact_id, Contacts(contacts=[Contact(email_address="a@b.co")])
    )
    by_upsert = Contact(contact_id=made.contact_id, name="Acme Limited")
    xero.call("update_or_create_contacts", Contacts(contacts=[by_upsert]))
    gone = Contacts(contacts=[Contact(contact_id=made.contact_id, contact_status="ARCHIVED")])
    xero.call("update_contact", made.contact_id, gone)
    with pytest.raises(HTTPStatusException) as refused:
        xero.call("update_contact", made.contact_id, gone)

    read = xero.call("get_contact", made.contact_id).contacts[0]
    assert (read.name, read.email_address) == ("Acme Limited", "a@b.co")
    assert read.contact_status == "ARCHIVED"
    assert said(refused.value) == [
        (
            "The specified contact details matched an archived contact. "
            "Archived contacts cannot currently be edited via the API."
        )
    ]
    assert xero.call("get_contacts").contacts == []
    assert len(xero.call("get_contacts", include_archived=True).contacts) == 1


def contact_name_is_unique(xero: Xero) -> None:
    xero.contact("Acme Ltd")
    with pytest.raises(HTTPStatusException) as refused:
        xero.contact("acme ltd")

    assert refused.value.status == 400
    assert said(refused.value)[0].startswith("The contact name acme ltd is already assigned")


def contact_batch_tells_good_from_bad(xero: Xero) -> None:
    rows = [Contact(name="Good"), Contact(name="<bad>")]
    made = xero.call("create_contacts", Contacts(contacts=rows), summarize_errors=False).contacts

    assert [each.has_validation_errors for each in made] == [False, True]
    assert made[1].contact_id == "00000000-0000-0000-0000-000000000000"


def contacts_are_listed_filtered_and_paged(xero: Xero) -> None:
    rows = [Contact(name=f"Customer {at:03}") for at in range(7)]
    made = xero.call("create_contacts", Contacts(contacts=rows)).contacts
    before = datetime(2020, 1, 1, tzinfo=UTC)
    after = datetime(2040, 1, 1, tzinfo=UTC)

    page = xero.call("get_contacts", page=2, page_size=3)
    assert (page.pagination.page_count, page.pagination.item_count) == (3, 7)
    assert len(page.contacts) == 3
    assert len(xero.call("get_contacts", i_ds=[made[0].contact_id]).contacts) == 1
    assert len(xero.call("get_contacts", where='Name=="customer 003"').contacts) == 1
    assert len(xero.call("get_contacts", search_term="mer 00").contacts) == 7
    assert len(xero.call("get_contacts", summary_only=True).contacts) == 7
    assert len(xero.call("get_contacts", before).contacts) == 7
    assert xero.call("get_contacts", after).contacts == []
    first = xero.call("get_contacts", order="Name DESC").contacts[0]
    assert first.name == "Customer 006"


def merged_contact_points_to_the_one_that_stays(xero: Xero) -> None:
    loser, winner = xero.contact("Acme Ltd"), xero.contact("Acme Limited")
    xero.sandbox.commands("merge", contact=loser.contact_id, into=winner.contact_id)

    read = xero.call("get_contact", loser.contact_id).contacts[0]
    assert read.contact_status == "ARCHIVED"
    assert read.merged_to_contact_id == winner.contact_id


def unknown_contact_is_404(xero: Xero) -> None:
    with pytest.raises(NotFoundException):
        xero.call("get_contact", "00000000-0000-0000-0000-000000000001")
    assert not xero.web.last.is_json
