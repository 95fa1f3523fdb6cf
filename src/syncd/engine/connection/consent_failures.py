"""Records how a consent failed: on the connection card, in the journal and as a fact.

Called by `consent`, once its words for the person are known.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from syncd.domain.errors import StoreError
from syncd.domain.facts import ConsentFailed
from syncd.engine.connection.consent_outcome import Stopped
from syncd.engine.core import journal_entries
from syncd.ports.observer import Observer
from syncd.store import consents
from syncd.store.consents import FailedConsent, OpenedConsent
from syncd.store.unit_of_work import Store, Transaction

REPEATED_WITHIN = timedelta(minutes=10)
"""The same failure so soon, of a way through Xero that is still open, is a page loaded again."""


async def note(
    store: Store, observe: Observer, whose: OpenedConsent, stopped: Stopped, at: datetime
) -> None:
    """Remember it and tell it. A store that cannot take it keeps the page from nobody."""
    words = stopped.words
    failure = FailedConsent(
        problem=stopped.problem,
        text=f"{words.text} {words.next_step}",
        who=whose.created_by,
        failed_at=at,
    )
    said = f"Connect to Xero failed: {words.text}"
    tx = Transaction()
    tx.add(consents.failed(whose.tenant, failure))
    tx.add(journal_entries.of_connection(whose.tenant, said, at=at, who=whose.created_by))
    with suppress(StoreError):
        await store.commit(tx)
    observe(ConsentFailed(tenant=whose.tenant, problem=stopped.problem))


async def is_repeated(store: Store, whose: OpenedConsent, stopped: Stopped, at: datetime) -> bool:
    """Whether the very same was noted a moment ago. Raises StoreError."""
    found = await store.fetch(consents.failure(whose.tenant))
    return any(
        one.problem == stopped.problem and at - one.failed_at < REPEATED_WITHIN for one in found
    )
