"""Who moved which field of a contact: what goes to Xero, what refreshes Pipeline, what stays.

Called by the engine for a linked customer with the contact as just read. Three sides per field: the
customer now, the contact now, and the pair both showed when they last agreed (`ContactBase`).

| moved since | what follows |
|---|---|
| nobody, or both to the same | nothing; a difference that stood at linking stays |
| Pipeline | it goes to Xero |
| Xero | it refreshes Pipeline's customer |
| both | Pipeline's goes to Xero (overruled: the journal says so) |
| Xero itself, as it took our write | out of sync until somebody moves it (altered) |

Values are compared as Xero would keep them: trimmed, cut to its limits, empty as nothing. Not
everything can travel: Xero takes no Website from an app (it is read-only there), an emptied first
or last name changes how it shows a contact, so none is sent (facts §4), and Pipeline takes no
reference from outside. What cannot travel stays as it is on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from syncd.domain.model.contact import ContactWrite, Customer, LiveContact, PostalAddress
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.result import FromXero
from syncd.domain.rules.contacts import matching

MOST_OFFERS = 8
"""Refreshes of one version that are remembered; more come only while Pipeline stands still."""


class Field(StrEnum):
    """What both sides know of a customer, as people call it."""

    NAME = "name"
    REFERENCE = "reference"
    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    EMAIL = "email"
    PHONE = "phone"
    WEBSITE = "website"
    POSTAL_ADDRESS = "postal address"


Value = str | PostalAddress
_ADDRESS = fields(PostalAddress)
_OF_CUSTOMER = {
    Field.NAME: "name",
    Field.REFERENCE: "ref",
    Field.FIRST_NAME: "first_name",
    Field.LAST_NAME: "last_name",
    Field.EMAIL: "email",
    Field.PHONE: "phone",
    Field.WEBSITE: "website",
    Field.POSTAL_ADDRESS: "postal_address",
}
_OF_CONTACT = _OF_CUSTOMER | {Field.REFERENCE: "account_number"}
_REFRESHED = tuple(field for field in Field if field is not Field.REFERENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMoves:
    """What is to be done, by field, in the order of `Field`. `overruled` is part of `to_xero`."""

    to_xero: tuple[Field, ...] = ()
    from_xero: tuple[Field, ...] = ()
    overruled: tuple[Field, ...] = ()
    altered: tuple[Field, ...] = ()
    """Xero shows it otherwise than it was sent, and nobody has moved it since."""

    @property
    def kept(self) -> tuple[Field, ...]:
        """The fields in which the two sides do not agree yet."""
        return (*self.to_xero, *self.from_xero)


def pipeline_values(customer: Customer) -> dict[Field, Value]:
    """Pipeline's values, as Xero would keep them."""
    return _values(lambda field: getattr(customer, _OF_CUSTOMER[field]))


def xero_values(contact: LiveContact | ContactWrite) -> dict[Field, Value]:
    """Xero's values in the same form."""
    return _values(lambda field: getattr(contact, _OF_CONTACT[field]))


def accepted(base: ContactBase | None, customer: Customer) -> ContactBase | None:
    """The base once Pipeline took up what it was offered; None where nothing was ever agreed.

    A field that shows what was offered is agreed as it was at the offer, whatever Xero shows now.
    """
    if base is None or base.pipeline is None or base.xero is None:
        return None
    if base.offered_on is None or customer.version <= base.offered_on:
        return base
    now, then = pipeline_values(customer), pipeline_values(base.pipeline)
    pipeline, xero = base.pipeline, base.xero
    for offer in base.offers:
        offered = xero_values(offer)
        taken = [field for field in _REFRESHED if now[field] == offered[field] != then[field]]
        pipeline, xero = _with(pipeline, customer, taken), _with_xero_values(xero, offer, taken)
    return replace(base, pipeline=pipeline, xero=xero, offers=(), offered_on=None)


def compare(customer: Customer, live: LiveContact, base: ContactBase | None) -> FieldMoves:
    """Who moved what since `base` (as `accepted` made it); without one, nobody did."""
    if base is None or base.pipeline is None or base.xero is None:
        return FieldMoves()
    now, then = pipeline_values(customer), pipeline_values(base.pipeline)
    in_xero, was_in_xero = xero_values(live), xero_values(base.xero)
    by_pipeline = {field for field in Field if now[field] != then[field]}
    by_xero = {field for field in Field if in_xero[field] != was_in_xero[field]}
    differing = [field for field in Field if now[field] != in_xero[field]]
    to_xero = tuple(
        field for field in differing if field in by_pipeline and _takes(field, now[field])
    )
    return FieldMoves(
        to_xero=to_xero,
        from_xero=tuple(
            field
            for field in differing
            if field in by_xero and field not in by_pipeline and _offers(field, in_xero[field])
        ),
        overruled=tuple(field for field in to_xero if field in by_xero),
        altered=tuple(
            field
            for field in differing
            if field in base.altered and field not in by_pipeline and field not in by_xero
        ),
    )


def write_of(customer: Customer, live: LiveContact, fields: Iterable[Field]) -> ContactWrite:
    """The update that carries these fields, and never our mark.

    The mark is written when a customer is linked, by itself. A contact that came later, by a merge
    or by a person's choice, cannot have it: Xero lets the former one keep it, archived or not
    (facts §4), and would refuse the fields with it.
    """
    values = pipeline_values(customer)
    sent: dict[str, Any] = {_OF_CONTACT[field]: values[field] for field in fields}
    return ContactWrite(pipeline_id=customer.id, xero_id=live.id, **sent)


def refresh_of(live: LiveContact, fields: Iterable[Field]) -> FromXero | None:
    """What Pipeline is handed of these fields; None when there are none."""
    values = xero_values(live)
    moved: dict[str, Any] = {_OF_CUSTOMER[field]: values[field] for field in fields}
    return FromXero(**moved) if moved else None


def base_after_read(
    base: ContactBase | None, customer: Customer, live: LiveContact, moves: FieldMoves
) -> ContactBase:
    """The base after a read: all is agreed but the fields that still have a way to go."""
    moved = _moved(base, customer, live, moves.kept, _offered(base, customer, live, moves))
    return replace(moved, altered=_still_altered(base, (), customer, live))


def base_after_write(
    base: ContactBase | None,
    customer: Customer,
    read: LiveContact,
    live: LiveContact,
    moves: FieldMoves,
) -> ContactBase:
    """The base once `moves.to_xero` was applied: `read` before the write, `live` after it.

    A field that was not sent counts as it was read: what moved in between is found later.
    """
    written = _with_xero_values(read, live, moves.to_xero)
    if xero_values(written) == xero_values(live):
        written = replace(written, updated_at=live.updated_at)
    offered = _offered(base, customer, read, moves)
    moved = _moved(base, customer, written, moves.from_xero, offered)
    return replace(moved, altered=_still_altered(base, moves.to_xero, customer, written))


def base_of_found(customer: Customer, write: ContactWrite, live: LiveContact) -> ContactBase:
    """What was agreed of a contact that a look found, its answer lost: what was sent for it.

    What differs was edited since, or altered by Xero as it took it: a text of which only something
    is missing counts as altered, for that would come back into Pipeline as if somebody had said it.
    """
    sent = xero_values(replace(write, website=None))  # no app can send one
    in_xero = xero_values(live)
    lost = tuple(f for f in altered(write, live) if _is_less(sent[f], in_xero[f]))
    edited: dict[str, Any] = {
        _OF_CONTACT[f]: sent[f] for f in Field if sent[f] != in_xero[f] and f not in lost
    }
    return ContactBase(pipeline=customer, xero=replace(live, **edited), altered=lost)


def carried(write: ContactWrite) -> dict[Field, str]:
    """The fields that `write` carries, each with the contact's attribute for it."""
    return {
        field: attribute
        for field, attribute in _OF_CONTACT.items()
        if field is not Field.WEBSITE and getattr(write, attribute) is not None
    }


def altered(write: ContactWrite, live: LiveContact) -> tuple[Field, ...]:
    """The fields that Xero shows otherwise than `write` sent them, in normal forms."""
    sent, in_xero = xero_values(write), xero_values(live)
    return tuple(field for field in carried(write) if sent[field] != in_xero[field])


def is_as_sent(write: ContactWrite, live: LiveContact) -> bool:
    """Whether the contact shows all that `write` meant to put there."""
    if write.number is not None and live.number != write.number:
        return False
    if write.status is not None and live.status is not write.status:
        return False
    return not altered(write, live)


def is_as_before(write: ContactWrite, before: LiveContact, live: LiveContact) -> bool:
    """Whether nothing that `write` meant to change has changed since `before`."""
    if (live.number, live.status) != (before.number, before.status):
        return False
    was, in_xero = xero_values(before), xero_values(live)
    return all(was[field] == in_xero[field] for field in carried(write))


def in_words(fields: Iterable[Field]) -> str:
    """The fields by their names."""
    return ", ".join(fields)


def altered_in_words(fields: Iterable[Field]) -> str:
    """What is said where Xero itself altered what we wrote of a customer."""
    return (
        f"Xero took what was sent, but shows something else in its place: {in_words(fields)}. "
        "That was never agreed. Change it in Pipeline to what Xero takes, or in Xero; invoices go "
        "on meanwhile."
    )


def _still_altered(
    base: ContactBase | None, written: Iterable[Field], customer: Customer, live: LiveContact
) -> tuple[Field, ...]:
    """What was altered before or is by this write, and shows something else than Pipeline says."""
    altered_before = () if base is None else base.altered
    pipeline_now, in_xero = pipeline_values(customer), xero_values(live)
    candidates = {*altered_before, *written}
    return tuple(f for f in Field if f in candidates and pipeline_now[f] != in_xero[f])


def _is_less(sent: Value, in_xero: Value) -> bool:
    """Whether `in_xero` is `sent` with something missing."""
    if isinstance(sent, PostalAddress) and isinstance(in_xero, PostalAddress):
        pairs = [(getattr(sent, each.name), getattr(in_xero, each.name)) for each in _ADDRESS]
        return all(_is_within(less, more) for more, less in pairs)
    return _is_within(str(in_xero), str(sent))


def _is_within(less: str, more: str) -> bool:
    left = iter(more)
    return all(each in left for each in less)


def _takes(field: Field, value: Value) -> bool:
    """Whether Xero can be given this."""
    match field:
        case Field.WEBSITE:
            return False
        case Field.NAME | Field.REFERENCE | Field.FIRST_NAME | Field.LAST_NAME:
            return bool(value)
        case _:
            return True


def _offers(field: Field, value: Value) -> bool:
    """Whether Pipeline can be given this."""
    return field is not Field.REFERENCE and not (field is Field.NAME and not value)


def _offered(
    base: ContactBase | None, customer: Customer, live: LiveContact, moves: FieldMoves
) -> tuple[LiveContact, ...]:
    """The offers outstanding for this version, with `live` among them if it is one."""
    known = base.offers if base is not None and base.offered_on == customer.version else ()
    if not moves.from_xero or (known and xero_values(known[-1]) == xero_values(live)):
        return known
    return (*known, live)[-MOST_OFFERS:]


def _moved(
    base: ContactBase | None,
    customer: Customer,
    live: LiveContact,
    kept: Iterable[Field],
    offers: tuple[LiveContact, ...],
) -> ContactBase:
    pipeline, xero = customer, live
    if base is not None and base.pipeline is not None and base.xero is not None:
        kept = tuple(kept)
        pipeline = _with(customer, base.pipeline, kept)
        xero = _with_xero_values(live, base.xero, kept)
    return ContactBase(
        pipeline=pipeline,
        xero=xero,
        offers=offers,
        offered_on=customer.version if offers else None,
        former=() if base is None else base.former,
    )


def _with(customer: Customer, other: Customer, fields: Iterable[Field]) -> Customer:
    """`customer` with these fields as `other` has them."""
    changes: dict[str, Any] = {
        _OF_CUSTOMER[field]: getattr(other, _OF_CUSTOMER[field]) for field in fields
    }
    return replace(customer, **changes)


def _with_xero_values(
    contact: LiveContact, other: LiveContact, fields: Iterable[Field]
) -> LiveContact:
    changes: dict[str, Any] = {
        _OF_CONTACT[field]: getattr(other, _OF_CONTACT[field]) for field in fields
    }
    return replace(contact, **changes)


def _values(of: Callable[[Field], Any]) -> dict[Field, Value]:
    return {field: _NORMAL[field](of(field)) for field in Field}


def _text(limit: int) -> Callable[[Any], Value]:
    return lambda value: (value or "").strip()[:limit].rstrip()


def _reference(value: Any) -> Value:
    """A reference longer than Xero keeps counts as none: cut short it would be another's."""
    text = (value or "").strip()
    return text if len(text) <= matching.REFERENCE_LIMIT else ""


def _address(value: Any) -> Value:
    whole = matching.address_within(value)
    return PostalAddress() if whole is None else whole


_NORMAL: Mapping[Field, Callable[[Any], Value]] = {
    Field.NAME: lambda value: matching.normal_name(value or ""),
    Field.REFERENCE: _reference,
    Field.FIRST_NAME: _text(matching.TEXT_LIMIT),
    Field.LAST_NAME: _text(matching.TEXT_LIMIT),
    Field.EMAIL: _text(matching.TEXT_LIMIT),
    Field.PHONE: _text(matching.PHONE_LIMIT),
    Field.WEBSITE: _text(matching.TEXT_LIMIT),
    Field.POSTAL_ADDRESS: _address,
}
