"""Samples of the last week: a ring of so many rows a tenant, the oldest written over.

Written by `engine.samples.keep`, read by `engine.samples.history`.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.sample import RING, Sample
from syncd.ports.driver import Scalar
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("samples")
_COUNTS = msgspec.json.Decoder(tuple[int, ...])


def put(ended: Iterable[tuple[TenantId, Sample]]) -> Statement[None]:
    """Keep these; each takes the place of the one a week before it."""
    return tell(_QUERIES["put"], [_row(tenant, sample) for tenant, sample in ended])


def span(tenant: TenantId, *, first: int, last: int) -> Iterable[Statement[Sample]]:
    """Those of these periods that are kept, a week's at most; one or two statements."""
    first = max(first, last - RING + 1)
    begin, end = first % RING, last % RING
    pieces = [(begin, end)] if begin <= end else [(begin, RING - 1), (0, end)]
    for low, high in pieces:
        yield ask(_QUERIES["span"], tenant, low, high, first, last, decode=_sample)


def _row(tenant: TenantId, sample: Sample) -> tuple[Scalar, ...]:
    *values, push_delays, webhook_delays = msgspec.structs.astuple(sample)
    encode = msgspec.json.encode
    return (tenant, sample.period % RING, *values, encode(push_delays), encode(webhook_delays))


_sample = rows.decoder(Sample, push_delays=_COUNTS.decode, webhook_delays=_COUNTS.decode)
