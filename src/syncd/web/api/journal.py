"""Stories and the journal over HTTP: rows of the API's table.

Called by `api`, which knows the tenants. Verifying takes as long as the journal is: a part of it is
checked in each request, and the caller goes on from `entries` until it is complete.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from syncd.domain.ids import TenantId
from syncd.domain.model.value import like
from syncd.domain.rules.journal import actions as rules
from syncd.engine.core.journal_audit import ChainCheck, JournalPage
from syncd.engine.operator.explain import Explained
from syncd.web.api.handlers import TENANT, Handlers, no_invoice
from syncd.web.api.overview import actions
from syncd.web.api.overview.actions import PossibleAction
from syncd.web.api.running import event_stream
from syncd.web.api.running.event_stream import NewEntries
from syncd.web.http import listing
from syncd.web.http.endpoint import Endpoint, body_of
from syncd.web.http.guard import OPERATOR, Role
from syncd.web.http.problems import ProblemError

JOURNAL = "/api/v1/journal"
_SHORTEST_NAME = 2


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened; `where`: Pipeline, Xero or syncd.

    `kind`: saved, deleted, note (of Xero's History), entry (of the audit trail), or the change of
    state. `fields` are those it is about, `differences` the same in words.
    """

    at: dt.datetime
    where: str
    who: str
    kind: str
    text: str
    fields: list[str]
    differences: list[str]


class FieldMover(msgspec.Struct, frozen=True, kw_only=True):
    """Who moved a field that differs now, on each side; null where nobody did, or it is unknown."""

    field: str
    pipeline_by: str | None
    pipeline_at: dt.datetime | None
    xero_by: str | None
    xero_at: dt.datetime | None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice's story, oldest first. `unread`: why Xero's History is not in it, or null.

    `trail` is by what the log has the news that asked for work on it last.
    """

    id: str
    number: str
    state: str
    reason_code: str | None
    sentences: list[Sentence]
    now: list[str]
    movers: list[FieldMover]
    you_can: str
    actions: list[PossibleAction]
    unread: str | None
    trail: str | None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the journal; what was erased shows as (erased).

    `label` is the invoice's number or the customer's name; null for what has none.
    """

    seq: int
    at: dt.datetime
    object_type: str
    object_id: str
    label: str | None
    record_type: str
    description: str
    who: str
    detail: Any


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """Entries after a number, oldest first; `last` is the number to go on from.

    With order=newest below a number, newest first; `last` is the `before` to go on with, 1 or less
    at the beginning.
    """

    items: list[Event]
    last: int


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """The first entry that does not fit, and how."""

    seq: int
    text: str


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """Entries up to `entries` fit; go on from there until `complete`. The head is worth noting."""

    entries: int
    complete: bool
    head: str
    fault: Fault | None


class EraseWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose words: a customer's or an invoice's (Pipeline uuid), or by and naming a person."""

    customer: str | None = None
    invoice: str | None = None
    who: str | None = None


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries lost their words."""

    erased: int


class Audit(Handlers):
    """Stories, events and the chain."""

    async def explain(self, request: web.Request) -> Explanation:
        """An invoice's story."""
        tenant, key = self._asked(request), request.match_info["invoice"]
        found = await self._operations.explanations.explain(tenant, key)
        if found is None:
            raise no_invoice(key)
        return _explanation(found)

    async def events(self, request: web.Request) -> Events | web.StreamResponse:
        """What happened to a tenant: after an entry, newest first, or as it happens."""
        tenant, query = self._asked(request), request.query
        if event_stream.is_asked_for(request):
            return await event_stream.send(
                request,
                lambda seq: self._after(tenant, seq),
                is_served=lambda: self._operations.known(tenant) is not None,
            )
        limit = listing.wanted({"limit": query.get("limit", "")}).limit
        if query.get("order", "oldest") == "oldest":
            _only_of(query, "newest", "before", "object", "type", "who")
            since = listing.number_of(query, "since")
            return _events(await self._operations.audit.since(tenant, since, limit=limit))
        _only_of(query, "oldest", "since")
        wanted = self._operations.audit.wanted(
            object_type=query.get("type"), object_key=query.get("object"), who=query.get("who")
        )
        before = listing.number_of(query, "before") or None
        return _events(
            await self._operations.audit.newest(tenant, wanted, before=before, limit=limit)
        )

    async def _after(self, tenant: TenantId, seq: int | None) -> NewEntries:
        """What is new after an entry; after the newest one, there is nothing yet."""
        if seq is None:
            head = await self._operations.audit.head()
            return NewEntries(items=(), last=head.entries)
        found = _events(
            await self._operations.audit.since(tenant, seq, limit=event_stream.MOST_AT_ONCE)
        )
        return NewEntries(items=tuple((one.seq, one) for one in found.items), last=found.last)

    async def verify(self, request: web.Request) -> Verified:
        """Check a part of the chain."""
        after = listing.number_of(request.query, "since")
        noted = _noted(request.query.get("noted", ""))
        return _verified(await self._operations.audit.verify(after=after, noted=noted))

    async def erase(self, request: web.Request) -> Erased:
        """Erase the words about one object or person."""
        tenant = self._asked(request)
        wanted = await body_of(request, EraseWanted)
        named = (wanted.customer, wanted.invoice, wanted.who)
        given = [one for one in named if one is not None]
        if len(given) != 1 or len(given[0].strip()) < _SHORTEST_NAME:
            detail = "body: expected one of customer, invoice and who, of two characters or more."
            raise ProblemError(400, "Not understood", detail)
        about = None
        if wanted.who is None:
            about = ("Customer" if wanted.customer is not None else "Invoice", given[0])
        count = await self._operations.audit.erase(
            tenant, request[OPERATOR].name, about=about, person=wanted.who
        )
        return Erased(erased=count)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rows of the table."""
        return (
            Endpoint(
                name="explainInvoice", method="GET",
                path=TENANT + "/invoices/{invoice}/explain", role=Role.OFFICE,
                summary="The story of one invoice, cause to effect, in plain sentences",
                answers=Explanation, call=self.explain, refusals=(404,),
            ),
            Endpoint(
                name="listEvents", method="GET", path=TENANT + "/events", role=Role.OFFICE,
                summary="The journal's entries: after a number, newest first, or as a stream",
                query=("order", "since", "before", "object", "type", "who", "limit"),
                answers=Events, also=("text/event-stream",), call=self.events,
                refusals=(400, 404),
            ),
            Endpoint(
                name="eraseWords", method="POST", path=TENANT + "/journal/erase",
                role=Role.SUPER_USER,
                summary="Erase the journal's words about one customer, invoice or person",
                body=EraseWanted, answers=Erased, call=self.erase, refusals=(400, 404),
            ),
            Endpoint(
                name="verifyJournal", method="GET", path=JOURNAL + "/verify", role=Role.ADMIN,
                summary="Check the journal's chain, a part in each request",
                query=("since", "noted"), answers=Verified, call=self.verify, refusals=(400,),
            ),
        )  # fmt: skip


def _events(found: JournalPage) -> Events:
    items = [
        like(
            Event,
            entry,
            seq=seq,
            object_id=entry.object_key,
            label=found.labels.get(entry.object_key),
            detail=None if entry.detail is None else msgspec.json.decode(entry.detail),
        )
        for seq, entry in found.items
    ]
    return Events(items=items, last=found.last)


def _only_of(query: Mapping[str, str], order: str, *names: str) -> None:
    """Raise a 400 problem for parameters of the other order, and for an order that is none."""
    if query.get("order", "oldest") not in ("oldest", "newest"):
        detail = f"order: expected oldest or newest, got {query['order']!r}."
        raise ProblemError(400, "Not understood", detail)
    for name in names:
        if name in query:
            detail = f"{name}: goes with order={order} alone."
            raise ProblemError(400, "Not understood", detail)


def _explanation(found: Explained) -> Explanation:
    present, story = found.present, found.story
    return Explanation(
        id=found.key,
        number=present.number,
        state=present.state,
        reason_code=present.reason,
        sentences=[
            like(Sentence, one, fields=list(one.fields), differences=list(one.differences))
            for one in story.sentences
        ],
        now=list(story.now),
        movers=[like(FieldMover, one) for one in story.movers],
        actions=actions.shapes_of(rules.of_invoice(present.state, present.reason)),
        you_can=story.can_do,
        unread=found.unread or None,
        trail=found.trail,
    )


def _verified(found: ChainCheck) -> Verified:
    fault = found.fault
    return Verified(
        entries=found.entries,
        complete=found.is_complete,
        head=f"{found.head.entries}:{found.head.digest.hex()}",
        fault=None if fault is None else Fault(seq=fault.seq, text=fault.text),
    )


def _noted(text: str) -> tuple[int, bytes] | None:
    """A head as `verify` shows it. Raises a 400 problem."""
    if not text:
        return None
    entries, _, digest = text.partition(":")
    try:
        return listing.number_of({"noted": entries}, "noted"), bytes.fromhex(digest)
    except (ValueError, ProblemError):
        detail = "noted: expected a head as an earlier answer showed it, got something else."
        raise ProblemError(400, "Not understood", detail) from None
