"""The options and their limits: one class per section of the TOML file.

Every duration is in seconds. Values are given by `reading.read`, which judges them; secrets never
show in a repr.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from msgspec import field

from syncd.config.addresses import (
    Address,
    HeaderName,
    InvoiceUrl,
    Listen,
    MailAddress,
    MailServerUrl,
    Network,
    PublicListen,
    StoreUrl,
    Url,
)
from syncd.config.bounds import As, Expected, Limit, Secret, finite, not_empty
from syncd.domain.ids import TenantId
from syncd.domain.model.limits import Limits
from syncd.domain.model.settings import CodeMapping, CreateContacts, Mode, TenantPolicy, XeroEdits
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import Value
from syncd.domain.rules.limits.sliding_window import LEAST_APP_MINUTE, LEAST_MINUTE
from syncd.domain.rules.site_lease import LEAST_LEASE_S
from syncd.xero import scopes


def _scopes(asked: object) -> str | tuple[str, ...]:
    """With less than is needed every consent would end in a page that blames the person."""
    if isinstance(asked, str) and asked.strip() in scopes.PROFILES:
        return asked.strip()
    if not isinstance(asked, list | tuple) or not all(isinstance(one, str) for one in asked):
        raise ValueError('expected "granular", "broad", or a list of scopes')
    listed = tuple(one.strip() for one in asked)
    lacking = scopes.lacking(listed)
    if not lacking:
        return listed
    why = f"lacks {', '.join(lacking)}"
    if scopes.OFFLINE in lacking:
        why += " (without it Xero gives no refresh token, and a connection ends in half an hour)"
    raise ValueError(f'{why}: add what is missing, or use "granular" or "broad"')


MOST_S = 10 * 366 * 86_400.0
"""Ten years: longer is a slip of the keyboard."""


def _bounded(seconds: float) -> float:
    if not seconds <= MOST_S:
        raise ValueError(f"must be {MOST_S:.0f} or less, which is ten years")
    return seconds


_OF_SECONDS = Expected(words="a number (of seconds)")
Seconds = Annotated[float, _OF_SECONDS, Limit(least=0.05), _bounded]
Delay = Annotated[float, _OF_SECONDS, Limit(least=0), _bounded]
Amount = Annotated[Decimal, finite, Limit(least=0)]
Name = Annotated[str, not_empty]


class Section(Value, frozen=True, kw_only=True):
    """A table of the TOML file, or all of them."""


class ServerSection(Section, frozen=True, kw_only=True):
    """Two listeners: operators, and what may be reached from outside."""

    listen: Listen = "127.0.0.1:8080"
    public_listen: PublicListen = "127.0.0.1:8081"
    public_url: Url = "http://localhost:8081"
    console_url: Url | None = None
    drain_delay_s: Delay = 0.0
    drain_grace_s: Seconds = 25.0


class LogSection(Section, frozen=True, kw_only=True):
    """What is written on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class StoreSection(Section, frozen=True, kw_only=True):
    """Where everything is kept: a file of this machine, or a database that replicas share."""

    url: StoreUrl = "sqlite:///var/lib/syncd/syncd.db"
    password: Secret | None = None
    pool_size: Annotated[int, Limit(least=1, most=64)] = 4
    statement_timeout_s: Seconds = 60.0

    @property
    def is_shared(self) -> bool:
        """Whether it is a database on PostgreSQL, which several replicas may use."""
        return self.url.startswith("postgresql:")

    @property
    def path(self) -> Path:
        """The SQLite file: what follows `sqlite://` is an absolute path, with however many slashes.

        Two at its beginning would be another path to POSIX, and a host's name to SQLite.
        """
        assert not self.is_shared, "a database is no file"
        return Path("/" + self.url.removeprefix("sqlite://").lstrip("/"))


class ReplicasSection(Section, frozen=True, kw_only=True):
    """What this daemon is among several that share a store on PostgreSQL."""

    name: Name | None = None
    lease_s: Annotated[float, _OF_SECONDS, Limit(least=LEAST_LEASE_S), _bounded] = 15.0
    advertise: Url | None = None
    public_advertise: Url | None = None


Role = Literal["Super User", "Admin", "Office"]


class OperatorSection(Section, frozen=True, kw_only=True):
    """A person or program that may call the operator API."""

    name: Name
    role: Role = "Super User"
    token: Secret


class SecuritySection(Section, frozen=True, kw_only=True):
    """Keys and operators."""

    encryption_key: Secret
    operator_token: Secret | None = None
    operators: tuple[OperatorSection, ...] = ()
    allow_plain_http: bool = False
    proxy_user_header: HeaderName | None = None
    trusted_proxies: tuple[Network, ...] = ()

    def all_operators(self) -> tuple[OperatorSection, ...]:
        """Every operator; the short form is one Super User called `operator`."""
        if self.operator_token is None:
            return self.operators
        short = OperatorSection(name="operator", role="Super User", token=self.operator_token)
        return (short, *self.operators)


class NotifySection(Section, frozen=True, kw_only=True):
    """Who is told of what only a person can mend, and how."""

    url: Address | None = None
    secret: Secret | None = None
    smtp_url: MailServerUrl | None = None
    password: Secret | None = None
    sender: MailAddress | None = None
    to: tuple[MailAddress, ...] = ()
    after_s: Delay = 60.0
    repeat_every_s: Annotated[float, _OF_SECONDS, Limit(least=86_400), _bounded] = 86_400.0


class XeroSection(Section, frozen=True, kw_only=True):
    """The Xero app."""

    client_id: Name
    client_secret: Secret
    webhook_key: Secret | None = None
    scopes: Annotated[Literal["granular", "broad"] | tuple[str, ...], As(read=_scopes)] = "granular"
    api_url: Url = "https://api.xero.com"
    identity_url: Url = "https://identity.xero.com"
    authorize_url: Address = "https://login.xero.com/identity/connect/authorize"
    timeout_s: Seconds = 60.0
    calls_per_minute: Annotated[int, Limit(least=LEAST_MINUTE)] = 60
    app_calls_per_minute: Annotated[int, Limit(least=LEAST_APP_MINUTE)] = 10_000
    concurrent_calls: Annotated[int, Limit(least=1, most=5)] = 5


_BUILT_IN = Limits()
"""What workflows keep when nobody says otherwise: said there once."""


class SyncSection(Section, frozen=True, kw_only=True):
    """Durations in seconds; 0.05 is the least, so that trials can run the daemon faster."""

    poll_every_s: Seconds = _BUILT_IN.poll_every_s
    poll_gap_s: Seconds = _BUILT_IN.poll_gap_s
    reconcile_every_s: Seconds = _BUILT_IN.reconcile_every_s
    full_sweep_every_s: Seconds = _BUILT_IN.full_sweep_every_s
    batch_size: Annotated[int, Limit(least=1, most=50)] = _BUILT_IN.batch_size
    lease_s: Seconds = _BUILT_IN.lease_s
    probe_after_s: Seconds = _BUILT_IN.probe_after_s
    replay_within_s: Seconds = _BUILT_IN.replay_within_s
    late_commit_s: Seconds = _BUILT_IN.late_commit_s
    live_max_age_s: Seconds = _BUILT_IN.live_max_age_s
    draft_quiet_s: Seconds = _BUILT_IN.draft_quiet_s
    recheck_s: Seconds = _BUILT_IN.recheck_s
    settings_max_age_s: Seconds = _BUILT_IN.settings_max_age_s
    sample_every_s: Seconds = _BUILT_IN.sample_every_s
    hung_after_s: Seconds = _BUILT_IN.hung_after_s
    refresh_retry_s: Seconds = 5.0
    backoff_base_s: Seconds = _BUILT_IN.backoff_base_s
    backoff_most_s: Seconds = _BUILT_IN.backoff_most_s
    webhook_quiet_s: Seconds = _BUILT_IN.webhook_quiet_s
    webhook_most_s: Seconds = _BUILT_IN.webhook_most_s
    brake_voids: Annotated[int, Limit(least=0)] = _BUILT_IN.brake_voids
    brake_window_s: Seconds = _BUILT_IN.brake_window_s
    answer_within_s: Seconds = _BUILT_IN.answer_within_s
    retention_every_s: Seconds = _BUILT_IN.retention_every_s
    keep_writes_s: Seconds = _BUILT_IN.keep_writes_s
    keep_events_s: Seconds = _BUILT_IN.keep_events_s
    keep_findings_s: Seconds = _BUILT_IN.keep_findings_s
    keep_consents_s: Seconds = _BUILT_IN.keep_consents_s
    keep_words_s: Seconds | None = _BUILT_IN.keep_words_s


class CodeSection(Section, frozen=True, kw_only=True):
    """Where a cost code leads."""

    account: Name
    tax: Name | None = None


class TenantSection(Section, frozen=True, kw_only=True):
    """One Pipeline tenant."""

    pipeline_url: Url
    pipeline_key: Secret
    pipeline_webhook_secret: Secret | None = None
    mode: Mode | None = None
    """None: a switch that the store keeps, off at first."""
    start_date: date | None = None
    invoice_url: InvoiceUrl
    approved_as: Literal["AUTHORISED", "SUBMITTED"] = "AUTHORISED"
    create_contacts: CreateContacts = CreateContacts.ALWAYS
    xero_edits: XeroEdits = XeroEdits.HOLD
    totals_tolerance: Amount = Decimal(0)
    due_days: Annotated[int, Limit(least=0, most=3650)] = 20
    brake_money: Amount | None = None
    cost_codes: dict[str, CodeSection] = field(default_factory=dict)
    tax_types: dict[Annotated[Decimal, finite], str] = field(default_factory=dict)

    def policy(self, tenant: TenantId, *, is_added: bool = False) -> TenantPolicy:
        """The tenant's choices in the rules' own type."""
        return TenantPolicy(
            tenant=tenant,
            invoice_url=self.invoice_url,
            mode=self.mode or Mode.OBSERVE,
            is_mode_stored=self.mode is None,
            is_added=is_added,
            start_on=self.start_date,
            approved_as=XeroStatus(self.approved_as),
            create_contacts=self.create_contacts,
            xero_edits=self.xero_edits,
            totals_tolerance=self.totals_tolerance,
            due_days=self.due_days,
            brake_money=self.brake_money,
            cost_codes={
                code: CodeMapping(account=to.account, tax=to.tax)
                for code, to in self.cost_codes.items()
            },
            tax_types=dict(self.tax_types),
        )


class Options(Section, frozen=True, kw_only=True):
    """Everything syncd can be told; `sources.load` merges it from wherever it is said."""

    server: ServerSection = ServerSection()
    log: LogSection = LogSection()
    store: StoreSection = StoreSection()
    replicas: ReplicasSection = ReplicasSection()
    security: SecuritySection
    notify: NotifySection = NotifySection()
    xero: XeroSection
    sync: SyncSection = SyncSection()
    tenants: dict[str, TenantSection] = field(default_factory=dict)
