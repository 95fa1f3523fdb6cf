"""Consents under way: a ticket leads to one state and sealed verifier, used once.

    offer (ticket) ─open─> (state, verifier) ─use─> exchanged

Each step answers no row when it was taken before, has run out, or never was: one answer for all
three, since the browser that asks is anybody. Called by the engine's consent.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("consents")


class OfferedConsent(Value, frozen=True, kw_only=True):
    """A ticket that is good. `sealed` is where it leads, once somebody has followed it."""

    not_shown = ("sealed",)

    tenant: TenantId
    sealed: bytes | None


class OpenedConsent(Value, frozen=True, kw_only=True):
    """Whose connection is asked for, and who asked."""

    tenant: TenantId
    created_by: str


class UsedConsent(Value, frozen=True, kw_only=True):
    """A consent come back from Xero; `sealed` holds the verifier its code is exchanged with."""

    not_shown = ("sealed",)

    tenant: TenantId
    created_by: str
    sealed: bytes


class FailedConsent(Value, frozen=True, kw_only=True):
    """How a tenant's last consent failed: `problem` is its word, `text` what the person read."""

    problem: str
    text: str
    who: str
    """Who asked for the link."""
    failed_at: datetime


def offer(
    tenant: TenantId, ticket_digest: str, *, created_by: str, expires_at: datetime
) -> Statement[None]:
    """A ticket that leads to Xero, once, until `expires_at`."""
    row = (ticket_digest, tenant, created_by, rows.to_ms(expires_at))
    return tell(_QUERIES["offer"], [row])


def offered(ticket_digest: str, at: datetime) -> Statement[OfferedConsent]:
    """Whose ticket it is, and what it leads to; no row when it is no longer good."""
    return ask(_QUERIES["offered"], ticket_digest, rows.to_ms(at), decode=_offered)


def open_consent(
    ticket_digest: str,
    *,
    state_digest: str,
    sealed: bytes,
    at: datetime,
    expires_at: datetime | None = None,
) -> Statement[OpenedConsent]:
    """Take the ticket; no row when it is no longer good. The state is good until `expires_at`."""
    return ask(
        _QUERIES["open"],
        ticket_digest,
        state_digest,
        sealed,
        rows.to_ms(at),
        rows.ms_or_none(expires_at),
        decode=_opened,
    )


def use(state_digest: str, at: datetime) -> Statement[UsedConsent]:
    """Take the state that came back; no row when it is no longer good."""
    return ask(_QUERIES["use"], state_digest, rows.to_ms(at), decode=_used)


def cancel(tenant: TenantId, at: datetime) -> Statement[None]:
    """No link and no way through Xero that is open for the tenant leads anywhere any more."""
    return tell(_QUERIES["cancel"], [(tenant, rows.to_ms(at))])


def underway(state_digest: str, at: datetime) -> Statement[OpenedConsent]:
    """Whose consent the state belongs to, without taking it; no row when it is no longer good."""
    return ask(_QUERIES["underway"], state_digest, rows.to_ms(at), decode=_opened)


def failed(tenant: TenantId, failure: FailedConsent) -> Statement[None]:
    """Remember how the tenant's last consent failed."""
    at = rows.to_ms(failure.failed_at)
    return tell(_QUERIES["failed"], [(tenant, failure.problem, failure.text, failure.who, at)])


def failure(tenant: TenantId) -> Statement[FailedConsent]:
    """How the tenant's last consent failed; no row when it did not."""
    return ask(_QUERIES["failure"], tenant, decode=_failure)


def succeeded(tenant: TenantId) -> Statement[None]:
    """The tenant's last consent did not fail."""
    return tell(_QUERIES["succeeded"], [(tenant,)])


_offered = rows.decoder(OfferedConsent)
_opened = rows.decoder(OpenedConsent)
_used = rows.decoder(UsedConsent)
_failure = rows.decoder(FailedConsent)
