"""The judges' own reading of marks."""

from __future__ import annotations

import pytest

from syncd.lab.watch.marks import invoice_marked

ID = "0dd0d3c2-9a42-4e72-a70c-d19cd39fc194"


@pytest.mark.parametrize(
    ("url", "whose"),
    [
        (f"https://app.test/invoices/{ID}?syncd=abc", ID),
        (f"https://app.test/invoices/{ID}", None),
        ("https://app.test/invoices?syncd=abc", None),
        ("", None),
    ],
)
def test_mark_is_a_signed_address_of_an_invoice(url: str, whose: str | None) -> None:
    assert invoice_marked(url) == whose
