"""Whether what changes something was sent from a page of ours."""

from __future__ import annotations

import pytest

from syncd.web.console.entry import origin


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "", "Origin": "http://h:1", "Host": "h:1"}, False),
        ({"Origin": "http://h:1", "Host": "h:1"}, True),
        ({"Origin": "https://H:1", "Host": "h:1"}, True),
        ({"Origin": "http://h:2", "Host": "h:1"}, False),
        ({"Origin": "null", "Host": "h:1"}, False),
        ({"Host": "h:1"}, False),
        ({"Origin": "", "Host": ""}, False),
        (
            {"Sec-Fetch-Site": "cross-site", "Origin": "http://h:1", "Host": "h:1"},
            False,
        ),
    ],
)
def test_only_a_page_of_this_very_address_is_ours(headers: dict[str, str], is_own: bool) -> None:
    assert origin.is_own(headers) is is_own


@pytest.mark.parametrize("path", ["/", "/t/acme/invoices?state=waiting", "/go?q=INV-1"])
def test_a_path_of_ours_is_gone_on_to(path: str) -> None:
    assert origin.local_path(path) == path


@pytest.mark.parametrize(
    "path", ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nSet-Cookie: x"]
)
def test_what_leads_elsewhere_leads_to_the_first_page(path: str) -> None:
    assert origin.local_path(path) == "/"
