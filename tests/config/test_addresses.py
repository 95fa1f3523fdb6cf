"""What an address may look like, whatever it is for."""

from __future__ import annotations

import pytest

from syncd.config.addresses import Address, InvoiceUrl, Listen, Url
from syncd.config.options import Section
from syncd.config.reading import read
from syncd.domain.errors import ConfigError


class Addresses(Section, frozen=True, kw_only=True):
    """One key of each kind."""

    url: Url = ""
    address: Address = ""
    invoice: InvoiceUrl = ""
    listen: Listen = ""


def taken(kind: str, text: str) -> str:
    found: str = getattr(read(Addresses, {kind: text}), kind)
    return found


@pytest.mark.parametrize(
    "url",
    ["https://api.example", "http://127.0.0.1:9/api", "https://[::1]:8443/a", "https://h:65535"],
)
def test_good_address_stays_as_it_is(url: str) -> None:
    assert taken("url", f"{url}/") == taken("url", url) == url


@pytest.mark.parametrize(
    "url",
    [
        "", "h", "//h", "https://", "https:///path", "ftp://h", "https://u@h", "https://u:p@h",
        "https://h#part", "https://h:0", "https://h:65536", "https://h:x", "https://h /x",
        "https://a..h", "https://.h", f"https://{64 * 'h'}.h",
    ],
)  # fmt: skip
def test_odd_address_is_refused(url: str) -> None:
    for kind in ("url", "address"):
        with pytest.raises(ConfigError):
            taken(kind, url)


def test_only_a_page_may_have_a_query() -> None:
    assert taken("address", "https://h/a?b=c") == "https://h/a?b=c"
    with pytest.raises(ConfigError):
        taken("url", "https://h/a?b=c")


@pytest.mark.parametrize("url", ["https://h/i", "https://xero.h/{id}", "javascript:x('{id}')"])
def test_link_on_an_invoice_names_it_and_not_xero(url: str) -> None:
    assert taken("invoice", "https://h/i?no={id}") == "https://h/i?no={id}"
    with pytest.raises(ConfigError):
        taken("invoice", url)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:99999", ":80", "a b:80", "h:port"])
def test_address_to_listen_on_has_a_host_and_a_port(address: str) -> None:
    assert taken("listen", "[::1]:65535") == "[::1]:65535"
    with pytest.raises(ConfigError):
        taken("listen", address)
