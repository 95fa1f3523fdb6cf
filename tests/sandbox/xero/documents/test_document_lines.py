"""Lines of documents: ids, amounts, tax, accounts (facts §3.5, §3.7, §3.8)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.xero.builders import Client, line, messages, new_client


def update(client: Client, row: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"InvoiceID": row["InvoiceID"], **more}
    answer = client.post("Invoices", body, unitdp=4)["Invoices"][0]
    assert answer["StatusAttributeString"] == "OK", answer
    return dict(answer)


def test_lines_left_out_of_an_update_stay(client: Client) -> None:
    row = client.invoice(LineItems=[line(), line()])

    changed = update(client, row, Reference="new")

    assert changed["LineItems"] == row["LineItems"]
    assert changed["Reference"] == "new"


def test_lines_are_updated_made_and_deleted_by_their_ids(client: Client) -> None:
    row = client.invoice(LineItems=[line(), line(Description="gone"), line()])
    first, _, third = [each["LineItemID"] for each in row["LineItems"]]

    changed = update(
        client,
        row,
        LineItems=[{"LineItemID": third, "Quantity": 5}, {"LineItemID": first}, line(UnitAmount=1)],
    )

    ids = [each["LineItemID"] for each in changed["LineItems"]]
    assert ids[1:] == [third, first], "new lines come out first (facts §3.7)"
    assert ids[0] not in {first, third}
    assert [each["LineAmount"] for each in changed["LineItems"]] == [3, 600, 360]
    assert changed["Total"] == pytest.approx(963 * 1.15)


def test_lines_without_ids_get_new_ones(client: Client) -> None:
    row = client.invoice()

    changed = update(client, row, LineItems=[line()])

    assert changed["LineItems"][0]["LineItemID"] != row["LineItems"][0]["LineItemID"]


def test_unknown_line_id_makes_a_line_as_switched() -> None:
    client = new_client(unknown_line_is_error=False)
    row = client.invoice()

    changed = update(
        client, row, LineItems=[line(LineItemID="00000000-0000-0000-0000-000000000001")]
    )

    assert len(changed["LineItems"]) == 1


def test_changing_the_terms_reckons_every_line_anew(client: Client) -> None:
    row = client.invoice()

    inclusive = update(client, row, LineAmountTypes="Inclusive")
    untaxed = update(client, row, LineAmountTypes="NoTax")

    assert (inclusive["SubTotal"], inclusive["TotalTax"], inclusive["Total"]) == (
        313.04,
        46.96,
        360,
    )
    assert (untaxed["TotalTax"], untaxed["LineItems"][0]["TaxType"]) == (0, "NONE")


def test_unit_amounts_keep_four_places_only_when_asked_on_both_ways(client: Client) -> None:
    sent = {"LineItems": [line(Quantity=1000, UnitAmount=0.1234)]}
    fine = client.invoice(**sent)
    coarse = client.put("Invoices", client.draft(**sent))["Invoices"][0]

    assert (fine["LineItems"][0]["LineAmount"], coarse["LineItems"][0]["LineAmount"]) == (
        123.4,
        120,
    )
    shown = client.get(f"Invoices/{fine['InvoiceID']}")["Invoices"][0]["LineItems"][0]
    assert (shown["UnitAmount"], shown["LineAmount"]) == (0.12, 123.4)


def test_line_without_tax_type_takes_the_accounts(client: Client) -> None:
    row = client.invoice(LineItems=[line(TaxType=None, AccountCode="230")])

    assert row["LineItems"][0]["TaxType"] == "ZERORATED"


def test_account_may_be_named_by_its_id(client: Client) -> None:
    account = client.books.settings.by_code["210"].id

    row = client.invoice(LineItems=[line(AccountCode=None, AccountID=account)])

    assert row["LineItems"][0]["AccountCode"] == "210"


def test_tax_given_by_hand_stands_until_the_line_changes(client: Client) -> None:
    row = client.invoice(LineItems=[line(TaxAmount=54.01)])
    assert row["TotalTax"] == 54.01

    described = update(
        client,
        row,
        LineItems=[{"LineItemID": row["LineItems"][0]["LineItemID"], "Description": "x"}],
    )
    assert described["TotalTax"] == 54.01

    changed = update(
        client,
        row,
        LineItems=[{"LineItemID": row["LineItems"][0]["LineItemID"], "Quantity": 1}],
    )
    assert changed["TotalTax"] == 18


def test_discounts_come_off_the_line(client: Client) -> None:
    row = client.invoice(LineItems=[line(DiscountRate=12.5), line(DiscountAmount=10)])

    assert [each["LineAmount"] for each in row["LineItems"]] == [315, 350]
    assert row["IsDiscounted"] is True


def test_negative_line_is_a_discount_on_the_invoice(client: Client) -> None:
    row = client.invoice(LineItems=[line(), line(Quantity=1, UnitAmount=-60)])
    taken = new_client(negative_quantity_refused=False)
    other = taken.invoice(LineItems=[line(), line(Quantity=-1, UnitAmount=60)])

    assert row["Total"] == other["Total"] == 345


def test_unknown_tax_type_is_called_not_valid_where_quotes_are_section_3_10() -> None:
    client = new_client(unknown_tax_is_not_valid=True)

    row = client.put("Invoices", client.draft(LineItems=[line(TaxType="GST99")]))["Invoices"][0]

    assert messages(row) == ["The TaxType code 'GST99' is not valid"]


def test_draft_may_be_dated_in_a_closed_period_section_7(client: Client) -> None:
    client.command("lock", year="2026-11-20", period="2026-11-20")

    for status in ("DRAFT", "SUBMITTED"):
        row = client.invoice(Status=status)
        client.post("Invoices", {"InvoiceID": row["InvoiceID"], "Status": "DELETED"})

        assert row["Status"] == status


def test_tracking_is_taken_by_name(client: Client) -> None:
    row = client.invoice(LineItems=[line(Tracking=[{"Name": "Region", "Option": "North"}])])

    tracking = row["LineItems"][0]["Tracking"][0]
    assert (tracking["Name"], tracking["Option"]) == ("Region", "North")


@pytest.mark.parametrize(("way", "amount"), [("half up", 1908.4), ("down", 1908.39)])
def test_discounted_amount_comes_to_cents_as_switched_section_3_8(way: str, amount: float) -> None:
    client = new_client(discounts_round=way)
    lines = [line(Quantity=1, UnitAmount=2120.44, DiscountRate=10)]

    row = client.invoice(LineItems=lines)

    assert row["LineItems"][0]["LineAmount"] == amount
    assert row["SubTotal"] == amount


@pytest.mark.parametrize("dropped", [True, False])
def test_unknown_tracking_is_refused_or_dropped_as_switched_section_3_5(dropped: bool) -> None:
    client = new_client(drops_unknown_tracking=dropped)
    lines = [line(Tracking=[{"Name": "Region", "Option": "Moon"}])]

    (row,) = client.put("Invoices", client.draft(LineItems=lines))["Invoices"]

    assert (row["StatusAttributeString"] == "OK") is dropped
    assert not dropped or row["LineItems"][0]["Tracking"] == []


def test_numbers_stand_in_the_scale_of_the_store_section_3_1(client: Client) -> None:
    lines = [line(Quantity=3, UnitAmount=120, DiscountRate=10)]
    sent = client.send(
        "PUT", "Invoices", client.draft(InvoiceNumber="A", LineItems=lines), unitdp=4
    )
    two = client.send("GET", "Invoices/A").body.decode()
    rates = client.send("GET", "TaxRates").body.decode()

    for text in (
        *('"Quantity":3.0000', '"UnitAmount":120.0000', '"LineAmount":324.00'),
        *('"CurrencyRate":1.0000000000', '"AmountPaid":0.00', '"DiscountRate":10.00'),
    ):
        assert text in sent.body.decode()
    assert '"UnitAmount":120.00,' in two
    assert '"EffectiveRate":15.0000' in rates


@pytest.mark.parametrize(("keeps", "total"), [(True, 552), (False, 0)])
def test_what_a_line_leaves_out_stays_or_goes_as_switched_section_3_7(
    keeps: bool, total: int
) -> None:
    client = new_client(partial_lines_keep=keeps)
    row = client.invoice(Status="DRAFT")
    partial = {"LineItemID": row["LineItems"][0]["LineItemID"], "Description": "d", "Quantity": 4}

    body = {"InvoiceID": row["InvoiceID"], "LineItems": [partial]}
    (changed,) = client.post("Invoices", body)["Invoices"]

    assert (changed["Total"], len(changed["LineItems"])) == (total, 1)
    assert changed["LineItems"][0]["LineItemID"] == partial["LineItemID"]
