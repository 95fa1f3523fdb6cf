"""What the contract of Pipeline's side expects, one sentence each, and what came of each.

Filled by the rooms that look; shown by `syncd conformance`. However often an expectation is not
met, it is one line: the first thing that came, and how many more.
"""

from __future__ import annotations

from enum import StrEnum

from syncd.domain.model.value import Value

EXPECTED = {
    "access.no_key": "a call without a key is answered 401",
    "access.wrong_key": "a call with another key is answered 401",
    "problem.form": "what fails is application/problem+json whose status is the answer's",
    "limits.headers": "X-RateLimit-Limit, -Remaining and -Reset are whole numbers, none too large",
    "limits.reset": "X-RateLimit-Reset is an instant in Unix seconds",
    "limits.retry_after": "429 says Retry-After in whole seconds, and a call after that passes",
    "feed.page": "a page has changes, nextCursor and hasMore",
    "feed.limit": "a page has no more changes than limit",
    "feed.seq": "seq rises; only an entry that came before may come again",
    "feed.cursor": "a cursor that is asked again gives the same entries",
    "feed.end": "at the end hasMore is false, and stays so when its cursor is asked again",
    "feed.old_cursor": "a cursor that is too old is answered 410",
    "feed.from": "from leaves out what changed before",
    "feed.whole": "every object that a listing shows is in the feed",
    "feed.deleted": "an object deleted since says so, with data null, from its first entry on",
    "feed.data": "data is the whole object as it is now: its own id, never older than its entry",
    "feed.versions": "an object's version rises from entry to entry",
    "form.required": "what must be there is there",
    "form.numbers": "amounts are JSON numbers of at most four decimals",
    "form.dates": "dates are YYYY-MM-DD",
    "form.instants": "instants are RFC 3339 in UTC with Z",
    "form.ids": "ids are UUIDs",
    "form.words": "words are of the contract's lists",
    "form.types": "everything else has the type and the length of the contract",
    "read.one": "an object read by its id is what the feed shows",
    "read.unknown": "an id that never was is answered 404",
    "read.deleted": "a deleted object is answered 404, and no listing has it",
    "list.page": "a listing says items, page, pageSize and total as they were asked for",
    "list.order": "a listing is in the order of ids, each once, whatever the size of its pages",
    "list.ids": "ids lists exactly those of them that are alive",
    "list.since": "updatedSince leaves out what was updated before, and nothing else",
    "write.stored": "a first result is stored, under its revision",
    "write.same": "the same result again is unchanged",
    "write.other_content": "another content under the same revision is stale, with what stands",
    "write.older": "a lower revision is stale, with what stands",
    "write.newer_same": "a higher revision of the same content is unchanged",
    "write.unknown_fields": "a field that is not in the contract is ignored",
    "write.alone": "an item that is invalid keeps no other from being stored",
    "write.unknown_id": "a result for an id that never was is not_found",
    "write.order": "there is an answer for each item, in the order of the request",
    "write.too_many": "more than 200 items are answered 400",
    "write.silent": "a result raises no version, and the feed never shows it",
    "write.conflict": "fromXero based on an older version is a conflict, and is not applied",
    "write.from_xero": "fromXero is applied: the version rises by one, and the feed shows it once",
    "notes.come": "a note comes when something moved",
    "notes.signature": "a note is signed by the Standard Webhooks scheme over its raw body",
    "notes.time": "webhook-timestamp is the time of sending in Unix seconds",
    "notes.form": "a note says type, timestamp and data.id as the contract has them",
    "notes.again": "a note that was not taken comes again under the same webhook-id",
}
_SHOWN = 160


class Verdict(StrEnum):
    """How one expectation stands."""

    MET = "met"
    NOT_MET = "not met"
    NOT_LOOKED_AT = "not looked at"


class Line(Value, frozen=True, kw_only=True):
    """One expectation, what was expected, and what came; for NOT_LOOKED_AT why."""

    name: str
    verdict: Verdict
    expected: str
    got: str = ""


class Expectations:
    """What was looked at so far, and what came of it."""

    def __init__(self) -> None:
        self._looked: set[str] = set()
        self._problems: dict[str, list[str]] = {}
        self._skipped: dict[str, str] = {}

    def hold(self, name: str, is_so: bool, got: object) -> bool:  # noqa: FBT001  (read aloud: hold that it is so)
        """Note whether what `name` expects is so, with what came; and answer it."""
        assert name in EXPECTED, name
        self._looked.add(name)
        if not is_so:
            self._problems.setdefault(name, []).append(_short(got))
        return is_so

    def skip(self, why: str, *names: str) -> None:
        """Note why these could not be looked at; what was looked at all the same stands."""
        for name in names:
            assert name in EXPECTED, name
            self._skipped.setdefault(name, why)

    def lines(self) -> tuple[Line, ...]:
        """Every expectation, in the order of the contract."""
        return tuple(self._line(name) for name in EXPECTED)

    def _line(self, name: str) -> Line:
        if name in self._problems:
            first, *more = self._problems[name]
            verdict, got = Verdict.NOT_MET, first + (f" (and {len(more)} more)" if more else "")
        elif name in self._looked:
            verdict, got = Verdict.MET, ""
        else:
            verdict = Verdict.NOT_LOOKED_AT
            got = self._skipped.get(name, "there was nothing to look at")
        return Line(name=name, verdict=verdict, expected=EXPECTED[name], got=got)


def _short(got: object) -> str:
    text = " ".join(str(got).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
