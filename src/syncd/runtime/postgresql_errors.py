"""Our errors for PostgreSQL's, with what a person can do, and never a value of a row.

A server's DETAIL names values, and so do its messages about values themselves (class 22) and what
asyncpg says of a parameter: none of these is passed on, nor raised as a cause. Called by
`runtime.postgresql_session`.
"""

from __future__ import annotations

import ssl

from asyncpg import exceptions

from syncd.domain.errors import (
    Conflict,
    LeaseLost,
    NotStorable,
    StoreBroken,
    StoreDiskFails,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnreachable,
)


class Interrupted(Exception):
    """The connection was lost, or the server asks to run it again: nothing was written.

    `is_lost`: the connection cannot be used any more. `reason` stands in the message of whoever
    gives up.
    """

    def __init__(self, reason: str, *, is_lost: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_lost = is_lost


_AGAIN = {"40001", "40P01"}
# Values, constraints, texts, what the engine does not have, limits of one row, raised by a trigger.
_OUR_MISTAKE = ("0A", "21", "22", "23", "42", "44", "54", "P0")
_ABOUT_VALUES = "22"
_ENDED = {"57P01", "57P02", "57P03", "57P05", "25P03"}
_BROKEN = "08"
_FATAL = {"FATAL", "PANIC"}
_NEW_PLAN = exceptions.InvalidCachedStatementError | exceptions.OutdatedSchemaCacheError
_NO_ANSWER = OSError | exceptions.PostgresError | exceptions.InternalClientError
_FORBIDDEN = "grant the role of store.url what it lacks, or make it the database's owner"
READ_ONLY = (
    "point store.url at the primary server, or take default_transaction_read_only from the role "
    "and the database"
)
STANDBY = "point store.url at the primary server, name both hosts in it, or promote this one"
_OF_STATEMENTS: dict[str, tuple[type[StoreError], str]] = {
    "23505": (Conflict, "that place is taken"),
    "23P01": (Conflict, "that place is taken"),
    "25006": (StoreReadOnly, f"expected a database that takes writes; {READ_ONLY}"),
    "42501": (StoreError, _FORBIDDEN),
    "SY001": (LeaseLost, "another replica works since"),  # raised by begin_write
    "53100": (StoreFull, "make room on the disk of the database server"),
    "58030": (StoreDiskFails, "look at the log of the database server and its machine"),
    "55P03": (StoreUnreachable, "another session holds it for too long"),
    "57014": (StoreError, "look at what keeps the database server busy"),
    "XX001": (StoreBroken, "the database is damaged: stop the daemon, restore a backup"),
    "XX002": (StoreBroken, "an index is damaged: stop the daemon, REINDEX or restore a backup"),
}
_ROLE = (
    "expected the name and password of a role that may connect: check store.url and the password, "
    "and pg_hba.conf on the server"
)
_BUSY = "it is starting or stopping: wait, or look at the server's log"
_OF_CONNECTIONS: dict[str, tuple[type[StoreError], str]] = {
    "08P01": (StoreError, "expected the server itself: a pooler that shares sessions will not do"),
    "28P01": (StoreError, _ROLE),
    "28000": (StoreError, _ROLE),
    "3D000": (StoreError, "make it (createdb), or check the name in store.url"),
    "42501": (StoreError, _FORBIDDEN),
    "53300": (StoreUnreachable, "raise max_connections on the server, or end other sessions"),
    "57P01": (StoreUnreachable, _BUSY),
    "57P02": (StoreUnreachable, _BUSY),
    "57P03": (StoreUnreachable, _BUSY),
}
_UNREACHED = (StoreUnreachable, "check host and port in store.url, and that the server runs")


def translated(error: Exception, name: str) -> StoreError | Interrupted:
    """Our error for one that a statement met, or what says that it may be run again."""
    if isinstance(error, _NEW_PLAN):
        # Somebody changed the schema since the statement was prepared; a new session prepares anew.
        return Interrupted(f"{name}: the schema was changed meanwhile", is_lost=True)
    if isinstance(error, exceptions.PostgresError) and _is_answer(error):
        return _of_the_server(error, name)
    if isinstance(error, _NO_ANSWER):
        # A connection that broke, a server that does not answer or has ended the session.
        return Interrupted(f"{name}: {_reason(error)}", is_lost=True)
    message = f"{name}: a value is of another type than its place, or their number is another"
    return NotStorable(message)


def unopened(error: Exception, place: str) -> StoreError:
    """Our error for a connection that failed; StoreUnreachable where it may be made later."""
    said = f"cannot open {place}: {_reason(error)}"
    if isinstance(error, exceptions.TargetServerAttributeNotMatched):
        return StoreUnreachable(f"{said}; expected a primary server among the hosts of store.url")
    if isinstance(error, ssl.SSLError):
        message = (
            f"{said}; check sslmode and sslrootcert in store.url, and the server's certificate"
        )
        return StoreError(message)
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        message = (
            f"cannot open {place}: store.url is no address of a database; expected "
            "postgresql://role@host:5432/database"
        )
        return StoreError(message)
    state = getattr(error, "sqlstate", None)
    kind, advice = _OF_CONNECTIONS.get(state or "", _UNREACHED)
    if state is not None and state not in _OF_CONNECTIONS and not state.startswith(_BROKEN):
        kind, advice = StoreError, "look at the server's log"
    return kind(f"{said}; {advice}")


def _is_answer(error: exceptions.PostgresError) -> bool:
    """Say whether the server answered a statement, rather than ended the session."""
    state = error.sqlstate or ""
    ended = state in _ENDED or state.startswith(_BROKEN)
    return not ended and error.severity_en not in _FATAL


def _of_the_server(error: exceptions.PostgresError, name: str) -> StoreError | Interrupted:
    state = error.sqlstate or ""
    said = f"{name}: {_reason(error)}"
    if state in _AGAIN:
        return Interrupted(said, is_lost=False)
    if state in _OF_STATEMENTS:
        kind, advice = _OF_STATEMENTS[state]
        return kind(f"{said}; nothing was written; {advice}")
    kind = NotStorable if state.startswith(_OUR_MISTAKE) else StoreError
    return kind(f"{said}; nothing was written")


def _reason(error: Exception) -> str:
    """What happened, in the server's words where these can hold no value."""
    state = getattr(error, "sqlstate", None)
    if isinstance(error, exceptions.PostgresError):
        if (state or "").startswith(_ABOUT_VALUES):
            return f"a value that its place cannot keep (SQLSTATE {state})"
        return f"{error.args[0]} (SQLSTATE {state})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error.args[0]) if error.args else type(error).__name__
