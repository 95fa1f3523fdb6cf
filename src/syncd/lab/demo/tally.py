"""What the demo counts while it runs: facts the daemon tells, and what Pipeline has been told.

`Tally` is one more observer of the daemon's facts; `Told` looks at the pretend Pipeline from
outside, as its user would see it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from syncd.domain import facts
from syncd.domain.facts import Fact
from syncd.domain.ids import TenantId
from syncd.sandbox.pipeline.app import Tenant
from syncd.sandbox.pipeline.books import Record

_RESTING_WHEN_PLANTED = ("waiting", "failed")


@dataclass(slots=True, kw_only=True)
class Tally:
    """One tenant's calls to Xero by operation, and what Xero last said of its limits."""

    tenant: TenantId
    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """By operation and status, for calls that were not answered with success."""
    minute_left: int | None = None
    day_left: int | None = None
    rest: facts.RoundDeferred | None = None
    """Why no call was made since the last one."""
    brake: facts.BrakeMoved | None = None
    """What holds writes until a person releases it."""
    failures: list[str] = field(default_factory=list)
    """Errors of the daemon's services that nobody foresaw."""

    def observe(self, fact: Fact) -> None:
        """Count a fact; one of another tenant is no matter of ours."""
        if getattr(fact, "tenant", self.tenant) != self.tenant:
            return
        match fact:
            case facts.BrakeMoved():
                self.brake = fact if fact.is_halted else None
            case facts.RoundDeferred():
                self.rest = fact
            case facts.CallMade():
                self.rest = None
                self.calls[fact.operation] += 1
                if not 200 <= fact.status < 300:  # noqa: PLR2004  (HTTP's own border)
                    self.refused[f"{fact.operation} {fact.status}"] += 1
                if fact.minute_remaining is not None:
                    self.minute_left = fact.minute_remaining
                if fact.day_remaining is not None:
                    self.day_left = fact.day_remaining
            case facts.ServiceFailed():
                self.failures.append(f"{fact.service}: {fact.error}")
            case _:
                pass  # shown nowhere in the demo


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one tenant of Pipeline shows of the synchronisation, at one moment."""

    customers: int
    customers_told: int
    invoices: int
    states: dict[str, int]
    """Invoices by the state Pipeline was last told; those never told are `pending`."""
    unsettled: int
    """Invoices that do not yet stand where they will rest."""
    payments: int = 0
    """Payments that Pipeline shows, where the invoice's Total Paid is their sum."""


def told(tenant: Tenant) -> Told:
    """Look at a tenant of the pretend Pipeline as its user would."""
    standing = tenant.results.standing
    customers = tenant.books.ids("customer")
    states: Counter[str] = Counter()
    unsettled = 0
    records = tenant.books.records["invoice"]
    for key, record in records.items():
        stands = standing.get(f"invoice/{key}/")
        state = "pending" if stands is None else stands.item["state"]
        version = None if stands is None else stands.item.get("syncedVersion")
        states[state] += 1
        unsettled += not _rests(record, state, version, is_planted=key in tenant.planted)
    return Told(
        payments=_payments(tenant),
        customers=len(customers),
        customers_told=sum(f"customer/{key}/" in standing for key in customers),
        invoices=len(records),
        states=dict(states),
        unsettled=unsettled,
    )


def _payments(tenant: Tenant) -> int:
    shown = tenant.results.dump()
    found = 0
    for key, parts in shown["payments"].items():
        stands = [Decimal(one["amount"]) for one in parts.values() if one["status"] != "Deleted"]
        paid = shown["results"]["invoice"].get(key, {}).get("amountPaid")
        found += len(stands) if paid is not None and Decimal(paid) == sum(stands) else 0
    return found


def _rests(record: Record, state: str, version: int | None, *, is_planted: bool) -> bool:
    """Planted: waits. Deleted: told voided. Everything else: synced at its newest version."""
    if record.deleted_at is not None:
        return state == "voided"
    if is_planted:
        return state in _RESTING_WHEN_PLANTED
    return state == "synced" and version == record.document["version"]
