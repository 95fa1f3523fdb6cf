"""What the API says of brakes, word for word."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec


class BrakedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice that a brake holds. `step`: `update`, `void`, `delete`, or `absent` in Xero.

    `amount` is by how much its total in Xero would change.
    """

    id: str
    number: str
    step: str
    xero_invoice_id: str
    amount: Decimal
    currency: str


class Brake(msgspec.Struct, frozen=True, kw_only=True):
    """A halted tenant. `documents` would have been changed; `waiting` are all invoices held."""

    tenant: str
    kind: str
    text: str
    halted_at: dt.datetime
    would: str
    waiting: int
    documents: int
    sample: list[BrakedDocument]
    seen: str


class Brakes(msgspec.Struct, frozen=True, kw_only=True):
    """Every halted tenant."""

    items: list[Brake]
    next_cursor: str | None


class ReleaseWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A release; `seen` from the list."""

    seen: str


class BrakeReleased(msgspec.Struct, frozen=True, kw_only=True):
    """What was let pass."""

    released: int
    message: str
