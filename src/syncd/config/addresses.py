"""What an address in the configuration may look like; used by `options` for each kind of key.

Whether plain http is safe there depends on other options, and is asked in `safety`.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from syncd.config.bounds import Form

_LAST_PORT = 65_535
_TAKEN = ("authorization", "cookie", "host", "origin", "referer", "content-type", "user-agent")


def _no_trailing_slash(text: str) -> str:
    return text.rstrip("/")


def _address(url: str) -> str:
    """As it is called: no user, which a log would show, and no fragment, which is never sent."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f"must have a port up to {_LAST_PORT}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError("must be an address that begins with https:// and a host")
    try:
        parts.hostname.encode("idna")
    except UnicodeError:
        raise ValueError("must have a host with 1 to 63 characters between its dots") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not contain a user or a password")
    if "#" in url or any(each.isspace() for each in url):
        raise ValueError("must not contain # or a space")
    return url


def _base(url: str) -> str:
    if "?" in url:
        raise ValueError("must not contain ?: paths are put behind it")
    return url


def _free_of_xero(url: str) -> str:
    """Xero refuses a Url that contains its own name (facts §3.5)."""
    if "xero" in url.lower():
        raise ValueError('must not contain "xero": Xero refuses such a link on an invoice')
    if "{id}" not in url:
        raise ValueError("must contain {id}, where the Pipeline invoice's id goes")
    return url


def _bindable(address: str) -> str:
    if int(address.rpartition(":")[2]) > _LAST_PORT:
        raise ValueError(f"must have a port up to {_LAST_PORT}")
    return address


def _network(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError:
        raise ValueError(
            "must be an address or a network such as 127.0.0.1 or 10.2.0.0/16"
        ) from None
    if network.prefixlen == 0:
        raise ValueError("must not be everybody: name the proxies themselves")
    return text


def _of_our_own(header: str) -> str:
    """A browser sends the others itself."""
    if header.lower() in _TAKEN or header.lower().startswith("sec-"):
        raise ValueError("must be a header that only the proxy sets, such as X-Remote-User")
    return header


def _mail_server(url: str) -> str:
    """smtps:// is TLS from the first byte, smtp:// begins with STARTTLS."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f"must have a port up to {_LAST_PORT}") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == 0:
        raise ValueError("must be a mail server such as smtps://USER@mail.example.com")
    if parts.password is not None:
        raise ValueError("must not contain a password; that is notify.password")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("must end with the host, or its port")
    return url


def _mail_address(text: str) -> str:
    """Plain: a name before it, or a second address, would be a header of its own."""
    name, at, domain = text.rpartition("@")
    if not (name and at and domain) or any(each in _NOT_IN_ADDRESSES for each in text):
        raise ValueError("must be one plain mail address, without a name before it")
    if not text.isascii() or not text.isprintable():
        raise ValueError("must be a mail address of plain characters")
    return text


def _store(url: str) -> str:
    """A file here, or a database; its password has a key of its own, which no log shows."""
    if not url.startswith("postgresql://"):
        return url
    try:
        parts = urlsplit(url)
        has_password = parts.password is not None or "password" in parse_qs(parts.query)
    except ValueError:
        raise ValueError("must be an address such as postgresql://ROLE@HOST/DATABASE") from None
    if has_password:
        raise ValueError("must not contain a password; that is store.password")
    return url


_LISTEN = r"(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}"
_NOT_IN_ADDRESSES = ' ,;:<>()[]\\"'
Address = Annotated[str, _no_trailing_slash, _address]
"""A page people are led to, which may have a query of its own."""
Url = Annotated[Address, _base]
"""A remote's base: paths are put behind it."""
InvoiceUrl = Annotated[Address, _free_of_xero]
"""What stands on an invoice in Xero."""
Listen = Annotated[str, Form(words="HOST:PORT such as 127.0.0.1:8080", pattern=_LISTEN), _bindable]
"""HOST:PORT to listen on; port 0 takes a free one."""
PublicListen = Annotated[
    str, Form(words="HOST:PORT such as 127.0.0.1:8081", pattern=_LISTEN), _bindable
]
StoreUrl = Annotated[
    str,
    Form(
        words="a file such as sqlite:///var/lib/syncd/syncd.db, or a database such as "
        "postgresql://ROLE@HOST/DATABASE",
        pattern=r"sqlite:///+[^/\x00-\x1f][^\x00-\x1f]*|postgresql://[^\x00-\x20]*",
    ),
    _store,
]
"""Where everything is kept: a file of this machine, or a PostgreSQL database."""
MailServerUrl = Annotated[str, _mail_server]
"""Where mails are handed over."""
MailAddress = Annotated[str, _mail_address]
"""Who writes or receives mails."""
Network = Annotated[str, _network]
HeaderName = Annotated[
    str,
    Form(words="a header's name such as X-Remote-User", pattern=r"[A-Za-z][A-Za-z0-9-]{0,63}"),
    _of_our_own,
]
