"""How the base of an invoice is kept: Xero's half only where it shows something else than was sent.

Where it shows all that Pipeline said and nothing more, only the codes it was sent with and the ids
Xero gave the lines are kept; the half is made of Pipeline's when it is read. Called by every room
of the store that keeps or reads one.
"""

from __future__ import annotations

from operator import attrgetter

import msgspec
from msgspec import structs

from syncd.domain.model.snapshot import HEADER_FIELDS, LINE_FIELDS, Base, LineSnapshot, Snapshot
from syncd.domain.model.value import Value, like

_CODED = ("contact", "due_on", "currency")
"""What translation says beside the lines' codes, and the status."""
_LINE_CODED = ("account", "tax")
_said = attrgetter(*(field for field in HEADER_FIELDS if field not in _CODED))
_line_said = attrgetter(*(field for field in LINE_FIELDS if field not in _LINE_CODED))


class _Sent(Value, frozen=True, kw_only=True, array_like=True):
    """The codes of Xero's half; of each line its id, account and tax type."""

    status: str
    contact: str | None
    due_on: str | None
    currency: str | None
    lines: tuple[tuple[str, str | None, str | None], ...]


class _Kept(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A base as it is stored: `xero`, or what it is made of with Pipeline's half."""

    pipeline: Snapshot | None
    xero: Snapshot | None = None
    sent: _Sent | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    kept: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    left: int | None = None


_DECODER = msgspec.json.Decoder(_Kept)


def encode(base: Base) -> bytes:
    """The bytes to store."""
    pipeline, xero = base.pipeline, base.xero
    if pipeline is None or xero is None or not _is_as_sent(pipeline, xero, base.pairs):
        return msgspec.json.encode(base)
    sent = _Sent(
        status=xero.status,
        contact=xero.contact,
        due_on=xero.due_on,
        currency=xero.currency,
        lines=tuple([(line.id, line.account, line.tax) for line in xero.lines]),
    )
    return msgspec.json.encode(like(_Kept, base, xero=None, sent=sent, pairs=()))


def decode(stored: bytes) -> Base:
    """The base that was encoded, also by an older version, which kept both halves whole."""
    found = _DECODER.decode(stored)
    xero, pairs = found.xero, found.pairs
    if found.pipeline is not None and found.sent is not None:
        xero = _made(found.pipeline, found.sent)
        both = zip(found.pipeline.lines, xero.lines, strict=True)
        pairs = tuple([(here.id, there.id) for here, there in both])
    return like(Base, found, xero=xero, pairs=pairs)


def _is_as_sent(pipeline: Snapshot, xero: Snapshot, pairs: tuple[tuple[str, str], ...]) -> bool:
    """Whether Xero's half says what Pipeline's does, line by line, but for codes and ids."""
    if _said(pipeline) != _said(xero) or not len(pipeline.lines) == len(xero.lines) == len(pairs):
        return False
    return all(
        pair == (here.id, there.id) and _line_said(here) == _line_said(there)
        for pair, here, there in zip(pairs, pipeline.lines, xero.lines, strict=True)
    )


def _made(pipeline: Snapshot, sent: _Sent) -> Snapshot:
    both = zip(pipeline.lines, sent.lines, strict=True)
    return structs.replace(
        pipeline,
        status=sent.status,
        contact=sent.contact,
        due_on=sent.due_on,
        currency=sent.currency,
        lines=tuple([_line(line, codes) for line, codes in both]),
    )


def _line(line: LineSnapshot, codes: tuple[str, str | None, str | None]) -> LineSnapshot:
    id_, account, tax = codes
    return structs.replace(line, id=id_, account=account, tax=tax)
