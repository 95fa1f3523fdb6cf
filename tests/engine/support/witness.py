"""A witness of both books who judges alarms: shares nothing with the daemon.

Looks twice at every stretch of work: when people have put their pens down, and when the daemon has
come to rest. What changed in Xero in between, the daemon wrote; the histories confirm who did. It
keeps what each document showed when both sides last agreed, and finds

- false alarms: `out_of_sync` told of a document on which no edit of a compared field made in Xero
  stands against what Pipeline shows;
- overwritten edits: the daemon changed, or ended, what a person had set since both agreed;
- silence: the sides differ at rest, or a foreign edit stands, and nobody is told;
- phantoms: a difference shown that is none.

A compared field that Pipeline leaves empty is not asserted; trimmed text, payments, mailing,
approval, merged contacts and totals within the tolerance are no edits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

Json = Mapping[str, Any]
Face = dict[str, Any]
"""A document, flat: header fields by name, line fields as `LineItemID/name`."""

APP = "app"
DUE_DAYS = 20
DEAD = ("VOIDED", "DELETED")
LINE = ("Description", "Quantity", "UnitAmount", "DiscountRate", "AccountCode", "TaxType")
TOTALS = ("SubTotal", "TotalTax", "Total")
RESTING = ("synced", "voided", "waiting", "out_of_sync", "failed")
SHOWN_AS = {
    "number": "InvoiceNumber", "reference": "Reference", "customerId": "ContactID",
    "invoiceDate": "Date", "dueDate": "DueDate", "currencyCode": "CurrencyCode",
    "nett": "SubTotal", "tax": "TotalTax", "total": "Total",
}  # fmt: skip
LINE_SHOWN_AS = {
    "description": "Description", "quantity": "Quantity", "unitAmount": "UnitAmount",
    "discountPercent": "DiscountRate", "accountCode": "AccountCode", "taxType": "TaxType",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """What the tenant's words mean in Xero, as the world was set up."""

    cost_codes: Mapping[str, str]
    tax_types: Mapping[Decimal, str]
    tolerance: Decimal


@dataclass(kw_only=True)
class Agreed:
    """What both sides showed when they last agreed; `asserted` is what Pipeline said at all."""

    xero: Face
    asserted: frozenset[str]


@dataclass(kw_only=True)
class Witness:
    """Two looks at a stretch of work, and what was told in between."""

    mapped: Mapped
    agreed: dict[str, Agreed] = field(default_factory=dict)
    earlier: dict[str, Agreed] = field(default_factory=dict)
    """What was agreed before sides that came to agree for too short a time to be looked at."""
    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _seen: Books | None = None
    _rested: Books | None = None
    _told: dict[str, Json] = field(default_factory=dict)
    _entries: dict[str, int] = field(default_factory=dict)
    _unseen: set[str] = field(default_factory=set)

    @property
    def seen(self) -> Books:
        """Both books as last looked at. Raises AssertionError before the first look."""
        assert self._seen is not None
        return self._seen

    def pens_down(self, pipeline: Json, organisation: Json) -> None:
        """People have done something; the daemon has not looked yet.

        What did not move UpdatedDateUTC nobody can know of before a full sweep.
        """
        before, after = self._seen, Books(pipeline, organisation, self.mapped)
        for key in after.invoices if before is not None else ():
            was, now = before.live(key) if before else None, after.live(key)
            if was is None or now is None or was["UpdatedMs"] != now["UpdatedMs"]:
                continue
            if after.face(was) != after.face(now):
                self._unseen.add(key)
        self._seen = after
        self._authors(self._seen, is_app=False)

    def at_rest(
        self, pipeline: Json, organisation: Json, told: Iterable[Json], *, is_quiet: bool
    ) -> None:
        """The daemon has rested; `is_quiet`: long enough for all that was announced to be told."""
        before, after = self._seen, Books(pipeline, organisation, self.mapped)
        assert before is not None
        self._authors(after, is_app=True)
        # What was found just before people went on may be told just after.
        moments = [each for each in (self._rested, before, after) if each is not None]
        for item in told:
            if item["kind"] == "invoice":
                self._alarm(item, moments)
        for key in after.invoices:
            self._writes(key, before, after)
            if is_quiet and key not in self._unseen:
                self._silence(key, after)
        for key in after.invoices:
            self._agree(key, after, is_quiet=is_quiet)
        self._seen = self._rested = after

    def swept(self) -> None:
        """A full sweep has come by."""
        self._unseen.clear()

    # --- judging

    def foreign(self, key: str, books: Books, agreed: Agreed | None = None) -> list[str]:
        """Compared fields in which an edit made in Xero stands, since `agreed` or the last time."""
        live, agreed = books.live(key), agreed or self.agreed.get(key)
        if live is None or agreed is None:
            return []
        face, before = books.face(live), dict(agreed.xero)
        before["ContactID"] = books.survivor(before["ContactID"])
        names = dict.fromkeys([*before, *face])
        asserted = agreed.asserted | books.asserted(key)
        return [
            name
            for name in names
            if _field(name) in asserted and not self._same(name, before.get(name), face.get(name))
        ]

    def standing(self, key: str, books: Books, agreed: Agreed | None = None) -> list[str]:
        """Those of them that are not what Pipeline shows."""
        live = books.live(key)
        if live is None or books.is_deleted(key):
            return self.foreign(key, books, agreed)
        apart = set(self.apart(key, books))
        is_shifted = len(books.invoices[key]["lines"]) != len(live["LineItems"])
        return [
            name
            for name in self.foreign(key, books, agreed)
            if name in apart or (is_shifted and "/" in name)
        ]

    def apart(self, key: str, books: Books) -> list[str]:
        """Asserted fields that show differently on both sides; `lines` where their number does."""
        live = books.live(key)
        if live is None or books.is_deleted(key):
            return []
        wanted, face = books.wanted(key, live), books.face(live)
        found = [
            name
            for name, value in wanted.items()
            if value is not None and not self._same(name, value, face.get(name))
        ]
        lines = len(books.invoices[key]["lines"]) != len(live["LineItems"])
        return [*found, *(["lines"] if lines else [])]

    def _alarm(self, item: Json, moments: Sequence[Books]) -> None:
        key, now = item["id"], moments[-1]
        before, self._told[key] = self._told.get(key), item
        if item["state"] != "out_of_sync":
            return
        if before is not None and _said_again(before, item):
            return  # known already: it stands until something else is told
        self.counts["alarms told"] += 1
        known = [each for each in moments if key in each.invoices]
        since = [self.agreed.get(key), self.earlier.get(key)]
        if not any(self.standing(key, each, one) for each in known for one in since):
            self._say(key, now, f"false alarm: {_shown(item)}")
        for one in item["differences"]:
            if not any(self._differs(one, key, each) for each in known):
                self._say(key, now, f"phantom difference: {dict(one)}")

    def _differs(self, shown: Json, key: str, books: Books) -> bool:
        """Whether a difference that people are shown is one."""
        live = books.live(key)
        if live is None or books.is_deleted(key) or shown["field"] in ("status", "lines"):
            return True
        name, lines = shown["field"], live["LineItems"]
        if name.startswith("lines["):
            place, _, part = name.removeprefix("lines[").partition("]")
            if len(books.invoices[key]["lines"]) != len(lines) or not part:
                return True
            of_line = LINE_SHOWN_AS.get(part.removeprefix("."))
            if of_line is None:
                return True
            name = f"{lines[int(place)]['LineItemID']}/{of_line}"
        else:
            name = SHOWN_AS[name]
        return name in self.apart(key, books)

    def _writes(self, key: str, before: Books, after: Books) -> None:
        """What the daemon wrote, against what people had set."""
        was, now = before.live(key, dead=True), after.live(key, dead=True)
        if now is None or was is None or was["Status"] in DEAD:
            return
        foreign = self.foreign(key, before)
        if now["Status"] in DEAD:
            if foreign:
                self._say(key, after, f"ended in Xero with somebody's edits on it: {foreign}")
            return
        old, new = before.face(was), after.face(now)
        agreed = self.agreed.get(key)
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) == new.get(name):
                continue
            if name in foreign and name not in TOTALS:
                self._say(
                    key,
                    after,
                    f"overwritten: {name} was set to {old.get(name)!r} in Xero, "
                    f"and became {new.get(name)!r}",
                )
            self.counts["fields written"] += 1
            if agreed is not None:
                agreed.xero[name] = new.get(name)

    def _silence(self, key: str, books: Books) -> None:
        told = books.results.get(key, {}).get("state")
        live = books.live(key)
        if books.is_deleted(key):
            if live is not None and told not in ("waiting", "out_of_sync"):
                self._say(key, books, f"deleted in Pipeline, alive in Xero, told as {told}")
            return
        if told not in RESTING:
            self._say(key, books, f"told as {told} at rest")
        elif told == "synced" and live is None:
            self._say(key, books, "told as synced, and Xero does not have it")
        elif told == "synced":
            apart, foreign = self.apart(key, books), self.standing(key, books)
            if foreign or apart:
                self._say(key, books, f"told as synced: {apart} differ, {foreign} edited in Xero")
        elif told == "out_of_sync" and not (
            self.standing(key, books) or self.standing(key, books, self.earlier.get(key))
        ):
            self._say(key, books, f"still out of sync: {_shown(books.results[key])}")
        self.counts[f"rests {told}"] += 1

    def _agree(self, key: str, books: Books, *, is_quiet: bool) -> None:
        live = books.live(key)
        if live is None or books.is_deleted(key):
            return
        if key in self.agreed and self.apart(key, books):
            return
        self.counts["converged"] += bool(self.foreign(key, books))
        if is_quiet:
            self.earlier.pop(key, None)
        elif key in self.agreed:
            self.earlier.setdefault(key, self.agreed[key])
        face, asserted = books.face(live), books.asserted(key)
        if key in self.agreed:
            # What Pipeline leaves empty it has not agreed to: set there later, it is an edit here.
            before = self.agreed[key].xero
            kept = [name for name in face if name in before and _field(name) not in asserted]
            face |= {name: before[name] for name in kept}
        self.agreed[key] = Agreed(xero=face, asserted=asserted)

    # --- who wrote

    def _authors(self, books: Books, *, is_app: bool) -> None:
        """The histories say the same: people write while the daemon rests, it while they rest."""
        for document in books.documents:
            own, seen = document["InvoiceID"], self._entries.get(document["InvoiceID"], 0)
            for entry in document["History"][seen:]:
                if (entry["who"] == APP) is not is_app:
                    name = document["InvoiceNumber"]
                    self.problems.append(f"{name}: {entry['what']} by {entry['who']}, unexpected")
            self._entries[own] = len(document["History"])

    def _same(self, name: str, one: Any, other: Any) -> bool:
        if name in TOTALS and one is not None and other is not None:
            return bool(abs(one - other) <= self.mapped.tolerance)
        return bool(one == other)

    def _say(self, key: str, books: Books, text: str) -> None:
        self.problems.append(f"{books.invoices[key]['number']}: {text}")


class Books:
    """Both dumps of one moment."""

    def __init__(self, tenant: Json, organisation: Json, mapped: Mapped) -> None:
        self.invoices: Json = tenant["invoices"]
        self.customers = [*tenant["customers"]]
        self.results: Json = tenant["results"]["invoice"]
        self.documents: list[Json] = organisation["invoices"]
        self._mapped = mapped
        self._base = organisation["organisation"]["BaseCurrency"]
        self._merged = {
            each["ContactID"]: each["MergedToContactID"] for each in organisation["contacts"]
        }
        self._customers = {
            key: told.get("xeroContactId") for key, told in tenant["results"]["customer"].items()
        }
        self._by_mark = {
            urlsplit(each["Url"]).path.rpartition("/")[2]: each
            for each in organisation["invoices"]
            if each["Url"] and each["Type"] == "ACCREC"
        }

    def live(self, key: str, *, dead: bool = False) -> Json | None:
        """The invoice's document in Xero, where it is alive."""
        found = self._by_mark.get(key)
        return None if found is None or (found["Status"] in DEAD and not dead) else found

    def is_deleted(self, key: str) -> bool:
        return bool(self.invoices[key]["deleted"])

    def asserted(self, key: str) -> frozenset[str]:
        """The names of the fields that Pipeline, or a rule in its place, says anything of."""
        one = self.invoices[key]
        if one["deleted"]:
            return frozenset()
        empty = {"Reference": not one["reference"].strip()}
        names = [*SHOWN_AS.values(), "LineAmountTypes", *LINE]
        return frozenset(name for name in names if not empty.get(name, False))

    def face(self, live: Json) -> Face:
        """What Xero shows."""
        flat: Face = {
            name: _text(live[name])
            for name in ("InvoiceNumber", "Reference", "Date", "DueDate", "CurrencyCode")
        }
        flat["LineAmountTypes"] = live["LineAmountTypes"]
        flat["ContactID"] = self.survivor(live["ContactID"])
        flat |= {name: Decimal(live[name]) for name in TOTALS}
        for line in live["LineItems"]:
            for name in LINE:
                flat[f"{line['LineItemID']}/{name}"] = _of_line(name, line[name])
        return flat

    def wanted(self, key: str, live: Json) -> Face:
        """What Pipeline wants Xero to show; None where it says nothing."""
        one = self.invoices[key]
        contact = self._customers.get(one["customerId"])
        flat: Face = {
            "InvoiceNumber": _text(one["number"]),
            "Reference": _text(one["reference"]),
            "Date": one["invoiceDate"],
            "DueDate": one["dueDate"] or _due_on(one["invoiceDate"]),
            "CurrencyCode": one["currencyCode"] or self._base,
            "LineAmountTypes": one["lineAmountTypes"],
            "ContactID": None if contact is None else self.survivor(contact),
            "SubTotal": Decimal(one["nett"]),
            "TotalTax": Decimal(one["tax"]),
            "Total": Decimal(one["total"]),
        }
        for line, shown in zip(one["lines"], live["LineItems"], strict=False):
            said = {
                "Description": line["description"],
                "Quantity": line["quantity"],
                "UnitAmount": line["unitAmount"],
                "DiscountRate": line["discountPercent"],
                "AccountCode": line["accountCode"] or self._mapped.cost_codes[line["costCode"]],
                "TaxType": line["taxType"] or self._mapped.tax_types[Decimal(line["taxRate"])],
            }
            for name, value in said.items():
                flat[f"{shown['LineItemID']}/{name}"] = _of_line(name, value)
        return flat

    def survivor(self, contact: str) -> str:
        """The contact that one is, after merges."""
        while self._merged.get(contact):
            contact = self._merged[contact]
        return contact


def _field(name: str) -> str:
    return name.rpartition("/")[2]


def _due_on(dated_on: str) -> str:
    """What is due when Pipeline does not say so."""
    return (date.fromisoformat(dated_on) + timedelta(days=DUE_DAYS)).isoformat()


def _text(value: str | None) -> str | None:
    return None if value is None else value.replace("\r\n", "\n").strip() or None


def _of_line(name: str, value: Any) -> Any:
    if name in ("Quantity", "UnitAmount", "DiscountRate"):
        return Decimal(value or 0)
    return _text(value)


def _said_again(before: Json, item: Json) -> bool:
    """The same alarm, told again with other amounts."""
    return all(before.get(name) == item.get(name) for name in ("state", "reason", "differences"))


def _shown(item: Json) -> str:
    fields = ", ".join(f"{one['field']} ({one['movedBy']})" for one in item.get("differences", ()))
    return f"{item.get('reason')} [{fields}]"
