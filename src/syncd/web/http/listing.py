"""What a request may ask of a listing: filters, page size, and the opaque cursor.

A wrong value is refused with the values that are allowed: a filter that is silently ignored would
show everything as if it matched.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

import msgspec

from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.inbox import InboxState, NoticeOutcome, Source
from syncd.domain.model.job import PublicState, Reason
from syncd.engine.operator.pages import ListQuery, Page, Sort
from syncd.engine.sweeps.findings import FindingPage
from syncd.store import views
from syncd.web.http.problems import ProblemError

PAGE_SIZE = 100
MOST_PAGE_SIZE = 500
HOURS, MOST_HOURS = 24, 168
"""Of what was sampled: a day, and the week that is kept."""
_LONGEST_TEXT = 255
"""An invoice number's and a customer's name's own limit (sync-api.yaml)."""
_LONGEST_CAUSE = 512
_LONGEST_CURSOR = 4096
_LONGEST_NUMBER = 18
_PLACE = msgspec.json.Decoder(tuple[str, str])
_Word = TypeVar("_Word", bound=StrEnum)

FILTERS = ("state", "reason", "cause", "q", "sort", "cursor", "limit")
"""What a listing of invoices or customers takes."""
PARAMETERS: Mapping[str, Mapping[str, object]] = {
    "state": {"type": "string", "enum": [str(state) for state in PublicState]},
    "reason": {"type": "string", "enum": [str(reason) for reason in Reason]},
    "cause": {
        "type": "string",
        "maxLength": _LONGEST_CAUSE,
        "description": "the filter of a need: KIND:NAME, as cost_code:PAINT",
    },
    "sort": {"type": "string", "enum": [str(sort) for sort in Sort], "default": "number"},
    "kind": {"type": "string", "enum": [str(kind) for kind in FindingKind]},
    "q": {
        "type": "string",
        "maxLength": _LONGEST_TEXT,
        "description": "part of the number or name, or a whole id",
    },
    "ticket": {"type": "string", "description": "of an answer that was not complete"},
    "cursor": {"type": "string", "description": "next_cursor of the page before"},
    "closed": {
        "type": "integer",
        "minimum": 0,
        "maximum": 1,
        "description": "1: those that went in the last 30 days, in one page",
    },
    "order": {"type": "string", "enum": ["oldest", "newest"], "default": "oldest"},
    "object": {"type": "string", "description": "the id of what an entry is about"},
    "type": {"type": "string", "description": "of what an entry is about: Invoice, Customer, ..."},
    "who": {"type": "string", "description": "whose entries, exactly as they show the name"},
    "before": {"type": "integer", "minimum": 0, "description": "below this number, newest first"},
    "source": {"type": "string", "enum": [str(source) for source in Source]},
    "verdict": {"type": "string", "enum": ["new", *(str(one) for one in NoticeOutcome)]},
    "since": {"type": "integer", "minimum": 0, "description": "after this entry of the journal"},
    "noted": {"type": "string", "description": "a head of the journal that was noted earlier"},
    "format": {"type": "string", "enum": ["json", "csv", "html"], "default": "json"},
    "hours": {"type": "integer", "minimum": 1, "maximum": MOST_HOURS, "default": HOURS},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_PAGE_SIZE, "default": PAGE_SIZE},
}
"""The listing's query parameters, as OpenAPI schemas."""


def wanted(query: Mapping[str, str]) -> ListQuery:
    """What the query asks for. Raises a 400 problem that names what is allowed."""
    text = query.get("q") or None
    if text is not None and len(text) > _LONGEST_TEXT:
        raise _wrong("q", f"at most {_LONGEST_TEXT} characters", f"{len(text)} characters")
    sort = word_of(Sort, query, "sort") or Sort.NUMBER
    return ListQuery(
        state=word_of(PublicState, query, "state"),
        reason=word_of(Reason, query, "reason"),
        cause=_cause(query.get("cause", "")),
        text=text,
        sort=sort,
        after=_place_in(sort, query.get("cursor", "")),
        limit=_size("limit", query.get("limit", ""), usual=PAGE_SIZE, most=MOST_PAGE_SIZE),
    )


def only(query: Iterable[str], allowed: Iterable[str]) -> None:
    """Raise a 400 problem when the query names a parameter that does not exist here."""
    known = tuple(allowed)
    for name in query:
        if name not in known:
            raise _wrong("query", f"only {', '.join(known) or 'no parameters'}", repr(name))


def reason_of(word: str) -> Reason:
    """A reason code by its word. Raises a 400 problem."""
    found = word_of(Reason, {"reason": word}, "reason")
    if found is None:
        raise _wrong("reason", _one_of(Reason), "nothing")
    return found


def kind_of(query: Mapping[str, str]) -> FindingKind | None:
    """The kind of finding asked for. Raises a 400 problem."""
    return word_of(FindingKind, query, "kind")


def source_of(query: Mapping[str, str]) -> Source | None:
    """The side whose notices are asked for. Raises a 400 problem."""
    return word_of(Source, query, "source")


def verdict_of(query: Mapping[str, str]) -> str | None:
    """What became of the notices asked for; `new` has work left. Raises a 400 problem."""
    if query.get("verdict") == InboxState.NEW:
        return InboxState.NEW
    return word_of(NoticeOutcome, query, "verdict")


def cursor_of(page: Page | FindingPage) -> str | None:
    """The cursor for the page after this one; None at the end."""
    return None if page.next_place is None else cursor_at(page.next_place)


def cursor_at(place: tuple[str, str]) -> str:
    """The cursor for the page after that place."""
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def word_of(kind: type[_Word], query: Mapping[str, str], name: str) -> _Word | None:
    """A word of a closed set; None where it is left out. Raises a 400 problem that names them."""
    word = query.get(name, "")
    if not word:
        return None
    try:
        return kind(word)
    except ValueError:
        raise _wrong(name, _one_of(kind), repr(word)) from None


def _one_of(kind: type[StrEnum]) -> str:
    return f"one of {', '.join(kind)}"


def number_of(query: Mapping[str, str], name: str) -> int:
    """A whole number from 0, which it is where it is left out. Raises a 400 problem."""
    text = query.get(name, "") or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise _wrong(name, "a whole number from 0", repr(text))
    return int(text)


def hours_of(query: Mapping[str, str]) -> int:
    """How many hours back. Raises a 400 problem."""
    return _size("hours", query.get("hours", ""), usual=HOURS, most=MOST_HOURS)


def _cause(text: str) -> str | None:
    if not text:
        return None
    try:
        if len(text) > _LONGEST_CAUSE:
            raise ValueError  # noqa: TRY301  (one answer for whatever is no cause)
        return HoldCause.read(text).text
    except ValueError:
        kinds = ", ".join(CauseKind)
        raise _wrong("cause", f"KIND:NAME, the kind one of {kinds}", repr(text)) from None


def _place_in(sort: Sort, cursor: str) -> tuple[str, str]:
    """A place of this order: an instant and a key where it goes by change."""
    place = _place(cursor)
    instant = place[0]
    is_instant = instant.isascii() and instant.isdigit() and len(instant) <= _LONGEST_NUMBER
    if sort is Sort.CHANGED and place != views.START and not is_instant:
        raise _wrong("cursor", "one of a page in the same order", "another listing's")
    return place


def _size(name: str, text: str, *, usual: int, most: int) -> int:
    if not text:
        return usual
    size = int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else 0
    if not 1 <= size <= most:
        raise _wrong(name, f"a whole number from 1 to {most}", repr(text))
    return size


def _place(cursor: str) -> tuple[str, str]:
    if not cursor:
        return views.START
    try:
        if len(cursor) > _LONGEST_CURSOR:
            raise ValueError  # noqa: TRY301  (one answer for every broken cursor)
        padded = cursor + "=" * (-len(cursor) % 4)
        return _PLACE.decode(urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, msgspec.MsgspecError):
        raise _wrong("cursor", "the next_cursor of an earlier page", "something else") from None


def _wrong(name: str, expected: str, got: str) -> ProblemError:
    return ProblemError(400, "Not understood", f"{name}: expected {expected}, got {got[:200]}.")
