"""One tenant's books in Pipeline: customers, invoices, and the ordered feed of their changes.

Called by `pipeline.app` for reading and by the user for writing. Every write raises the
object's version by one and appends one entry to the feed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.pipeline import documents
from syncd.sandbox.pipeline.exact import encode, text

KINDS = ("customer", "invoice")
_LONGEST_GAP = 3


class Entry(NamedTuple):
    """One line of the change feed; `at` is RFC 3339 in UTC, always of the same width."""

    seq: int
    kind: str
    id: str
    version: int
    at: str
    by: str


@dataclass(slots=True, kw_only=True)
class Record:
    """An object as it stands, alive or deleted, and its bytes once they were asked for."""

    document: dict[str, Any]
    deleted_at: str | None = None
    written: bytes | None = None

    def json(self) -> bytes:
        """The object as the API shows it."""
        if self.written is None:
            self.written = encode(self.document)
        return self.written


def instant(at: datetime) -> str:
    """RFC 3339 in UTC to the millisecond, with `Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


class Books:
    """Customers, invoices and the feed of one tenant."""

    def __init__(
        self,
        *,
        clock: SandboxClock,
        rng: Random,
        gaps: Callable[[], float],
        ids: Mapping[str, Random] | None = None,
    ) -> None:
        self._clock = clock
        self._rng = rng
        self._ids = ids or {}
        self._gaps = gaps
        self.on_change: Callable[[Entry, bool], None] = lambda _entry, _deleted: None
        self.clear()

    def clear(self) -> None:
        """Start with empty books."""
        self.records: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        self.feed: list[Entry] = []
        self.seq = 0
        self.epoch = 0
        self._numbers: dict[str, str] = {}
        self._sorted: dict[str, list[str]] = {}

    def now(self) -> str:
        """World time as the API writes it."""
        return instant(self._clock.utc())

    def new_id(self, kind: str = "line") -> str:
        """A fresh uuid, drawn from the world's seed, or from the kind's own dice."""
        dice = self._ids.get(kind, self._rng)
        return str(uuid.UUID(int=dice.getrandbits(128), version=4))

    def alive(self, kind: str, identity: str) -> Record | None:
        """The object, or None when it never was or is deleted."""
        record = self.records[kind].get(identity)
        return None if record is None or record.deleted_at is not None else record

    def ids(self, kind: str) -> list[str]:
        """The ids of every object alive, in order."""
        if kind not in self._sorted:
            alive = (key for key, record in self.records[kind].items() if not record.deleted_at)
            self._sorted[kind] = sorted(alive)
        return self._sorted[kind]

    def invoice_id(self, invoice_number: str) -> str | None:
        """Whose number this is, among the invoices alive."""
        return self._numbers.get(invoice_number)

    def create(self, kind: str, fields: Mapping[str, Any], *, by: str) -> str:
        """Write a new object down and return its id. Raises ValueError naming a bad field."""
        wanted = dict(fields)
        identity = str(uuid.UUID(wanted.pop("id", None) or self.new_id(kind)))
        if identity in self.records[kind]:
            raise ValueError(f"id: expected a new one, got {identity}, which exists")
        self._put(kind, identity, wanted, Record(document={}), by)
        return identity

    def edit(self, kind: str, identity: str, fields: Mapping[str, Any], *, by: str) -> int:
        """Change fields of an object and return its new version. Raises ValueError."""
        record = self.alive(kind, identity)
        if record is None:
            raise ValueError(f"expected a {kind} alive, got id {identity}, which is none")
        return self._put(kind, identity, fields, record, by)

    def delete(self, kind: str, identity: str, *, by: str) -> int:
        """Delete an object and return the version that ended it. Raises ValueError."""
        record = self.alive(kind, identity)
        if record is None:
            raise ValueError(f"expected a {kind} alive, got id {identity}, which is none")
        if kind == "invoice":
            self._numbers.pop(record.document["number"], None)
        record.deleted_at = self.now()
        self._sorted.pop(kind, None)
        record.document = record.document | {"updatedAt": record.deleted_at}
        return self._commit(kind, identity, record, by)

    def restore(self, kind: str, identity: str, *, by: str) -> int:
        """Bring a deleted object back as it was; its new version. Raises ValueError."""
        record = self.records[kind].get(identity)
        if record is None or record.deleted_at is None:
            raise ValueError(f"expected a deleted {kind}, got id {identity}, which is none")
        if kind == "invoice":
            self._claim_number(identity, record.document["number"], None)
        record.deleted_at = None
        self._sorted.pop(kind, None)
        record.document = record.document | {"updatedAt": self.now()}
        return self._commit(kind, identity, record, by)

    def _put(
        self, kind: str, identity: str, fields: Mapping[str, Any], record: Record, by: str
    ) -> int:
        old = record.document
        if kind == "invoice":
            document = documents.invoice(fields, old, self.new_id)
            if document["customerId"] not in self.records["customer"]:
                raise ValueError(f"customerId: expected a customer, got {document['customerId']}")
            self._claim_number(identity, document["number"], old.get("number"))
        else:
            document = documents.customer(fields, old)
        record.document = {
            "id": identity,
            **document,
            "version": old.get("version", 0),
            "updatedAt": self.now(),
        }
        if identity not in self.records[kind]:
            self._sorted.pop(kind, None)
            self.records[kind][identity] = record
        return self._commit(kind, identity, record, by)

    def _claim_number(self, identity: str, wanted: str, old: str | None) -> None:
        holder = self._numbers.get(wanted, identity)
        if holder != identity:
            raise ValueError(f"number: expected one not in use, got {wanted} of invoice {holder}")
        if old is not None:
            self._numbers.pop(old, None)
        self._numbers[wanted] = identity

    def _commit(self, kind: str, identity: str, record: Record, by: str) -> int:
        version = int(record.document["version"]) + 1
        record.document["version"] = version
        record.written = None
        gap = self._rng.random() < self._gaps()
        self.seq += 1 + (self._rng.randint(1, _LONGEST_GAP) if gap else 0)
        entry = Entry(self.seq, kind, identity, version, record.document["updatedAt"], by)
        self.feed.append(entry)
        self.on_change(entry, record.deleted_at is not None)
        return version

    def dump(self) -> dict[str, Any]:
        """Everything, as JSON values; numbers with decimals as text."""
        return {
            "customers": {key: _dumped(item) for key, item in self.records["customer"].items()},
            "invoices": {key: _dumped(item) for key, item in self.records["invoice"].items()},
            "feed": [list(entry) for entry in self.feed],
            "seq": self.seq,
            "epoch": self.epoch,
        }

    def load(self, dump: Mapping[str, Any]) -> None:
        """Become the books of an earlier `dump`."""
        self.clear()
        for kind in KINDS:
            for identity, dumped in dump[f"{kind}s"].items():
                document = documents.restored(kind, dumped)
                document.pop("deleted")
                deleted_at = document.pop("deletedAt")
                self.records[kind][identity] = Record(document=document, deleted_at=deleted_at)
                if kind == "invoice" and deleted_at is None:
                    self._numbers[document["number"]] = identity
        self.feed = [Entry(*entry) for entry in dump["feed"]]
        self.seq, self.epoch = dump["seq"], dump["epoch"]


def _dumped(record: Record) -> dict[str, Any]:
    shown: dict[str, Any] = text(record.document)
    deleted_at = record.deleted_at
    return {**shown, "deleted": deleted_at is not None, "deletedAt": deleted_at}
