"""Makes the adapters and the workflows' limits from the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from urllib.parse import urlsplit

from syncd.bootstrap.machine import Machine
from syncd.config.options import Options, TenantSection
from syncd.domain.facts import Fact
from syncd.domain.ids import TenantId
from syncd.domain.model.limits import Limits
from syncd.domain.model.settings import TenantPolicy
from syncd.domain.rules.limits.sliding_window import AllowanceLimits
from syncd.engine.connection.tokens import TokenService
from syncd.engine.webhooks.inbox import Inbox
from syncd.pipeline.client import PipelineClient, PipelineRemote
from syncd.pipeline.webhooks import PipelineWebhookReader
from syncd.ports.clock import Clock
from syncd.ports.entropy import Entropy
from syncd.ports.observer import Observer
from syncd.ports.transport import Transport
from syncd.web.console.entry.proxies import TrustedProxies
from syncd.web.http.guard import Operator
from syncd.web.public.plain_page import WayBack
from syncd.web.public.receiver import Receiver
from syncd.xero import scopes
from syncd.xero.client import XeroClient
from syncd.xero.oauth import XeroApp, XeroIdentity
from syncd.xero.quota import Quota
from syncd.xero.webhooks import XeroWebhookReader

Transports = Callable[[str], Transport]
"""One for each remote, by its name."""


def identity(
    options: Options, transport: Transports, *, clock: Clock, entropy: Entropy
) -> XeroIdentity:
    """Xero's identity service for the configured app."""
    xero = options.xero
    profile = scopes.PROFILES.get(xero.scopes) if isinstance(xero.scopes, str) else xero.scopes
    app = XeroApp(
        client_id=xero.client_id,
        client_secret=xero.client_secret.get_secret_value(),
        redirect_uri=f"{options.server.public_url}/oauth/xero/callback",
        authorize_url=xero.authorize_url,
        identity_url=xero.identity_url,
        api_url=xero.api_url,
        scopes=tuple(profile or ()),
    )
    return XeroIdentity(
        transport("xero-identity"),
        app=app,
        clock=clock,
        entropy=entropy.child("identity"),
        timeout_s=xero.timeout_s,
    )


def xero_client(
    options: Options, machine: Machine, tokens: TokenService, observe: Callable[[Fact], None]
) -> XeroClient:
    """Xero's accounting API for every tenant."""
    allowed = AllowanceLimits(
        minute=options.xero.calls_per_minute,
        in_flight=options.xero.concurrent_calls,
        app_minute=options.xero.app_calls_per_minute,
    )
    return XeroClient(
        machine.transport("xero"),
        api_url=options.xero.api_url,
        tokens=tokens,
        clock=machine.clock,
        quota=Quota(allowed, now_s=machine.now_s),
        on_call=observe,
        timeout_s=options.xero.timeout_s,
    )


def pipeline_client(options: Options, transport: Transports, *, clock: Clock) -> PipelineClient:
    """Every tenant's Pipeline."""
    remotes = {
        TenantId(name): pipeline_remote(name, tenant, transport)
        for name, tenant in options.tenants.items()
    }
    return PipelineClient(remotes, clock=clock)


def pipeline_remote(name: str, tenant: TenantSection, transport: Transports) -> PipelineRemote:
    """Where one tenant's Pipeline is."""
    return PipelineRemote(
        url=tenant.pipeline_url,
        api_key=tenant.pipeline_key.get_secret_value(),
        transport=transport(f"pipeline:{name}"),
    )


def pipeline_keys(options: Options) -> dict[TenantId, str]:
    """The key to each tenant's Pipeline."""
    return {
        TenantId(name): tenant.pipeline_key.get_secret_value()
        for name, tenant in options.tenants.items()
    }


def policies(options: Options) -> dict[TenantId, TenantPolicy]:
    """Each tenant's choices."""
    return {
        TenantId(name): tenant.policy(TenantId(name)) for name, tenant in options.tenants.items()
    }


def operators(options: Options) -> list[Operator]:
    """Who may call the operator API."""
    return [
        Operator.of(one.name, one.role, one.token.get_secret_value())
        for one in options.security.all_operators()
    ]


def proxies(options: Options) -> TrustedProxies | None:
    """Who may say who somebody is; None where nobody may."""
    header = options.security.proxy_user_header
    return None if header is None else TrustedProxies.of(header, options.security.trusted_proxies)


def receiver(options: Options, machine: Machine, inbox: Inbox, observe: Observer) -> Receiver:
    """Takes webhooks in."""
    xero, pipeline = webhook_readers(options, machine.clock)
    return Receiver(inbox, xero=xero, pipeline=pipeline, observe=observe)


def webhook_readers(
    options: Options, clock: Clock
) -> tuple[XeroWebhookReader, PipelineWebhookReader]:
    """Xero's and Pipeline's. A secret may hold a second key, on a further line, during a change.

    Raises ConfigError for what is no secret.
    """
    key = options.xero.webhook_key
    secrets = {
        TenantId(name): tenant.pipeline_webhook_secret.get_secret_value().split()
        for name, tenant in options.tenants.items()
        if tenant.pipeline_webhook_secret is not None
    }
    xero = XeroWebhookReader(() if key is None else key.get_secret_value().split(), clock=clock)
    return xero, PipelineWebhookReader(secrets, clock=clock)


def limits(options: Options) -> Limits:
    """The workflows' durations, as configured."""
    return Limits(**{each.name: getattr(options.sync, each.name) for each in fields(Limits)})


def ways_back(
    options: Options, policies: Mapping[TenantId, TenantPolicy]
) -> Callable[[TenantId | None], WayBack | None]:
    """Where the pages of consent lead on to: the console, else where the tenant has its invoices.

    The page a person came from is not known: the link to Xero may have been sent to them.
    """
    console = options.server.console_url
    if console is not None:
        return lambda _: WayBack(url=console, words="Back to the connection")

    def of(tenant: TenantId | None) -> WayBack | None:
        policy = None if tenant is None else policies.get(tenant)
        if policy is None:
            return None
        parts = urlsplit(policy.invoice_url)
        if parts.scheme not in ("http", "https"):
            return None
        return WayBack(url=f"{parts.scheme}://{parts.netloc}/", words="Back to Pipeline")

    return of
