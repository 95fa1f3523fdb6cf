from __future__ import annotations

import pytest

from syncd.sandbox.http import Request
from syncd.sandbox.matching import Match


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/Invoices", "/api.xro/2.0/Invoices", True),
        ("/Invoices", "/api.xro/2.0/Invoices/1", True),
        ("/Invoices$", "/api.xro/2.0/Invoices/1", False),
        ("/Invoices/*", "/api.xro/2.0/Invoices", False),
        ("/Invoices/*", "/api.xro/2.0/Invoices/1", True),
        ("/Invoices/*/History$", "/api.xro/2.0/Invoices/1/History", True),
        ("/voices", "/api.xro/2.0/Invoices", False),
        ("/Invoice", "/api.xro/2.0/Invoices", False),
        ("/api.xro", "/apiXxro/2.0", False),
    ],
)
def test_path_is_a_run_of_whole_segments(pattern: str, path: str, *, fits: bool) -> None:
    assert Match({"path": pattern}).fits(Request(method="GET", path=path)) is fits


def test_every_part_named_must_fit() -> None:
    match = Match({"method": "PUT", "contains": "INV-7", "tenant": "demo"})
    put = Request(method="PUT", path="/Invoices", body=b'"INV-7"')
    assert match.fits(put, "demo")
    assert not match.fits(put, "other")
    assert not match.fits(Request(method="PUT", path="/Invoices", body=b'"INV-8"'), "demo")
    assert not match.fits(Request(method="GET", path="/Invoices", raw_query="q=INV-7"), "demo")


def test_text_may_stand_in_the_query() -> None:
    request = Request(method="GET", path="/Invoices", raw_query="InvoiceNumbers=INV-7")
    assert Match({"contains": "INV-7"}).fits(request)
