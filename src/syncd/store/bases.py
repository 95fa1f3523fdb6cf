"""How the base of an invoice is kept: Xero's half only where it shows something else than was sent.

Where it shows all that Pipeline said and nothing more, what both say is kept once, field after
field without names, with the codes it was sent with and the ids Xero gave the lines; both halves
are made of that when it is read. Called by every room of the store that keeps or reads one.
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
# What is stored goes by its place: a new field goes to the end of its struct, with a default, and
# never between these. The date is kept by its name, for the store asks for it.
_HEADER = (
    "status", "number", "reference", "contact", "due_on", "currency", "line_amount_types", "nett",
    "tax", "total",
)  # fmt: skip
_LINE = (
    "id", "description", "quantity", "unit_amount", "discount", "account", "tax", "tracking",
)  # fmt: skip
_said = attrgetter(*(field for field in HEADER_FIELDS if field not in _CODED))
_line_said = attrgetter(*(field for field in LINE_FIELDS if field not in _LINE_CODED))
_header = attrgetter(*_HEADER)
_line = attrgetter(*_LINE)
_codes = attrgetter("status", "contact", "due_on", "currency")
_line_codes = attrgetter("id", "account", "tax")


class _SentLine(msgspec.Struct, array_like=True, frozen=True):
    """A line as Pipeline says it, and what Xero's half has instead."""

    id: str
    description: str | None
    quantity: str | None
    unit_amount: str | None
    discount: str | None
    account: str | None
    tax: str | None
    tracking: str | None
    xero_id: str
    xero_account: str | None
    xero_tax: str | None


class _AsSent(msgspec.Struct, array_like=True, frozen=True):
    """Both halves: as Pipeline says them, and what Xero's has instead."""

    status: str
    number: str | None
    reference: str | None
    contact: str | None
    due_on: str | None
    currency: str | None
    line_amount_types: str | None
    nett: str | None
    tax: str | None
    total: str | None
    xero_status: str
    xero_contact: str | None
    xero_due_on: str | None
    xero_currency: str | None
    lines: tuple[_SentLine, ...]


class _Sent(msgspec.Struct, array_like=True, frozen=True):
    """The codes of Xero's half alone, as a daemon of before kept them beside Pipeline's."""

    status: str
    contact: str | None
    due_on: str | None
    currency: str | None
    lines: tuple[tuple[str, str | None, str | None], ...]


class _Kept(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A base as it is stored: both halves, or what they are made of."""

    pipeline: Snapshot | None = None
    xero: Snapshot | None = None
    sent: _Sent | None = None
    invoice_on: str | None = None
    as_sent: _AsSent | None = None
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
    both = zip(pipeline.lines, xero.lines, strict=True)
    lines = tuple([_SentLine(*(*_line(here), *_line_codes(there))) for here, there in both])
    as_sent = _AsSent(*(*_header(pipeline), *_codes(xero), lines))
    return msgspec.json.encode(
        _Kept(
            invoice_on=pipeline.invoice_on,
            as_sent=as_sent,
            kept=base.kept,
            altered=base.altered,
            filled=base.filled,
            left=base.left,
        )
    )


def decode(stored: bytes) -> Base:
    """The base that was encoded, also by older versions, which kept more of both halves."""
    found = _DECODER.decode(stored)
    pipeline, xero = found.pipeline, found.xero
    if found.as_sent is not None:
        pipeline = _pipeline(found.as_sent, found.invoice_on)
        codes = [(each.xero_id, each.xero_account, each.xero_tax) for each in found.as_sent.lines]
        sent = found.as_sent
        header = (sent.xero_status, sent.xero_contact, sent.xero_due_on, sent.xero_currency)
        xero = _xero(pipeline, _Sent(*header, tuple(codes)))
    elif pipeline is not None and found.sent is not None:
        xero = _xero(pipeline, found.sent)
    pairs = found.pairs
    if pipeline is not None and xero is not None and found.xero is None:
        both = zip(pipeline.lines, xero.lines, strict=True)
        pairs = tuple([(here.id, there.id) for here, there in both])
    return like(Base, found, pipeline=pipeline, xero=xero, pairs=pairs)


def _is_as_sent(pipeline: Snapshot, xero: Snapshot, pairs: tuple[tuple[str, str], ...]) -> bool:
    """Whether Xero's half says what Pipeline's does, line by line, but for codes and ids."""
    if _said(pipeline) != _said(xero) or not len(pipeline.lines) == len(xero.lines) == len(pairs):
        return False
    return all(
        pair == (here.id, there.id) and _line_said(here) == _line_said(there)
        for pair, here, there in zip(pairs, pipeline.lines, xero.lines, strict=True)
    )


def _pipeline(sent: _AsSent, invoice_on: str | None) -> Snapshot:
    lines = tuple([like(LineSnapshot, line) for line in sent.lines])
    return like(Snapshot, sent, invoice_on=invoice_on, lines=lines)


def _xero(pipeline: Snapshot, sent: _Sent) -> Snapshot:
    both = zip(pipeline.lines, sent.lines, strict=True)
    return structs.replace(
        pipeline,
        status=sent.status,
        contact=sent.contact,
        due_on=sent.due_on,
        currency=sent.currency,
        lines=tuple(
            [
                structs.replace(line, id=id_, account=account, tax=tax)
                for line, (id_, account, tax) in both
            ]
        ),
    )
