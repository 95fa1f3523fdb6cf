"""The journal in the product's own shape: what happened to which object, by whom, when.

Written in the transaction of what it tells, so that nothing happens unrecorded and nothing is
recorded that did not happen. Append-only: an entry is never changed or deleted, and carries the
digest of the one before (docs/decisions/0008-journal-hash-chain.md). Its words hang beside by
their own digest and can be erased; `engine.core.journal_audit` verifies and erases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.ports.driver import Row, Scalar
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask, tell

_QUERIES = sql.load("journal")
NEWEST = 2**62
"""Above every entry's number: where reading backwards begins."""
ERASED = "(erased)"
"""Shown where words were erased."""
OBJECT_TYPE = "Journal"
"""Whose entries say what was erased; they are never erased themselves."""


class RecordType(StrEnum):
    """Pipeline's record types (Pipeline docs: History)."""

    CREATE = "Create"
    EDIT = "Edit"
    DELETE = "Delete"


class Entry(Value, frozen=True, kw_only=True):
    """One thing that happened. `who` is a person's name or `syncd`; `detail` is JSON."""

    not_shown = ("detail",)

    tenant: TenantId
    at: datetime
    object_type: str
    object_key: str
    record_type: RecordType
    description: str
    who: str
    detail: bytes | None = None


class WrittenEntry(Value, frozen=True, kw_only=True):
    """An entry and its number in the journal."""

    seq: int
    entry: Entry


class TextState(StrEnum):
    """Whether an entry's text fits the digest it keeps of it."""

    FIT = "fit"
    ERASED = "erased"
    CHANGED = "changed"
    GONE = "gone"


class ChainLink(Value, frozen=True, kw_only=True):
    """One entry as verification sees it; `fits` it to the digest before it and to its row."""

    seq: int
    seq_before: int
    fits: bool
    text: TextState
    digest: bytes


class Head(Value, frozen=True, kw_only=True):
    """How long the journal is and what it ends in: an operator who noted it can prove a cut."""

    entries: int
    digest: bytes


def append(entries: Iterable[Entry]) -> Statement[None]:
    """Write these entries, in their order, chained to what stands there."""
    batch = list(entries)
    words, placed = [], []
    for place, entry in enumerate(batch, start=1):
        words.append((place, entry.description, entry.who, entry.detail))
        at = rows.to_ms(entry.at)
        kind = entry.record_type
        placed.append((place, entry.tenant, at, entry.object_type, entry.object_key, kind))
    moves = [(len(batch),)] if batch else []
    chained = (tell(_QUERIES["append"], placed), tell(_QUERIES["move_head"], moves))
    first = tell(_QUERIES["add_words"], words)
    return Statement(
        bound=first.bound, decode=first.decode, then=tuple(one.bound for one in chained)
    )


def of_object(
    tenant: TenantId, object_type: str, object_key: str, *, before: int = NEWEST, limit: int = 100
) -> Statement[WrittenEntry]:
    """One object's entries, newest first, from below entry `before`."""
    return ask(_QUERIES["of_object"], tenant, object_type, object_key, before, limit, decode=_entry)


def since(seq: int, *, limit: int) -> Statement[WrittenEntry]:
    """Everything after entry `seq` (0 for all), oldest first."""
    return ask(_QUERIES["since"], seq, limit, decode=_entry)


class Wanted(Value, frozen=True, kw_only=True):
    """Which entries are wanted: of an object's type or id, or by somebody. None: of all."""

    object_type: str | None = None
    object_key: str | None = None
    who: str | None = None


def narrowed(
    tenant: TenantId, wanted: Wanted, *, first: int, below: int, limit: int
) -> Statement[WrittenEntry]:
    """A tenant's entries with numbers from `first` and below `below`, newest first."""
    of = (wanted.object_type, wanted.object_key, wanted.who)
    return ask(_QUERIES["narrowed"], tenant, first, below, *of, limit, decode=_entry)


def head() -> Statement[Head]:
    """The journal's length and last digest, as the appends left them."""
    return ask(_QUERIES["head"], decode=_head)


def verification_rows(after: int, *, limit: int) -> Statement[ChainLink]:
    """The entries after number `after`, in their order, each compared with what it should be."""
    return ask(_QUERIES["verification_rows"], after, limit, decode=_link)


def text_without_entry(after: int, to: int) -> Statement[int]:
    """The first number above `after` and up to `to` that has words and no entry."""
    return ask(_QUERIES["text_without_entry"], after, to, decode=_number)


def digest_at(seq: int) -> Statement[bytes]:
    """The digest of entry `seq`; no row where there is none."""
    return ask(_QUERIES["digest_at"], seq, decode=_digest)


def erasures() -> Statement[bytes]:
    """What the journal's own entries list as erased: the details of them all, as JSON."""
    return ask(_QUERIES["erasures"], OBJECT_TYPE, RecordType.DELETE, decode=_digest)


def to_erase(
    tenant: TenantId, *, about: tuple[str, str] | None, person: str | None
) -> Statement[int]:
    """Entries with words about an object (type, key), or by or naming a person."""
    object_type, object_key = about or (None, None)
    found = (tenant, object_type, object_key, person, OBJECT_TYPE)
    return ask(_QUERIES["to_erase"], *found, decode=_number)


def erase(seqs: Sequence[int]) -> Statement[None]:
    """Take these entries' words away, salt and all; their digests stay, and the chain fits."""
    return tell(_QUERIES["erase"], [(rows.json_list(str(seq) for seq in seqs),)])


def _entry(row: Row) -> WrittenEntry:
    seq, tenant, at, object_type, object_key, record_type, description, who, detail = row
    entry = Entry(
        tenant=TenantId(rows.text_of(tenant)),
        at=rows.from_ms(at),
        object_type=rows.text_of(object_type),
        object_key=rows.text_of(object_key),
        record_type=RecordType(rows.text_of(record_type)),
        description=_words(description),
        who=_words(who),
        detail=rows.bytes_or_none(detail),
    )
    return WrittenEntry(seq=rows.whole_of(seq), entry=entry)


def _words(value: Scalar) -> str:
    return ERASED if value is None else rows.text_of(value)


_head = rows.decoder(Head)
_link = rows.decoder(ChainLink)
_number = rows.decoder(int)
_digest = rows.decoder(bytes)
