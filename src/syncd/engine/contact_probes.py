"""Looks at uncertain contacts: by our mark (ContactNumber), by the name sent, or by id."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.errors import RemoteError
from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.contact import LiveContact
from syncd.domain.model.intent_body import ContactIntentBody
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.probing import (
    SeenGone,
    SeenMoved,
    SeenNothing,
    SeenOurs,
    SeenStranger,
    SeenUnmoved,
)
from syncd.domain.rules import contact_sides, matching
from syncd.domain.rules.allowance import Lane
from syncd.engine.hall import Hall
from syncd.engine.probing import Look, Looks
from syncd.store.intents import Intent


async def look(hall: Hall, tenant: TenantId, elements: Sequence[Intent]) -> Looks[LiveContact]:
    """Look at every element, archived contacts included."""
    looked_at = hall.now()
    creates = [one for one in elements if one.step is StepKind.CREATE]
    ids = sorted({XeroContactId(one.xero_id) for one in elements if one.xero_id is not None})
    names = sorted({_body(one).write.name or "" for one in creates} - {""})
    try:
        by_id = await hall.ledger.contacts_by_id(tenant, ids, lane=Lane.WRITE) if ids else {}
        marked = (
            await hall.ledger.contacts_by_number(
                tenant, sorted(one.key for one in creates), lane=Lane.WRITE
            )
            if creates
            else ()
        )
        named = await hall.ledger.contacts_by_name(tenant, names, lane=Lane.WRITE) if names else ()
    except RemoteError as error:
        return Looks(looked_at=looked_at, failed=error)
    return Looks(
        looked_at=looked_at,
        by_intent={
            one.id: (
                _create(one, (*marked, *named))
                if one.step is StepKind.CREATE
                else _change(one, by_id.get(XeroContactId(one.xero_id or "")))
            )
            for one in elements
        },
    )


def _body(one: Intent) -> ContactIntentBody:
    assert isinstance(one.body, ContactIntentBody), "a contact's intent"
    return one.body


def _create(one: Intent, found: Sequence[LiveContact]) -> Look[LiveContact]:
    name = _body(one).write.name or ""
    for live in found:
        if live.number == one.key:
            as_sent = matching.same_name(live.name, name)
            return Look(sight=SeenOurs(is_as_sent=as_sent), live=live)
    for live in found:
        if matching.same_name(live.name, name):
            text = f"Xero has another contact named {live.name} ({live.id}). Link it, or rename."
            return Look(sight=SeenStranger(text=text), live=live)
    return Look(sight=SeenNothing())


def _change(one: Intent, live: LiveContact | None) -> Look[LiveContact]:
    """A change has landed when the contact shows what was sent; only that is looked at."""
    if live is None:
        return Look(sight=SeenGone())
    body = _body(one)
    if contact_sides.is_as_sent(body.write, live):
        return Look(sight=SeenOurs(is_as_sent=True), live=live)
    if body.base_xero is not None and contact_sides.is_as_before(body.write, body.base_xero, live):
        return Look(sight=SeenUnmoved(), live=live)
    return Look(sight=SeenMoved(), live=live)
