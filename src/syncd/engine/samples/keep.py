"""Keeps what the fold has counted: a row per tenant when five minutes end.

Called by the sampler's round (`engine.loops.schedule`), which comes every few seconds.
"""

from __future__ import annotations

from syncd.engine.samples.fold import SampleFold
from syncd.store import samples
from syncd.store.unit_of_work import Store


async def keep_ended(store: Store, fold: SampleFold) -> None:
    """Store what has ended since; what cannot be stored waits in the fold. Raises StoreError."""
    ended = fold.ended()
    if ended:
        await store.run(samples.put(ended))
        fold.let_go(ended)
