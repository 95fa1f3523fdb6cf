"""Options that are well-formed and still not safe: secrets in the clear, tokens anybody guesses.

Called by `sources` once the options are read; every problem is named by its key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from syncd.config import access
from syncd.config.access import is_loopback
from syncd.config.options import Options

LEAST_TOKEN = 20
"""Characters of an operator's token: what nobody guesses, at any rate of trying."""


def problems(options: Options) -> list[str]:
    """Everything that is refused, by key."""
    return [
        *_plain_http(options),
        *_unusable_secrets(options),
        *_weak_tokens(options),
        *_half_a_proxy(options),
    ]


def _plain_http(options: Options) -> Iterator[str]:
    """Keys and tokens travel to every one of these, or people do: never in the clear."""
    if options.security.allow_plain_http:
        return
    for key, url in _addresses(options):
        parts = urlsplit(url)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            yield (
                f"{key}: expected https, got {url}; plain http is for this machine only (localhost,"
                " 127.0.0.1), or with security.allow_plain_http = true"
            )


def _addresses(options: Options) -> Iterator[tuple[str, str]]:
    yield "server.public_url", options.server.public_url
    if options.server.console_url is not None:
        yield "server.console_url", options.server.console_url
    if options.notify.url is not None:
        yield "notify.url", options.notify.url
    if options.store.is_shared:
        yield (
            "replicas.advertise",
            access.advertised(options.replicas.advertise, options.server.listen),
        )
        yield (
            "replicas.public_advertise",
            access.advertised(options.replicas.public_advertise, options.server.public_listen),
        )
    yield "xero.api_url", options.xero.api_url
    yield "xero.identity_url", options.xero.identity_url
    yield "xero.authorize_url", options.xero.authorize_url
    for name, tenant in options.tenants.items():
        yield f"tenants.{name}.pipeline_url", tenant.pipeline_url
        yield f"tenants.{name}.invoice_url", tenant.invoice_url


def _unusable_secrets(options: Options) -> Iterator[str]:
    """Nothing, or what cannot travel in a header, opens nothing."""
    secrets = {
        "security.encryption_key": options.security.encryption_key,
        "xero.client_secret": options.xero.client_secret,
        "xero.webhook_key": options.xero.webhook_key,
        "notify.secret": options.notify.secret,
        "notify.password": options.notify.password,
        "store.password": options.store.password,
    }
    for name, tenant in options.tenants.items():
        secrets[f"tenants.{name}.pipeline_key"] = tenant.pipeline_key
        secrets[f"tenants.{name}.pipeline_webhook_secret"] = tenant.pipeline_webhook_secret
    for key, secret in secrets.items():
        text = None if secret is None else secret.get_secret_value().strip()
        if text == "":
            yield f"{key}: is empty"
        elif text and key.endswith("pipeline_key") and not (text.isascii() and text.isprintable()):
            yield f"{key}: expected one line of plain characters, for it travels in a header"


def _weak_tokens(options: Options) -> Iterator[str]:
    tokens = []
    for one in options.security.all_operators():
        token = one.token.get_secret_value().strip()
        tokens.append(token)
        if len(token) < LEAST_TOKEN or not (token.isascii() and token.isprintable()):
            yield (
                f"security: the token of operator {one.name!r} must be one line of {LEAST_TOKEN} "
                f"plain characters or more, it has {len(token)}; `syncd keys generate` makes a good"
                " one"
            )
    if any(count > 1 for count in Counter(tokens).values()):
        yield "security: two operators have the same token; nobody could tell who did what"


def _half_a_proxy(options: Options) -> Iterator[str]:
    """A header is believed from somebody, and somebody is believed for a header."""
    header, proxies = options.security.proxy_user_header, options.security.trusted_proxies
    if header is not None and not proxies:
        yield (
            "security.trusted_proxies: expected the addresses of the proxies that set "
            f"{header}, got none; the header is believed from them alone"
        )
    if proxies and header is None:
        yield (
            "security.proxy_user_header: expected the header by which security.trusted_proxies say "
            "who somebody is, got none"
        )
