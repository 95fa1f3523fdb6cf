"""What is old enough is taken out: ended writes, events, closed findings, consents.

Called by `engine.loops.retention` alone, a chunk a transaction. The journal's entries, links and
what was agreed are kept for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.store import rows, sql
from syncd.store.unit_of_work import Statement, ask

_QUERIES = sql.load("retention")
Forget = Callable[[int, int, datetime], Statement[int]]
"""Takes out what is old in a chunk: after this id, up to that one, from before then.

A row is answered for each that goes.
"""
ForgetSome = Callable[[datetime, int], Statement[int]]


class Chunk(Value, frozen=True, kw_only=True):
    """Some rows next to each other in the order they came; None: there are none."""

    last: int | None
    oldest_at: datetime | None


class OldWords(Value, frozen=True, kw_only=True):
    """An entry of the journal, and whether its words still stand."""

    seq: int
    tenant: TenantId
    at: datetime
    object_type: str
    has_words: bool


def words_after(after: int, limit: int) -> Statement[OldWords]:
    """Entries of the journal after this number, in their order."""
    return ask(_QUERIES["words_after"], after, limit, decode=_words)


def chunk_of_intents(after: int, limit: int) -> Statement[Chunk]:
    """The next chunk of intents."""
    return ask(_QUERIES["chunk_of_intents"], after, limit, decode=_chunk)


def forget_intents(after: int, up_to: int, before: datetime) -> Statement[int]:
    """Take out intents closed before then and older than what was agreed since."""
    return ask(_QUERIES["forget_intents"], after, up_to, rows.to_ms(before), decode=_count)


def chunk_of_calls(after: int, limit: int) -> Statement[Chunk]:
    """The next chunk of calls."""
    return ask(_QUERIES["chunk_of_calls"], after, limit, decode=_chunk)


def forget_calls(after: int, up_to: int, before: datetime) -> Statement[int]:
    """Take out calls closed before then whose intents are gone."""
    return ask(_QUERIES["forget_calls"], after, up_to, rows.to_ms(before), decode=_count)


def chunk_of_events(after: int, limit: int) -> Statement[Chunk]:
    """The next chunk of the inbox."""
    return ask(_QUERIES["chunk_of_events"], after, limit, decode=_chunk)


def forget_events(after: int, up_to: int, before: datetime) -> Statement[int]:
    """Take out notices that came before then and are settled."""
    return ask(_QUERIES["forget_events"], after, up_to, rows.to_ms(before), decode=_count)


def forget_gaps(before: datetime, limit: int) -> Statement[int]:
    """Take out gaps in Xero's running count that were noted before then."""
    return ask(_QUERIES["forget_gaps"], rows.to_ms(before), limit, decode=_count)


def forget_findings(before: datetime, limit: int) -> Statement[int]:
    """Take out findings closed before then."""
    return ask(_QUERIES["forget_findings"], rows.to_ms(before), limit, decode=_count)


def forget_consents(before: datetime, limit: int) -> Statement[int]:
    """Take out consents that had run out before then."""
    return ask(_QUERIES["forget_consents"], rows.to_ms(before), limit, decode=_count)


_count = rows.decoder(int)
_chunk = rows.decoder(Chunk)
_words = rows.decoder(OldWords)
