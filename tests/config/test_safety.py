"""What is well-formed and refused all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.config import sources
from syncd.config.safety import is_loopback
from syncd.domain.errors import ConfigError
from tests.config.test_sources import MINIMAL

TOKEN = 'operator_token = "from-file-0123456789"'


def refused(tmp_path: Path, *changes: tuple[str, str]) -> str:
    text = MINIMAL
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    path = tmp_path / "syncd.toml"
    path.write_text(text, "utf-8")
    try:
        sources.load(path, environment={})
    except ConfigError as error:
        return "; ".join(error.problems)
    return ""


@pytest.mark.parametrize(
    ("section", "line", "key"),
    [
        ("xero", 'api_url = "http://api.xero.example"', "xero.api_url"),
        ("xero", 'api_url = "http://169.254.169.254"', "xero.api_url"),
        ("xero", 'identity_url = "http://identity.example"', "xero.identity_url"),
        ("xero", 'authorize_url = "http://login.example/a"', "xero.authorize_url"),
        ("xero", 'api_url = "https://user:secret@api.example"', "xero.api_url"),
        ("xero", 'api_url = "https://api.example/#part"', "xero.api_url"),
        ("xero", 'api_url = "https://api.example/?a=1"', "xero.api_url"),
        ("xero", 'api_url = "https://api.example:99999"', "xero.api_url"),
        ("xero", 'api_url = "ftp://api.example"', "xero.api_url"),
        ("xero", 'api_url = "https://"', "xero.api_url"),
        ("server", 'public_url = "http://sync.example"', "server.public_url"),
        ("server", 'console_url = "http://sync.example"', "server.console_url"),
        ("server", 'listen = "127.0.0.1:99999"', "server.listen"),
    ],
)
def test_address_that_is_not_safe_is_refused_by_its_key(
    section: str, line: str, key: str, tmp_path: Path
) -> None:
    other = f"[server]\n{line}\n" if section == "server" else ""
    inside = f"[xero]\n{line}" if section == "xero" else "[xero]"

    said = refused(tmp_path, ("[xero]", other + inside))

    assert key in said
    assert "secret@" not in said


@pytest.mark.parametrize(
    "url", ["http://p.example/{id}", "javascript:alert(1)//{id}", "data:text/html,{id}", "{id}"]
)
def test_link_on_an_invoice_is_https(url: str, tmp_path: Path) -> None:
    said = refused(tmp_path, ("https://app.test/invoices/{id}", url))

    assert "tenants.acme.invoice_url" in said


def test_plain_http_is_for_this_machine_or_for_who_says_so(tmp_path: Path) -> None:
    plain = ("https://pipeline.test", "http://pipeline.test")

    assert "allow_plain_http" in refused(tmp_path, plain)
    assert refused(tmp_path, plain, (TOKEN, f"{TOKEN}\nallow_plain_http = true")) == ""
    assert refused(tmp_path, ("https://pipeline.test", "http://127.0.0.1:9")) == ""


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("localhost", True), ("a.localhost", True), ("127.0.0.1", True), ("127.9.9.9", True),
        ("::1", True), ("10.0.0.1", False), ("0.0.0.1", False), ("localhost.example", False),
        ("", False),
    ],
)  # fmt: skip
def test_loopback_is_this_machine_only(host: str, is_ours: bool) -> None:
    assert is_loopback(host) is is_ours


@pytest.mark.parametrize("token", ["", "a", "nineteen-characters", "zwanzig-Zeichen-für-uns"])
def test_token_that_guards_nothing_is_refused(token: str, tmp_path: Path) -> None:
    said = refused(tmp_path, (TOKEN, f'operator_token = "{token}"'))

    assert "operator 'operator'" in said
    assert len(token) < 5 or token not in said


def test_one_token_is_one_operators(tmp_path: Path) -> None:
    second = '[[security.operators]]\nname = "b"\nrole = "Office"\ntoken = "from-file-0123456789"'

    assert "same token" in refused(tmp_path, ("[xero]", f"{second}\n[xero]"))


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ('proxy_user_header = "X-User"', "security.trusted_proxies"),
        ('trusted_proxies = ["127.0.0.1"]', "security.proxy_user_header"),
        ('proxy_user_header = "Cookie"\ntrusted_proxies = ["::1"]', "security.proxy_user_header"),
        ('proxy_user_header = "X User"\ntrusted_proxies = ["::1"]', "security.proxy_user_header"),
        ('proxy_user_header = "X-User"\ntrusted_proxies = ["proxy"]', "security.trusted_proxies"),
        ('proxy_user_header = "X-User"\ntrusted_proxies = ["10.0.0.1/8"]', "trusted_proxies"),
        ('proxy_user_header = "X-User"\ntrusted_proxies = ["0.0.0.0/0"]', "trusted_proxies"),
        ('proxy_user_header = "X-User"\ntrusted_proxies = ["::/0"]', "trusted_proxies"),
    ],
)
def test_a_proxy_that_may_say_who_somebody_is_is_named_with_its_header(
    lines: str, key: str, tmp_path: Path
) -> None:
    assert key in refused(tmp_path, ("[security]", f"[security]\n{lines}"))


def test_a_proxy_and_its_header_are_taken(tmp_path: Path) -> None:
    lines = 'proxy_user_header = "X-User"\ntrusted_proxies = ["127.0.0.1", "10.2.0.0/16"]'

    assert refused(tmp_path, ("[security]", f"[security]\n{lines}")) == ""
