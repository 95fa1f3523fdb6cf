"""After a restore: what is marked at once, and each tenant's look for what the backup cannot know.

`mark` is run on the restored file before any daemon sees it. From then on a tenant's look is
outstanding until `ended`, also for tenants that are configured later. Called by
`bootstrap.restoring` and the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("restores")
_AT_ANY_TIME = 2**63 - 1


class OutstandingLook(Value, frozen=True, kw_only=True):
    """A tenant's look: what changed since `since` is read; `memory` is how far, as JSON.

    `has_open_writes`: one from before the restore has no certain outcome yet.
    """

    since: datetime
    restored_at: datetime
    memory: str | None
    has_open_writes: bool


class Marked(Value, frozen=True, kw_only=True):
    """How many links a restored store has, by tenant, all of them unverified."""

    tenant: TenantId
    invoices: int
    customers: int


def mark(
    *, taken_at: datetime, restored_at: datetime, look_since: datetime
) -> tuple[Statement[None], ...]:
    """Nothing here is sure any more: bases, what Pipeline was told, consents under way.

    An earlier look that never came to its end begins where it would have begun. Nobody holds the
    site's lease, and whoever held it writes no more.
    """
    since = rows.to_ms(look_since)
    instants = [(rows.to_ms(taken_at), rows.to_ms(restored_at), since)]
    return (
        tell(_QUERIES["free_lease"]),
        tell(_QUERIES["mark_store"], instants),
        tell(_QUERIES["forget_looks"]),
        tell(_QUERIES["mark_links"], [(since,)]),
        tell(_QUERIES["mark_results"]),
        tell(_QUERIES["mark_feeds"]),
        tell(_QUERIES["forget_consents"]),
    )


def marked() -> Statement[Marked]:
    """What there is to verify; reads every link."""
    return ask(_QUERIES["marked"], decode=_marked)


def outstanding(tenant: TenantId) -> Statement[OutstandingLook]:
    """The tenant's look; no row when there was no restore, or the look came to its end."""
    return ask(_QUERIES["outstanding"], tenant, decode=_outstanding)


def is_outstanding(tenant: TenantId) -> Statement[bool]:
    """Whether the tenant's look has not come to its end; one row."""
    return ask(_QUERIES["is_outstanding"], tenant, decode=rows.decoder(bool))


def remember(
    tenant: TenantId, memory: str | None, *, ended_at: datetime | None = None
) -> Statement[None]:
    """The look has come so far; `ended_at`: to its end."""
    return tell(_QUERIES["remember"], [(tenant, memory, rows.ms_or_none(ended_at))])


def found(
    tenant: TenantId, marked: Iterable[tuple[str, str, str, str]], seen_at: datetime
) -> Statement[None]:
    """Documents with our mark become links without a base: (invoice, id, status, number).

    A document or an invoice that is linked already keeps its link, unless that document is gone
    and this one lives.
    """
    at = rows.to_ms(seen_at)
    return tell(
        _QUERIES["found"],
        [(tenant, *one, at) for one in marked],
    )


def newest_in_xero() -> Statement[datetime | None]:
    """The newest change in Xero that is known here, by Xero's clock; one row. Reads all links."""
    return ask(_QUERIES["newest_in_xero"], decode=lambda row: rows.from_ms_or_none(row[0]))


def no_later_than(at: datetime) -> Statement[None]:
    """The store was restored then, or before."""
    return tell(_QUERIES["no_later_than"], [(rows.to_ms(at),)])


def touched(
    tenant: TenantId, lives: Sequence[LiveInvoice], unread: Iterable[str]
) -> Statement[str]:
    """Those that changed after their base knew them stay in doubt; their invoices.

    So do the `unread` ones, by id, that cannot be read: the list shows them for a change.
    """
    seen: list[tuple[str, int]] = [(live.id, rows.to_ms(live.updated_at)) for live in lives]
    seen += [(each, _AT_ANY_TIME) for each in unread]
    listed = msgspec.json.encode(seen).decode()
    return ask(_QUERIES["touched"], tenant, listed, decode=rows.decoder(str))


def ended(tenant: TenantId, at: datetime) -> tuple[Statement[None], ...]:
    """Every change was read: what was not touched is verified, and work may go on.

    Pipeline is told once more what nobody has told it since.
    """
    now = rows.to_ms(at)
    return (
        tell(_QUERIES["verify"], [(tenant,)]),
        tell(_QUERIES["tell_again"], [(tenant, now)]),
        tell(_QUERIES["release"], [(tenant, now)]),
        tell(_QUERIES["want_leased"], [(tenant,)]),
        remember(tenant, None, ended_at=at),
    )


_outstanding = rows.decoder(OutstandingLook)
_marked = rows.decoder(Marked)
