"""Errors as people read them: made from an error's parts, never from its text.

The only way from an error to a note, a page or an answer (`tests/house/test_words_for_people`); the
text itself goes to the log, where it may name calls, addresses and classes. What the other side
said itself is quoted as it came.
"""

from __future__ import annotations

from syncd.domain.errors import (
    BREAKER,
    CursorTooOld,
    Garbled,
    NotFound,
    NotRenewed,
    NotSent,
    OutcomeUnknown,
    Refused,
    RemoteError,
    ServerTrouble,
    StoreBroken,
    StoreDiskFails,
    StoreFull,
    StoreReadOnly,
    StoreReplaced,
    StoreUnreachable,
    SyncdError,
    Throttled,
    TooLong,
    TooOld,
    Unauthorised,
)

_NAMES = {
    "xero": "Xero",
    "pipeline": "Pipeline",
    "notify": "The receiver of messages",
    "mail": "The mail server",
}
_AGAIN = "It is tried again by itself."
_GOES_ON = "It goes on by itself."
_LIMITS = {
    BREAKER: ("Xero fails at the moment.", "It goes on by itself when Xero answers again."),
    "minute": ("This minute's calls to Xero are spent.", _GOES_ON),
    "appminute": ("Too many calls were made to Xero for all tenants.", _GOES_ON),
    "concurrent": ("Too many calls to Xero are under way.", _GOES_ON),
    "day": ("The day's calls to Xero are spent.", "It goes on when Xero gives new ones."),
    "identity": ("The connection to Xero is being renewed.", _GOES_ON),
    "pipeline": ("Pipeline's limit of calls is reached.", _GOES_ON),
}
_NOT_ALLOWED = {
    "token_expired": ("Xero no longer accepts the connection.", "Press Connect to Xero."),
    "disconnected": ("The organisation is not connected any more.", "Press Connect to Xero."),
    "role_refused": (
        "The role in Xero of the person who connected does not permit it.",
        "It goes on by itself once the role is back.",
    ),
    "key_refused": ("Pipeline refused the tenant's key.", "Check pipeline_key."),
}
_PLAIN: dict[type[RemoteError], tuple[str, str]] = {
    NotRenewed: ("The connection to Xero could not be renewed{1}.", _AGAIN),
    TooOld: ("What it rests on was read too long ago.", "It is read again."),
    NotSent: ("{0} could not be reached.", _AGAIN),
    NotFound: ("{0} does not know it any more.", ""),
    Garbled: ("{0} gave an answer that could not be read.", _AGAIN),
    TooLong: ("{0} gave an answer that is too long to be read.", "The log says more."),
    CursorTooOld: ("Pipeline no longer knows how far it was read.", "It is read anew."),
}
_STORE = ("The store cannot be used at the moment.", f"{_AGAIN} The log says more.")
_OF_STORE: dict[type[SyncdError], tuple[str, str]] = {
    StoreFull: ("The disk is full.", "Make room; nothing is lost."),
    StoreDiskFails: (
        "The disk that the store is on answers with errors.",
        f"Look at what the machine's log says of that disk, and at its quota. {_AGAIN}",
    ),
    StoreReadOnly: (
        "The store takes no writes: it may be read only.",
        f"Look whether its disk is read-only, and whether syncd's user may write there. {_AGAIN}",
    ),
    StoreBroken: (
        "The store is damaged.",
        "Stop syncd, run `syncd db check`, and restore the newest sound backup.",
    ),
    StoreReplaced: (
        "The store's file was removed or replaced.",
        "Put it back, or restore a backup, and start syncd again.",
    ),
    StoreUnreachable: ("The database server does not answer.", f"{_AGAIN} Look at it if it lasts."),
}
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


def in_words(error: Exception) -> str:
    """Whole sentences for a note on work that goes on: what happened, and what follows."""
    return " ".join(part for part in _parts(error) if part)


def what_happened(error: Exception) -> str:
    """The same without what follows, for an answer to somebody whose order ends here."""
    return _parts(error)[0]


def lasting(seconds: float) -> str:
    """A duration as people say it: `40 s`, `5 min`, `3 h`, `2 days`."""
    if seconds < 100:  # noqa: PLR2004  (what is still counted in seconds)
        return f"{max(1, round(seconds))} s"
    if seconds < 2 * _HOUR_S:
        return f"{round(seconds / _MINUTE_S)} min"
    if seconds < 2 * _DAY_S:
        return f"{round(seconds / _HOUR_S)} h"
    return f"{round(seconds / _DAY_S)} days"


def _parts(error: Exception) -> tuple[str, str]:
    match error:
        case RemoteError():
            return _remote(error, _NAMES.get(error.system, "The other side"))
        case SyncdError():
            return _OF_STORE.get(type(error), _STORE)
    return "Something went wrong in syncd itself.", f"{_AGAIN} The log says more."


def _remote(error: RemoteError, name: str) -> tuple[str, str]:
    match error:
        case Throttled():
            return _LIMITS.get(error.limit, (f"{name} asks to wait.", _GOES_ON))
        case Unauthorised():
            lacking = f"{name} does not allow it{_quoted(error)}."
            return _NOT_ALLOWED.get(error.cause, (lacking, "Press Connect to Xero."))
        case Refused():
            return f"{name} refused it{_quoted(error)}.", ""
        case OutcomeUnknown() | ServerTrouble() if not isinstance(error, TooLong):
            return _trouble(error, name)
    for kind, (what, follows) in _PLAIN.items():
        if isinstance(error, kind):
            return what.format(name, _quoted(error)), follows
    return f"{name} did not do what was asked{_quoted(error)}.", _AGAIN


def _trouble(error: RemoteError, name: str) -> tuple[str, str]:
    is_write = isinstance(error, OutcomeUnknown)
    follows = "Whether it took the write is looked for." if is_write else _AGAIN
    if error.status:
        return f"{name} answered with an error ({error.status}{_quoted(error)}).", follows
    return f"{name} did not answer, or its answer was lost.", follows


def _quoted(error: RemoteError) -> str:
    return f": {error.detail.rstrip('. ')}" if error.detail else ""
