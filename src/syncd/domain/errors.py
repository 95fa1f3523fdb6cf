"""The one tree of errors, each leaf saying what the queue does with it.

Drawn, with what a person does about each, in docs/errors.md.
"""

from __future__ import annotations

from enum import StrEnum


class Disposition(StrEnum):
    """What the queue does with a job that met this error."""

    STOP = "stop"
    RETRY = "retry"
    WAIT = "wait"
    PROBE = "probe"
    HOLD = "hold"
    DEAD = "dead"
    REFUSE = "refuse"


class SyncdError(Exception):
    """Everything syncd raises on purpose."""

    disposition: Disposition = Disposition.STOP


class ConfigError(SyncdError):
    """The configuration cannot be used. `problems` names every key at once."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class NotServed(SyncdError):
    """The tenant is none that is served; it may have been removed a moment ago."""


class StoreError(SyncdError):
    """The store cannot be trusted or used."""


class SchemaMismatch(StoreError):
    """The file's migrations are not ours: changed, or newer than this program."""


class StoreLocked(StoreError):
    """Another process holds this store; the message says who and what to do."""


class StoreReplaced(StoreError):
    """The store's file was deleted or replaced while we had it open: nothing we write would last.

    Ends the daemon; whatever goes on would be written into a file that nobody can open again.
    """


class LeaseLost(StoreError):
    """Another replica works for the site since; nothing was written."""


class StoreBroken(StoreError):
    """The file's pages are damaged, and do not mend themselves."""


class NotStorable(StoreError):
    """The store is well; what it was asked to keep is nothing it can: our own mistake."""


class StoreFull(StoreError):
    """No space left; the transaction was rolled back and may be run again."""

    disposition = Disposition.RETRY


class StoreDiskFails(StoreError):
    """The disk of the store answered with an error; what was rolled back may be run again."""

    disposition = Disposition.RETRY


class StoreReadOnly(StoreError):
    """Reads pass and writes do not: a read-only disk, database or permission."""

    disposition = Disposition.RETRY


class StoreUnreachable(StoreError):
    """The database server is not there, or another session writes for too long.

    The message says where the end of a transaction is unknown; else nothing was written.
    """

    disposition = Disposition.RETRY


class Conflict(StoreError):
    """A guarded statement changed fewer rows than it must; nothing was written."""

    disposition = Disposition.RETRY


class RemoteError(SyncdError):
    """A call to Xero or Pipeline did not do what was asked.

    Its text is for the log; what people read is made from its parts (`rules.text.wording`).
    """

    disposition = Disposition.RETRY

    def __init__(
        self,
        message: str,
        *,
        system: str = "",
        status: int = 0,
        detail: str = "",
    ) -> None:
        super().__init__(message)
        self.system = system
        self.status = status
        """The answer's HTTP status; 0 where none came."""
        self.detail = detail
        """What the other side itself said, in its own words."""


class NotSent(RemoteError):
    """Surely not applied: no byte of the request was accepted."""


class NotRenewed(NotSent):
    """Surely not applied: the tenant's token to Xero could not be renewed, or came to nothing."""


class TooOld(NotSent):
    """A write outlived the read it rests on before it could leave; read again, decide again."""


BREAKER = "breaker"
"""The limit that is none of Xero's: calls rest because it fails."""


class Throttled(RemoteError):
    """The other side, or our own allowance, asks to wait. Costs no attempt."""

    disposition = Disposition.WAIT

    def __init__(self, message: str, *, retry_after_s: float, limit: str, system: str = "") -> None:
        super().__init__(message, system=system)
        self.retry_after_s = retry_after_s
        self.limit = limit


class ServerTrouble(RemoteError):
    """A read failed on the other side: 5xx, a dropped connection, a time-out."""


class TooLong(ServerTrouble):
    """An answer longer than anything we take: whoever asked for many asks for fewer."""


class OutcomeUnknown(RemoteError):
    """A write may or may not have been applied. Look before anything else.

    `retry_after_s` is how long the other side asked not to be called again; 0 where it did not.
    """

    disposition = Disposition.PROBE

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float = 0.0,
        system: str = "",
        status: int = 0,
        detail: str = "",
    ) -> None:
        super().__init__(message, system=system, status=status, detail=detail)
        self.retry_after_s = retry_after_s


class Refused(RemoteError):
    """The whole request was refused (a 4xx that is not auth, limit or idempotency key)."""

    disposition = Disposition.DEAD


class Garbled(RemoteError):
    """An answer that does not say what its contract promises; names the field."""


class CursorTooOld(RemoteError):
    """The feed no longer knows our cursor (410): start again without one."""


class NotFound(RemoteError):
    """A good answer that says: there is no such object (404 by id). Never a failed read."""

    disposition = Disposition.HOLD


class Unauthorised(RemoteError):
    """The tenant's connection does not permit this; its gate closes until a person acts."""

    disposition = Disposition.HOLD

    def __init__(self, message: str, *, cause: str, system: str = "", detail: str = "") -> None:
        super().__init__(message, system=system, detail=detail)
        self.cause = cause
        """`token_expired`, `disconnected`, `insufficient_scope`, `role_refused`, `key_refused`."""


class BadSignature(SyncdError):
    """A webhook that is not from whom it claims: 401, no body."""

    disposition = Disposition.REFUSE
