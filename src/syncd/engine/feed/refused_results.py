"""Results that Pipeline does not take: set aside, told to people, and told again ever more rarely.

Called by `write_back`, for one that Pipeline answers so, one that it refuses a whole call for, and
one whose answer says nothing again and again. A payment nobody takes must not be forgotten in
silence: the finding stays until Pipeline has taken all that is to be told of that invoice or
customer (`store.findings.close_taken`).
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from syncd.domain.errors import Refused, RemoteError, ServerTrouble
from syncd.domain.ids import TenantId
from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.rules.queue import backoff
from syncd.engine.core.context import SyncContext
from syncd.store import desired, findings, results
from syncd.store.results import Result, ResultKind
from syncd.store.unit_of_work import Transaction

FIRST_AGAIN_S, LAST_AGAIN_S = 60.0, 3600.0
"""What Pipeline does not take is told again after these, the first time and in the end: it may have
been a moment's mistake of Pipeline's, and a mended Pipeline is to know of it."""
MOST_ALONE = 4
"""So many refused alone in one round say that it is not for them: the rest goes undivided."""
TRIES_OF_TROUBLE = 2
"""Pipeline has failed at all of them so often: it may be one result that it fails at. So often a
result is outbid at once, or waits for a readable answer, before people are told."""
_WHAT = {
    ResultKind.INVOICE: "the invoice {}",
    ResultKind.PAYMENT: "a payment or credit on the invoice {}",
    ResultKind.CUSTOMER: "the customer {}",
}


def may_be_for_one(error: RemoteError, part: Sequence[Result]) -> bool:
    """Whether one result of a call may be why all of it was refused, or failed at again and again.

    An outage fails differently: without an answer, or with one that says so.
    """
    if isinstance(error, Refused):
        return True
    is_server_error = isinstance(error, ServerTrouble) and (
        error.status == HTTPStatus.INTERNAL_SERVER_ERROR
    )
    return is_server_error and all(one.attempt >= TRIES_OF_TROUBLE for one in part)


def again_s(one: Result) -> float:
    """After how long a result that Pipeline did not take is told again: ever longer."""
    return backoff.ceiling_s(one.attempt + 1, first_s=FIRST_AGAIN_S, cap_s=LAST_AGAIN_S)


async def set_aside(
    context: SyncContext, tenant: TenantId, refused: Sequence[tuple[Result, str]]
) -> None:
    """Each of these with why Pipeline does not take it. Raises StoreError."""
    if not refused:
        return
    now = context.now()
    keys = sorted({one.at.key for one, _ in refused})
    names = dict(await context.store.fetch(desired.labels(tenant, keys)))
    tx = Transaction()
    for one, why in refused:
        ready_at = context.after(again_s(one))
        tx.add(results.deferred(tenant, [one], ready_at=ready_at, note=why))
    found = [_found(one, names.get(one.at.key, one.at.key), why) for one, why in refused]
    tx.add(findings.open_unanswered(tenant, found, now))
    await context.store.commit(tx)


def _found(one: Result, label: str, why: str) -> Found:
    text = (
        f"Pipeline does not take what it is told of {_WHAT[one.at.kind].format(label)}: "
        f"{why.rstrip('. ')}. It is told again by itself, every hour in the end, and everything "
        "else goes on; what Pipeline shows of it is old until then. Tell Pipeline's support."
    )
    return Found(kind=FindingKind.RESULT_REFUSED, key=one.at.key, label=label, text=text)
