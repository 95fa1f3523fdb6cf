"""What the emulated Pipeline shows: the change feed, listings and single objects.

Called by `pipeline.app` with one tenant's books; sync-api.yaml is the contract.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec

from syncd.sandbox.http import Response
from syncd.sandbox.pipeline.books import Books, Entry, instant
from syncd.sandbox.pipeline.problems import Refused, answer_bytes, answer_json, problem

_TOMBSTONE_DAYS = 400
_MOST_ROWS = 500
_MOST_IDS = 100


def changes(
    books: Books, query: Mapping[str, str], *, repeat: float, rng: Random, most: int = _MOST_ROWS
) -> Response:
    """One page of the feed; `repeat` is the chance of an entry to come once more."""
    limit = min(_whole(query, "limit", 200, most=_MOST_ROWS), most)
    start = _start(books, query)
    stop = min(start + limit, len(books.feed))
    if repeat and 0 < start < stop and limit > 1 and rng.random() < repeat:
        start -= 1
    page = books.feed[start:stop]
    if repeat and page:
        page = _repeated(page, limit, repeat, rng)
    reached = books.feed.index(page[-1], start) + 1 if page else start
    seq = page[-1].seq if page else (books.feed[start - 1].seq if start else 0)
    oldest = instant(_parse_instant(books.now()) - timedelta(days=_TOMBSTONE_DAYS))
    shown = [change for entry in page if (change := _change(books, entry, oldest)) is not None]
    return answer_json(
        {
            "changes": shown,
            "nextCursor": _cursor(books.epoch, seq),
            "hasMore": reached < len(books.feed),
        }
    )


def listing(books: Books, kind: str, query: Mapping[str, str]) -> Response:
    """One page of the objects alive, in order of id."""
    page = _whole(query, "page", 1)
    size = _whole(query, "pageSize", 100, most=_MOST_ROWS)
    ids = books.ids(kind)
    if "ids" in query:
        wanted = [part.strip() for part in query["ids"].split(",") if part.strip()]
        if len(wanted) > _MOST_IDS:
            raise Refused(problem(400, f"ids: expected at most {_MOST_IDS}, got {len(wanted)}"))
        ids = sorted({key for key in wanted if books.alive(kind, key) is not None})
    if kind == "invoice" and "updatedSince" in query:
        since = _instant_of(query, "updatedSince")
        records = books.records[kind]
        ids = [key for key in ids if records[key].document["updatedAt"] >= since]
    rows = ids[(page - 1) * size : page * size]
    items = [msgspec.Raw(books.records[kind][key].json()) for key in rows]
    return answer_json({"items": items, "page": page, "pageSize": size, "total": len(ids)})


def point(books: Books, kind: str, identity: str) -> Response:
    """One object, or 404 when it never was or is deleted."""
    record = books.alive(kind, identity)
    if record is None:
        return problem(404, f"expected the id of a {kind}, got {identity}")
    return answer_bytes(record.json())


def _change(books: Books, entry: Entry, oldest: str) -> dict[str, Any] | None:
    record = books.records[entry.kind][entry.id]
    gone = record.deleted_at is not None
    if record.deleted_at is not None and record.deleted_at < oldest:
        return None
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "id": entry.id,
        "version": entry.version,
        "at": entry.at,
        "by": entry.by,
        "deleted": gone,
        "data": None if gone else msgspec.Raw(record.json()),
    }


def _repeated(page: list[Entry], limit: int, repeat: float, rng: Random) -> list[Entry]:
    doubled: list[Entry] = []
    for entry in page:
        doubled.append(entry)
        if rng.random() < repeat:
            doubled.append(entry)
    # At least one new entry must fit, or a poller would never get past a repeated one.
    cut = doubled[:limit]
    return cut if len(page) == 1 or cut[-1] != page[0] else page


def _start(books: Books, query: Mapping[str, str]) -> int:
    cursor = query.get("cursor")
    if cursor is None:
        if "from" not in query:
            return 0
        return bisect_left(books.feed, _instant_of(query, "from"), key=lambda entry: entry.at)
    if "from" in query:
        raise Refused(problem(400, "from: only without a cursor"))
    epoch, seq = _position(cursor)
    if epoch != books.epoch or seq > books.seq:
        raise Refused(problem(410, "The cursor is too old; start again without one"))
    return bisect_right(books.feed, seq, key=lambda entry: entry.seq)


def _cursor(epoch: int, seq: int) -> str:
    return urlsafe_b64encode(f"{epoch}.{seq}".encode()).decode()


def _position(cursor: str) -> tuple[int, int]:
    try:
        epoch, _, seq = urlsafe_b64decode(cursor.encode()).decode().partition(".")
        return int(epoch), int(seq)
    except ValueError:
        message = f"cursor: expected the nextCursor of an earlier page, got {cursor!r}"
        raise Refused(problem(400, message)) from None


def _whole(query: Mapping[str, str], name: str, default: int, *, most: int | None = None) -> int:
    raw = query.get(name)
    if raw is None:
        return default
    if not raw.isascii() or not raw.isdigit() or int(raw) < 1 or int(raw) > (most or int(raw)):
        limits = f"1 to {most}" if most else "1 or more"
        raise Refused(problem(400, f"{name}: expected a whole number, {limits}, got {raw!r}"))
    return int(raw)


def _instant_of(query: Mapping[str, str], name: str) -> str:
    try:
        return instant(_parse_instant(query[name]))
    except ValueError:
        message = f"{name}: expected an RFC 3339 instant, got {query[name]!r}"
        raise Refused(problem(400, message)) from None


def _parse_instant(raw: str) -> datetime:
    at = datetime.fromisoformat(raw)
    if at.tzinfo is None:
        raise ValueError(f"expected an instant with an offset, got {raw!r}")
    return at.astimezone(UTC)
