"""Findings: opened when they are found, kept with their age, closed when they are gone.

One row per (tenant, kind, key). Called by `engine.sweeps.findings` and by whoever finds something
in a transaction of its own (sweeps, contacts).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.finding import Finding, FindingKind, Found
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("findings")
START = ("", "")
"""Before the first of a listing."""


class Opened(Value, frozen=True, kw_only=True):
    """A finding that was opened or seen again."""

    kind: FindingKind
    key: str
    is_new: bool


class OpenOfKind(Value, frozen=True, kw_only=True):
    """How many findings of one kind are open, and the oldest of them."""

    kind: FindingKind
    count: int
    opened_at: datetime
    key: str
    label: str
    text: str


def open_(tenant: TenantId, found: Iterable[Found], at: datetime) -> Statement[Opened]:
    """These are so now."""
    return ask(_QUERIES["open"], tenant, _listed(found), rows.to_ms(at), decode=_opened)


def open_held(tenant: TenantId, at: datetime) -> Statement[Opened]:
    """Whatever the queue holds for a reason that is a finding."""
    return ask(_QUERIES["open_held"], tenant, rows.to_ms(at), decode=_opened)


def close_held(tenant: TenantId, at: datetime) -> Statement[FindingKind]:
    """Of those, what the queue holds no more; after `open_held` in the same transaction."""
    return ask(_QUERIES["close_held"], tenant, rows.to_ms(at), decode=_kind)


def close_readable(tenant: TenantId, at: datetime) -> Statement[FindingKind]:
    """Objects of Pipeline's that could not be read, and can be now."""
    return ask(_QUERIES["close_readable"], tenant, rows.to_ms(at), decode=_kind)


def close_taken(tenant: TenantId, at: datetime) -> Statement[FindingKind]:
    """What Pipeline did not take of an invoice or customer, and has taken now."""
    return ask(_QUERIES["close_taken"], tenant, rows.to_ms(at), decode=_kind)


def close_linked(tenant: TenantId, at: datetime) -> Statement[FindingKind]:
    """Documents nobody was linked to, and somebody is now."""
    return ask(_QUERIES["close_linked"], tenant, rows.to_ms(at), decode=_kind)


def close(
    tenant: TenantId, kind: FindingKind, keys: Iterable[str], at: datetime
) -> Statement[FindingKind]:
    """These are so no more; a row for each that was open."""
    query = _QUERIES["close"]
    return ask(query, tenant, kind, rows.json_list(keys), rows.to_ms(at), decode=_kind)


def open_unanswered(tenant: TenantId, found: Sequence[Found], at: datetime) -> Statement[None]:
    """`open_` for a transaction that asks for no answer."""
    return tell(_QUERIES["open"], [(tenant, _listed(found), rows.to_ms(at))])


def close_unanswered(
    tenant: TenantId, kind: FindingKind, keys: Sequence[str], at: datetime
) -> Statement[None]:
    """`close` for a transaction that asks for no answer."""
    return tell(_QUERIES["close"], [(tenant, kind, rows.json_list(keys), rows.to_ms(at))])


def close_aged(
    tenant: TenantId, kind: FindingKind, *, before: datetime, at: datetime
) -> Statement[FindingKind]:
    """Those of a kind that were last seen before then."""
    query = _QUERIES["close_aged"]
    return ask(query, tenant, kind, rows.to_ms(before), rows.to_ms(at), decode=_kind)


def counts(tenant: TenantId) -> Statement[tuple[FindingKind, int]]:
    """How many of each kind are open."""
    return ask(_QUERIES["counts"], tenant, decode=_count)


def oldest_by_kind(tenant: TenantId, kinds: Iterable[FindingKind]) -> Statement[OpenOfKind]:
    """Of each of these kinds, as far as any is open."""
    query = _QUERIES["oldest_by_kind"]
    return ask(query, tenant, rows.json_list(kinds), decode=_of_kind)


def listing(
    tenant: TenantId, *, kind: FindingKind | None, after: tuple[str, str], limit: int
) -> Statement[Finding]:
    """Open ones by kind and key, from the one after `after` (START for the first)."""
    return ask(_QUERIES["listing"], tenant, kind, *after, limit, decode=_finding)


def closed(
    tenant: TenantId, *, kind: FindingKind | None, since: datetime, limit: int
) -> Statement[Finding]:
    """Those that went since then, the last one first."""
    return ask(_QUERIES["closed"], tenant, kind, rows.to_ms(since), limit, decode=_finding)


def labelled(tenant: TenantId, label: str) -> Statement[str]:
    """What open ones say of what people call by this number or name."""
    return ask(_QUERIES["labelled"], tenant, label, decode=_text)


def _listed(found: Iterable[Found]) -> str:
    last = {(one.kind, one.key): (one.label, one.text) for one in found}
    listed = [(*place, *words) for place, words in last.items()]
    return msgspec.json.encode(listed).decode()


_opened = rows.decoder(Opened)
_of_kind = rows.decoder(OpenOfKind)
_text = rows.decoder(str)
_kind = rows.decoder(FindingKind)
_count = rows.decoder(tuple[FindingKind, int])
_finding = rows.decoder(Finding)
