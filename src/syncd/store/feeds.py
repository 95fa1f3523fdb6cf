"""How far each tenant's feed of Pipeline was read.

The cursor moves in the transaction that stores what the page brought, so nothing is skipped.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("feeds")


class Feed(Value, frozen=True, kw_only=True):
    """The cursor is opaque; None: the feed is to be read from its beginning.

    `is_behind_restore`: it was not read to its end since the store was restored.
    """

    cursor: str | None
    moved_at: datetime | None
    began_again_at: datetime | None
    is_behind_restore: bool


def get(tenant: TenantId) -> Statement[Feed]:
    """Where the feed stands; no row when it was never read."""
    return ask(_QUERIES["get"], tenant, decode=_feed)


def move(tenant: TenantId, cursor: str, at: datetime) -> Statement[None]:
    """It was read up to this cursor."""
    return tell(_QUERIES["move"], [(tenant, cursor, rows.to_ms(at))])


def begin_again(tenant: TenantId, at: datetime) -> Statement[None]:
    """Read it from its beginning: Pipeline no longer knows the cursor."""
    return tell(_QUERIES["begin_again"], [(tenant, rows.to_ms(at))])


def at_end(tenant: TenantId) -> Statement[None]:
    """It was read to its end, and is not behind a restore any more."""
    return tell(_QUERIES["at_end"], [(tenant,)])


_feed = rows.decoder(Feed)
