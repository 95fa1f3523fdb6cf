"""Which concerns there are now: of all that is wrong, what only a person can mend.

Called on a beat by `engine.operator.concerns`. What mends itself (an outage, a spent minute) is no
concern; it stands on the card and in the metrics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from syncd.domain.ids import TenantId
from syncd.domain.model.concern import Concern, ConcernKind
from syncd.domain.model.trouble import Trouble, TroubleKind
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant import troubles

EXPIRES_SOON = timedelta(days=10)
"""A connection that nothing has renewed until then needs a person; alerts go by the same."""
_OF_TROUBLES = {
    TroubleKind.TOKEN_EXPIRED: ConcernKind.TOKEN,
    TroubleKind.NO_VALID_TOKEN: ConcernKind.TOKEN,
    TroubleKind.NOT_CONNECTED: ConcernKind.NOT_CONNECTED,
    TroubleKind.PIPELINE_KEY_REFUSED: ConcernKind.PIPELINE_KEY,
    TroubleKind.MAPPING_UNUSABLE: ConcernKind.MAPPING,
    TroubleKind.SWEEP_REFUSED: ConcernKind.SWEEPS,
    TroubleKind.HALTED: ConcernKind.HALTED,
    TroubleKind.PAUSED: ConcernKind.PAUSED,
}


class TenantStanding(Value, frozen=True, kw_only=True):
    """What is asked of one tenant. Counts are of invoices, but for the last two."""

    tenant: TenantId
    troubles: Sequence[Trouble]
    refresh_expires_at: datetime | None
    out_of_sync: int
    withheld: int
    """Held until a plan carries them out, or somebody says so."""
    findings: int
    """Of kinds that nothing waits with and that want a person."""
    webhooks_missed: int


def of_tenant(at: TenantStanding, now: datetime) -> tuple[Concern, ...]:
    """Every concern of a tenant, one of a kind."""
    found: dict[ConcernKind, str] = {}
    for kind, text in _texts(at, now):
        found.setdefault(kind, text)
    return tuple(Concern(kind=kind, tenant=at.tenant, text=text) for kind, text in found.items())


def of_store(says: str) -> Concern | None:
    """That of the store, which no other message can be kept in meanwhile; None while it is well.

    `says` why it takes no writes.
    """
    if not says:
        return None
    return Concern(kind=ConcernKind.STORE, tenant=None, text=troubles.of_store(says))


def of_disk(*, has_reserve: bool) -> Concern | None:
    """That of a disk that is full but for what is written last; None while there is room."""
    if has_reserve:
        return None
    return Concern(kind=ConcernKind.DISK, tenant=None, text=troubles.OF_DISK)


def of_clock(found: Iterable[Trouble]) -> Concern | None:
    """That of a clock which is not Xero's, once for all tenants that show it."""
    for trouble in found:
        if trouble.kind is TroubleKind.CLOCK_OFF:
            return Concern(kind=ConcernKind.CLOCK, tenant=None, text=trouble.text)
    return None


def _texts(at: TenantStanding, now: datetime) -> Iterator[tuple[ConcernKind, str]]:
    for trouble in at.troubles:
        if trouble.kind in _OF_TROUBLES:
            yield _OF_TROUBLES[trouble.kind], trouble.text
    ends_at = at.refresh_expires_at
    if ends_at is not None and ends_at - now < EXPIRES_SOON:
        day = ends_at.date().isoformat()
        yield (
            ConcernKind.TOKEN,
            (
                f"The connection to Xero has not been renewed for weeks and ends on {day}. Press "
                "Connect to Xero before."
            ),
        )
    if at.out_of_sync:
        yield (
            ConcernKind.OUT_OF_SYNC,
            (
                f"{_invoices(at.out_of_sync)} changed in both books, or shown otherwise by Xero: "
                "nothing is written there. Compare, then decide "
                "(syncd invoices list --state out_of_sync)."
            ),
        )
    if at.withheld:
        yield (
            ConcernKind.PLAN_WAITS,
            (
                f"Waiting to be let go: {_invoices(at.withheld)}. Read a plan and apply it "
                f"(syncd plan {at.tenant})."
            ),
        )
    if at.findings:
        yield (
            ConcernKind.FINDINGS,
            (
                f"{'1 finding wants' if at.findings == 1 else f'{at.findings} findings want'} a "
                "person: a second document in Xero, merged contacts, or what one side cannot read "
                f"of the other. Each says what to do (syncd findings list --tenant {at.tenant})."
            ),
        )
    if at.webhooks_missed:
        yield (
            ConcernKind.WEBHOOKS_MISSED,
            (
                "Xero announced no change of late, and a sweep found some. Look at the webhook in "
                "Xero's developer portal: its address, its key, its state."
            ),
        )


def _invoices(count: int) -> str:
    return "1 invoice" if count == 1 else f"{count} invoices"
