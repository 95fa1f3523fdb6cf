"""One PostgreSQL transaction from BEGIN to COMMIT, and what became of one whose end is unknown.

One transaction writes at a time, whatever process it belongs to: each begins with the store's lock,
an advisory one, and its statements see what was committed before they hold it (READ COMMITTED). So
SQL that is right where one writes at a time, as under SQLite, is right here. Called by
`runtime.asyncpg_driver`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from syncd.domain.errors import Conflict, NotStorable, StoreError, StoreUnreachable
from syncd.ports.driver import Answers, BoundStatement
from syncd.runtime.postgresql_errors import Interrupted
from syncd.runtime.postgresql_session import Session

WRITERS_LOCK = 0x73796E6364
"""The key of the lock, `syncd` in ASCII: whoever holds it is the only one that writes."""
_LOCK = BoundStatement(
    name="the writers' lock",
    sql=f"SELECT pg_advisory_xact_lock({WRITERS_LOCK}), pg_current_xact_id()::text",
)
_FENCED_LOCK = f"SELECT begin_write({WRITERS_LOCK}, ?1), pg_current_xact_id()::text"
# A process that stands still in the middle of a request, or of reading an answer, is none that
# idles in a transaction: the server waits for it without end. Whoever waited for the lock ends it.
_HOLDER = BoundStatement(
    name="the lock's holder",
    sql="""
SELECT format('process %s holds it (%s, from %s): ', l.pid,
    coalesce(nullif(a.application_name, ''), 'a program without a name'),
    coalesce(a.client_addr::text, 'the same machine'))
    || CASE WHEN a.state = 'active' AND a.wait_event_type = 'Client'
            AND a.query_start < clock_timestamp() - current_setting('lock_timeout')::interval / 2
        THEN CASE WHEN pg_terminate_backend(l.pid)
            THEN 'nobody answers at its other end, so it was ended' ELSE 'it is gone' END
        ELSE 'end that if it hangs' END
FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (l.classid::int8 << 32) + l.objid::int8 = ?1
""",
    rows=((WRITERS_LOCK,),),
)
_STATUS = "SELECT pg_xact_status(?1::text::xid8)"
_NEXT = "RELEASE one; SAVEPOINT one"


class EndUnknown(Exception):
    """The connection was lost while COMMIT was on its way: `xid` says which transaction it was."""

    def __init__(self, xid: str, ends: tuple[Answers | StoreError, ...]) -> None:
        super().__init__(xid)
        self.xid = xid
        self.ends = ends
        """What its callers are told if it was committed."""


async def write(
    session: Session,
    transactions: Sequence[Sequence[BoundStatement]],
    *,
    fence: int | None = None,
) -> tuple[Answers | StoreError, ...]:
    """Run transactions one after the other and COMMIT once; how each ended, in their order.

    Among several, one that breaks a rule of the store, or finds somebody was there first, is undone
    alone; one by itself raises. Under a `fence` all are refused, with LeaseLost, where the site's
    lease is held under another. Raises StoreError or Interrupted, and nothing was written, or
    EndUnknown.
    """
    xid = await _begin(session, fence)
    try:
        if len(transactions) == 1:
            ends: tuple[Answers | StoreError, ...] = (await _run(session, transactions[0]),)
        else:
            ends = await _run_each(session, transactions)
    except BaseException:
        await _roll_back(session)
        raise
    try:
        tag = await session.say("COMMIT")
    except Interrupted as error:
        if error.is_lost:
            raise EndUnknown(xid, ends) from None
        raise
    if tag != "COMMIT":
        raise StoreError(f"COMMIT: the server answered {tag}; nothing was written")
    return ends


async def read(session: Session, statements: Sequence[BoundStatement]) -> Answers:
    """Run all statements against one snapshot, in a reader's session.

    Raises StoreError or Interrupted.
    """
    if len(statements) == 1 and len(statements[0].rows) == 1:
        return (await session.run(statements[0]),)  # one statement is a snapshot by itself
    await session.say("BEGIN")
    try:
        return await _run(session, statements)
    finally:
        await _roll_back(session)  # nothing to keep


async def was_committed(session: Session, xid: str) -> bool:
    """Whether a transaction took place that a lost session committed, or not.

    Waits for the lock, which that session holds until its end. Raises StoreError where the server
    does not know, or Interrupted.
    """
    await _begin(session)
    asked = BoundStatement(name="the end of a transaction", sql=_STATUS, rows=((xid,),))
    try:
        ((status,),) = await session.run(asked)
    finally:
        await _roll_back(session)
    if status not in ("committed", "aborted"):
        raise StoreError(f"the server says {status!s} of the transaction {xid}")
    return status == "committed"


async def _begin(session: Session, fence: int | None = None) -> str:
    """Begin, and hold the lock; the transaction's number."""
    lock = _LOCK if fence is None else replace(_LOCK, sql=_FENCED_LOCK, rows=((fence,),))
    await session.say("BEGIN")
    try:
        ((_, xid),) = await session.run(lock)
    except BaseException as error:
        await _roll_back(session)
        if isinstance(error, StoreUnreachable):
            raise StoreUnreachable(f"{error}; {await _holder(session)}") from None
        raise
    return str(xid)


async def _holder(session: Session) -> str:
    with suppress(StoreError, Interrupted):
        for (sentence,) in await session.run(_HOLDER):
            return str(sentence)
    return "nobody holds it now: try again"


async def _run(session: Session, statements: Sequence[BoundStatement]) -> Answers:
    return tuple([await session.run(statement) for statement in statements])


async def _run_each(
    session: Session, transactions: Sequence[Sequence[BoundStatement]]
) -> tuple[Answers | StoreError, ...]:
    ends: list[Answers | StoreError] = []
    await session.say("SAVEPOINT one")
    for statements in transactions:
        try:
            ends.append(await _run(session, statements))
        except (Conflict, NotStorable) as error:
            await session.say("ROLLBACK TO one")
            ends.append(error)
        await session.say(_NEXT)
    return tuple(ends)


async def _roll_back(session: Session) -> None:
    if session.is_lost:
        return
    try:
        await session.say("ROLLBACK")
    except BaseException:
        session.drop()
        raise
