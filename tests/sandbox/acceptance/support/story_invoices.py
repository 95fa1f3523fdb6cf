"""Chapters of the acceptance story: invoices from draft to void, one by one and in batches."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from xero_python.accounting.models import (
    Contact,
    HistoryRecord,
    HistoryRecords,
    Invoice,
    Invoices,
    LineAmountTypes,
    LineItem,
    LineItemTracking,
    RequestEmpty,
)
from xero_python.exceptions import BadRequestException, HTTPStatusException, NotFoundException

from tests.sandbox.acceptance.support.sdk import Xero, line, new_invoice, said

NO_ID = "00000000-0000-0000-0000-000000000000"


def invoice_is_created_and_read_by_id_and_number(xero: Xero) -> None:
    made = xero.invoice("PL-1", reference="pipeline:1", url="https://pipeline.example/1")
    by_id, by_number = xero.read(made), xero.read("PL-1")

    assert (made.status, made.has_errors) == ("AUTHORISED", False)
    assert (float(made.total), float(made.total_tax)) == (414, 54)
    assert by_id.invoice_id == by_number.invoice_id == made.invoice_id
    assert (by_id.date.isoformat(), by_id.due_date.isoformat()) == ("2026-11-20", "2026-12-20")
    assert by_id.line_items[0].line_item_id == made.line_items[0].line_item_id
    assert float(by_id.amount_due) == 414
    assert by_id.contact.name == "Customer of PL-1"


def number_is_given_where_none_is_sent(xero: Xero) -> None:
    first, second = xero.invoices(*[new_invoice(xero.contact(f"C{at}"), None) for at in range(2)])

    assert first.invoice_number.startswith("INV-")
    assert first.invoice_number != second.invoice_number


def bad_element_fails_the_call_and_the_good_one_is_saved(xero: Xero) -> None:
    contact = xero.contact()
    xero.invoices(new_invoice(contact, "PL-1"))
    with pytest.raises(BadRequestException) as refused:
        xero.invoices(new_invoice(contact, "PL-2"), new_invoice(contact, "PL-1"))

    assert refused.value.error_data["Type"] == "ValidationException"
    assert said(refused.value) == ["Invoice # must be unique."]
    made = xero.call("get_invoices").invoices
    assert sorted(each.invoice_number for each in made) == ["PL-1", "PL-2"]


def bad_element_is_told_among_the_good(xero: Xero) -> None:
    contact = xero.contact()
    xero.invoices(new_invoice(contact, "PL-1"))
    made = xero.invoices(
        new_invoice(contact, "PL-2"),
        new_invoice(contact, "PL-1"),
        new_invoice(contact, "PL-3", line_items=[line(account_code="ZZZ")]),
        summarize_errors=False,
        unitdp=4,
    )

    assert [each.has_errors for each in made] == [False, True, True]
    assert [each.status_attribute_string for each in made] == ["OK", "ERROR", "ERROR"]
    # Refused late: an id, and yet there is no such invoice.
    assert made[1].invoice_id != NO_ID
    assert made[1].validation_errors[0].message == "Invoice # must be unique."
    assert len(xero.call("get_invoices").invoices) == 2


def status_walks_from_draft_to_authorised(xero: Xero) -> None:
    made = xero.invoice("PL-1", status="DRAFT")
    for status in ("SUBMITTED", "DRAFT", "AUTHORISED"):
        step = Invoices(invoices=[Invoice(invoice_id=made.invoice_id, status=status)])
        xero.call("update_invoice", made.invoice_id, step)
        assert xero.read(made).status == status


def lines_are_kept_changed_added_and_dropped(xero: Xero) -> None:
    lines = [line("keep"), line("change"), line("drop")]
    made = xero.invoice("PL-1", line_items=lines)
    kept, changed, _ = (each.line_item_id for each in made.line_items)
    now = Invoice(
        invoice_id=made.invoice_id,
        line_items=[
            LineItem(line_item_id=kept),
            LineItem(line_item_id=changed, quantity=4.0),
            line("add", quantity=1.0),
        ],
    )
    xero.call("update_or_create_invoices", Invoices(invoices=[now]))

    read = xero.read(made).line_items
    assert [each.description for each in read] == ["add", "keep", "change"]
    assert [float(each.quantity) for each in read] == [1, 3, 4]
    assert [each.line_item_id for each in read][1:] == [kept, changed]


def update_without_lines_leaves_them(xero: Xero) -> None:
    made = xero.invoice("PL-1")
    edit = Invoices(invoices=[Invoice(invoice_id=made.invoice_id, reference="R-2")])
    xero.call("update_invoice", made.invoice_id, edit)

    read = xero.read(made)
    assert (read.reference, len(read.line_items)) == ("R-2", 1)


def void_needs_an_approved_invoice_without_money(xero: Xero) -> None:
    approved, paid, draft = (
        xero.invoice("PL-1"),
        xero.invoice("PL-2"),
        xero.invoice("PL-3", status="DRAFT"),
    )
    xero.sandbox.commands("pay", invoice="PL-2", amount="14")
    void = Invoices(invoices=[Invoice(status="VOIDED")])
    xero.call("update_invoice", approved.invoice_id, void)
    refusals = []
    for each in (paid, draft, approved):
        with pytest.raises(HTTPStatusException) as refused:
            xero.call("update_invoice", each.invoice_id, void)
        refusals += said(refused.value)

    read = xero.read(approved)
    assert (read.status, float(read.amount_due), float(read.total)) == ("VOIDED", 0, 414)
    assert refusals == [
        (
            "The status VOIDED cannot be applied to the invoice because it has payments "
            "or credit notes allocated to it."
        ),
        "Invoice not of valid status for modification",
        "Invoice not of valid status for modification",
    ]


def draft_is_deleted_and_an_approved_one_is_not(xero: Xero) -> None:
    draft, approved = xero.invoice("PL-1", status="DRAFT"), xero.invoice("PL-2")
    gone = Invoices(invoices=[Invoice(status="DELETED")])
    xero.call("update_invoice", draft.invoice_id, gone)
    with pytest.raises(HTTPStatusException) as refused:
        xero.call("update_invoice", approved.invoice_id, gone)

    assert xero.read(draft).status == "DELETED"
    assert said(refused.value) == ["Invoice not of valid status for modification"]


def amounts_are_reckoned_three_ways(xero: Xero) -> None:
    totals = {}
    for kind in ("EXCLUSIVE", "INCLUSIVE", "NOTAX"):
        made = xero.invoice(
            f"PL-{kind}",
            line_amount_types=getattr(LineAmountTypes, kind),
            line_items=[line(quantity=1.0, unit_amount=541.25)],
        )
        totals[kind] = (float(made.sub_total), float(made.total_tax), float(made.total))

    assert totals == {
        "EXCLUSIVE": (541.25, 81.19, 622.44),
        "INCLUSIVE": (470.65, 70.6, 541.25),
        "NOTAX": (541.25, 0, 541.25),
    }


def unit_amount_keeps_four_places_only_when_asked(xero: Xero) -> None:
    fine = [line(quantity=1000.0, unit_amount=0.1234)]
    four = new_invoice(xero.contact("A"), "PL-4", line_items=fine)
    two = new_invoice(xero.contact("B"), "PL-2", line_items=fine)

    assert float(xero.invoices(four, unitdp=4)[0].sub_total) == 123.4
    assert float(xero.invoices(two)[0].sub_total) == 120.0


def bill_discount_tracking_and_description_lines_pass(xero: Xero) -> None:
    category = xero.call("get_tracking_categories").tracking_categories[0]
    tracking = LineItemTracking(name=category.name, option=category.options[0].name)
    sale = xero.invoice(
        "PL-1",
        status="DRAFT",
        line_items=[
            line(discount_rate=10.0, tracking=[tracking]),
            LineItem(description="Only words"),
        ],
    )
    bill = xero.invoice(
        "B-1", type="ACCPAY", line_items=[line(account_code="429", tax_type="INPUT2")]
    )
    read = xero.read(sale)

    assert float(read.line_items[0].line_amount) == 324
    paged = xero.call("get_invoices", page=1).invoices[0]
    assert read.line_items[0].tracking[0].option == category.options[0].name
    assert paged.line_items[0].tracking[0].option == category.options[0].name
    assert (read.is_discounted, bill.type) == (True, "ACCPAY")
    assert xero.call("get_contact", bill.contact.contact_id).contacts[0].is_supplier


def invoices_are_listed_and_paged(xero: Xero) -> None:
    contact = xero.contact()
    made = xero.invoices(*[new_invoice(contact, f"PL-{at}") for at in range(7)])
    everything = xero.call("get_invoices")
    page = xero.call("get_invoices", order="InvoiceNumber ASC", page=2, page_size=3, unitdp=4)
    beyond = xero.call("get_invoices", page=9, page_size=3)

    assert len(everything.invoices) == len(made) == 7
    assert everything.pagination is None
    assert not everything.invoices[0].line_items
    assert page.invoices[0].line_items
    assert (page.pagination.page, page.pagination.page_count) == (2, 3)
    assert [each.invoice_number for each in page.invoices] == ["PL-3", "PL-4", "PL-5"]
    assert beyond.invoices == []


def invoices_are_filtered(xero: Xero) -> None:
    contact = xero.contact()
    xero.invoices(*[new_invoice(contact, f"PL-{at}", reference=f"R{at}") for at in range(3)])
    draft = xero.invoice("PL-9", status="DRAFT")
    own = contact.contact_id

    def found(**more: object) -> list[str]:
        rows = xero.call("get_invoices", **more).invoices
        return sorted(each.invoice_number for each in rows)

    assert found(i_ds=[draft.invoice_id]) == ["PL-9"]
    assert found(invoice_numbers=["PL-1", "PL-2"]) == ["PL-1", "PL-2"]
    assert found(contact_i_ds=[own]) == ["PL-0", "PL-1", "PL-2"]
    assert found(statuses=["DRAFT"]) == ["PL-9"]
    assert found(where='Status=="DRAFT" OR Reference=="r1"') == ["PL-1", "PL-9"]
    assert found(where=f'Contact.ContactID==guid("{own}") AND AmountDue>=414') != []
    assert found(where="Date>=DateTime(2026,11,21)") == []
    assert found(search_term="pl-2") == ["PL-2"]
    assert found(created_by_my_app=True, summary_only=True) == ["PL-0", "PL-1", "PL-2", "PL-9"]
    assert found(order="InvoiceNumber DESC", page=1, page_size=1) == ["PL-9"]


def list_since_shows_what_changed(xero: Xero) -> None:
    xero.invoice("PL-1")
    xero.sandbox.advance(60)
    since = datetime.fromtimestamp(xero.sandbox.control("dump")["now"], tz=UTC)
    xero.sandbox.advance(60)
    xero.invoice("PL-2")

    rows = xero.call("get_invoices", since).invoices
    assert [each.invoice_number for each in rows] == ["PL-2"]
    xero.sandbox.commands("pay", invoice="PL-1", amount="1")
    rows = xero.call("get_invoices", since).invoices
    assert [each.invoice_number for each in rows] == ["PL-2", "PL-1"]


def edit_without_a_trace_is_missed_by_lists_since(xero: Xero) -> None:
    made = xero.invoice("PL-1")
    xero.sandbox.advance(60)
    since = datetime.fromtimestamp(xero.sandbox.control("dump")["now"], tz=UTC)
    xero.sandbox.commands("touchless_edit", invoice="PL-1", set={"Reference": "unseen"})

    assert xero.call("get_invoices", since).invoices == []
    assert xero.read(made).reference == "unseen"


def note_mail_and_online_address(xero: Xero) -> None:
    contact = xero.contact(email_address="ada@acme.example")
    (made,) = xero.invoices(new_invoice(contact, "PL-1"))
    note = HistoryRecords(history_records=[HistoryRecord(details="Sent by Pipeline")])
    xero.call("create_invoice_history", made.invoice_id, note)
    xero.call("email_invoice", made.invoice_id, RequestEmpty())

    records = xero.call("get_invoice_history", made.invoice_id).history_records
    assert "Sent by Pipeline" in {each.details for each in records}
    assert xero.read(made).sent_to_contact
    online = xero.call("get_online_invoice", made.invoice_id).online_invoices[0]
    assert online.online_invoice_url.startswith("https://")


def archived_contact_takes_no_new_invoice(xero: Xero) -> None:
    contact = xero.contact()
    xero.sandbox.commands("archive", contact=contact.contact_id)
    with pytest.raises(HTTPStatusException) as refused:
        xero.invoices(new_invoice(Contact(contact_id=contact.contact_id), "PL-1"))

    text = (
        "The contact with the specified contact details has been archived. The contact must be "
        "un-archived before creating new invoices or credit notes."
    )
    assert said(refused.value) == [text]


def unknown_invoice_is_404(xero: Xero) -> None:
    with pytest.raises(NotFoundException):
        xero.read("PL-404")
    assert xero.web.last.headers["content-type"] == "text/html; charset=utf-8"
