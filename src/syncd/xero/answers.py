"""What a write's answer says of each element that was sent.

Called by `ledger`. Elements are matched by id, by the link they were sent with, which no two share,
or by their number; their place only decides between equals that say no more, for its order is
undocumented (facts §3.3). Where nothing usable is said of an element its outcome is unclear, never
assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from syncd.domain.errors import Garbled
from syncd.domain.model.contact import ContactWrite
from syncd.domain.model.invoice import InvoiceWrite
from syncd.domain.model.value import Value
from syncd.domain.rules.text import json_text, wording
from syncd.ports.ledger import (
    ContactAnswer,
    ElementApplied,
    ElementRefused,
    ElementUnclear,
    InvoiceAnswer,
)
from syncd.xero import rows, wire, wire_contacts, wire_invoices
from syncd.xero.listing import Dated

_R = TypeVar("_R", bound=Dated)
_INVOICES = replace(rows.INVOICES, to_row=partial(wire_invoices.to_live, is_whole=False))
_NO_REASON = ("Xero refused it without giving a reason.",)
_MISSING = ElementUnclear(why="Xero's answer has no readable element for it")


class _Wanted(Value, frozen=True, kw_only=True):
    """What the element of a write is known by."""

    id: str | None
    url: str | None
    number: str | None


class _Echo(Value, frozen=True, kw_only=True):
    """What an element of an answer says about itself."""

    id: str | None
    url: str | None
    number: str | None
    status: str | None
    has_errors: bool | None
    objections: tuple[str, ...]


def of_invoices(body: bytes, writes: Sequence[InvoiceWrite]) -> tuple[InvoiceAnswer, ...]:
    """An answer per write, in their order. Raises Garbled when the envelope cannot be read."""
    wanted = [_Wanted(id=write.xero_id, url=write.url, number=write.number) for write in writes]
    return _answers(_INVOICES, _echo_of_invoice, body, wanted)


def of_contacts(body: bytes, writes: Sequence[ContactWrite]) -> tuple[ContactAnswer, ...]:
    """An answer per write, in their order. Raises Garbled when the envelope cannot be read."""
    wanted = [_Wanted(id=write.xero_id, url=None, number=write.number) for write in writes]
    return _answers(rows.CONTACTS, _echo_of_contact, body, wanted)


def _answers(
    kind: rows.Kind[_R],
    echo_of: Callable[[Any], _Echo],
    body: bytes,
    wanted: Sequence[_Wanted],
) -> tuple[ElementApplied[_R] | ElementRefused | ElementUnclear, ...]:
    found = _elements(kind, body)
    echoes = [None if one is None else echo_of(one) for one in found]
    return tuple(
        _MISSING if place is None else _answer(kind, found[place], echoes[place])
        for place in _places(echoes, wanted)
    )


def _elements(kind: rows.Kind[Any], body: bytes) -> list[Any]:
    """The answer's elements, None for each that cannot be read. Raises Garbled without any list."""
    try:
        whole: list[Any] = getattr(wire.decode(kind.whole, body), kind.element.lower())
    except Garbled:
        return _one_by_one(kind, body)
    return whole


def _one_by_one(kind: rows.Kind[Any], body: bytes) -> list[Any]:
    """The same of an answer with an odd element in it: twenty times the work of a good one."""
    raws = json_text.apart(body, kind.element)[1]
    if raws is None:
        wire.garbled(kind.element, "missing, or no list")
    return [json_text.readable(kind.one, raw) for raw in raws]


def _echo_of_invoice(one: wire_invoices.InvoiceWire) -> _Echo:
    return _Echo(
        id=one.invoice_id,
        url=one.url,
        number=one.invoice_number,
        status=one.status_attribute_string,
        has_errors=one.has_errors,
        objections=wire_invoices.objections(one),
    )


def _echo_of_contact(one: wire_contacts.ContactWire) -> _Echo:
    return _Echo(
        id=one.contact_id,
        url=None,
        number=one.contact_number,
        status=one.status_attribute_string,
        has_errors=one.has_validation_errors,
        objections=wire_contacts.objections(one),
    )


def _answer(
    kind: rows.Kind[_R], one: Any, echo: _Echo | None
) -> ElementApplied[_R] | ElementRefused | ElementUnclear:
    verdict = _objection(echo)
    if verdict is not None:
        return verdict
    try:
        return ElementApplied(live=kind.to_row(one))
    except Garbled as error:
        return ElementUnclear(why=wording.in_words(error))


def _objection(echo: _Echo | None) -> ElementRefused | ElementUnclear | None:
    """Refused or unclear; None means that Xero did it."""
    if echo is None:
        return _MISSING
    if echo.status == "ERROR" or (not echo.status and echo.objections):
        return ElementRefused(messages=echo.objections or _NO_REASON)
    if wire.is_zero(echo.id):
        return ElementUnclear(why="Xero's answer has neither an id nor an error for it")
    if echo.has_errors or (echo.objections and echo.status != "WARNING"):
        what = "; ".join(echo.objections) or "no reason given"
        return ElementUnclear(why=f"Xero's answer shows both an id and errors for it: {what}")
    return None


def _places(echoes: Sequence[_Echo | None], wanted: Sequence[_Wanted]) -> list[int | None]:
    """Where each write's element stands in the answer, or None."""
    if len(echoes) == len(wanted) and all(map(_is_named, echoes, wanted)):
        return [*range(len(wanted))]  # as it nearly always is: each in its place
    by_name: dict[str, list[int]] = {}
    for place, one in enumerate(echoes):
        for name in _names(one.id, one.url, one.number) if one else ():
            by_name.setdefault(name, []).append(place)
    linked = {place for one in wanted for place in by_name.get(f"url {one.url}", ())}
    return [
        _place(index, _candidates(one, by_name, linked), echoes, wanted)
        for index, one in enumerate(wanted)
    ]


def _is_named(one: _Echo | None, wanted: _Wanted) -> bool:
    """It has the very names its write is known by: the id, or without one link and number."""
    if one is None:
        return False
    if not wire.is_zero(wanted.id):
        return one.id == wanted.id
    is_linked = wanted.url is None or one.url == wanted.url
    return is_linked and one.number == wanted.number and bool(one.number and one.number.strip())


def _candidates(
    one: _Wanted, by_name: Mapping[str, Sequence[int]], linked: Container[int]
) -> Sequence[int]:
    """Where its id stands; of a create, its link, or else its number beside nobody's link."""
    names = _names(one.id, one.url, one.number)
    if not wire.is_zero(one.id) or (one.url and names[0] in by_name):
        return by_name.get(names[0], ())
    return [place for place in by_name.get(names[-1], ()) if place not in linked] if names else ()


def _place(
    index: int,
    candidates: Sequence[int],
    echoes: Sequence[_Echo | None],
    wanted: Sequence[_Wanted],
) -> int | None:
    if index in candidates:
        return index
    if candidates:
        return candidates[0] if len(candidates) == 1 else None
    if len(echoes) != len(wanted):
        return None
    one = echoes[index]  # an element without any name can only be the one in its place
    return index if one is not None and not _names(one.id, one.url, one.number) else None


def _names(own_id: str | None, url: str | None, number: str | None) -> tuple[str, ...]:
    """By what an element can be told from others: its id, its link, its number."""
    by_id = () if wire.is_zero(own_id) else (f"id {(own_id or '').casefold()}",)
    by_url = (f"url {url}",) if url else ()
    by_number = (f"number {number.strip().casefold()}",) if number and number.strip() else ()
    return by_id + by_url + by_number
