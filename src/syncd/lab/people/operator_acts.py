"""What an operator does to one tenant on a simulated day: switches, connection, orders.

Each act is a person's: he may wait before he ends what he began, takes an error as it comes and
tries once more later. Decisions, plans and backups have rooms of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import anyio

from syncd.lab.daemon import consenting_person
from syncd.lab.daemon.process import OPERATOR_TOKEN
from syncd.lab.people.operator_api import Answer
from syncd.lab.people.operator_desk import Desk, kinds
from syncd.lab.virtual.virtual_time import SimulationError
from syncd.lab.watch.operator_witness import OperatorCommand

PAUSED, OBSERVING, DISCONNECTED = "paused", "observing", "disconnected"
RESUME, LIVE, CONNECT = "resume", "set live", "connect again"
_WHILE_S = 240.0
_FORGETS = 0.15
"""How often he leaves something as it is, for the end of the day."""
_AGAIN_S = 20.0
_TRIES = 3
_CONSENT_WITHIN_S = 120.0
_ROUNDS = 6


async def _a_while(desk: Desk) -> bool:
    """Time passes; whether he then thinks of it."""
    return await desk.lets_pass(_WHILE_S) and desk.dice.random() >= _FORGETS


# --- switches


async def pause(desk: Desk) -> None:
    """Hold all writes, for a while."""
    answer = await desk.order("pause", "/pause")
    if answer.is_done:
        desk.witness.begins(PAUSED, desk.now_s, desk.reader.open_calls())
        await desk.must_show("is paused", lambda card: card["paused"] and PAUSED in kinds(card))
        await _nothing_pends(desk)
    if answer.may_be_done and await _a_while(desk):
        await resume(desk)


async def _nothing_pends(desk: Desk) -> None:
    """What is queued behind a closed gate is shown as waiting, and the filters agree."""
    listed = await desk.get("/invoices?state=pending&limit=500")
    if listed.is_done and listed.items:
        desk.wrong(f"is paused, and {len(listed.items)} invoices are shown as pending")


async def resume(desk: Desk) -> None:
    """Let what waited go on."""
    for _ in range(_TRIES):
        desk.witness.ends(PAUSED, desk.now_s)
        if (await desk.order(RESUME, "/resume")).is_done:
            return
        await anyio.sleep(_AGAIN_S)


async def observe(desk: Desk) -> bool:
    """Nothing is written any more; whether he ends it after a while."""
    answer = await desk.order("observe", "/mode", {"mode": "observe"})
    if answer.is_done:
        desk.witness.begins(OBSERVING, desk.now_s, desk.reader.open_calls())
        await desk.must_show("observes", lambda card: bool(card["mode"] == "observe"))
    return answer.may_be_done and await _a_while(desk)


async def live(desk: Desk) -> None:
    """Let it be written again, with all that a plan has left out."""
    for _ in range(_TRIES):
        desk.witness.ends(OBSERVING, desk.now_s)
        desk.witness.word_said(desk.now_s)
        if (await desk.order(LIVE, "/mode", {"mode": "live"})).is_done:
            return
        await anyio.sleep(_AGAIN_S)


# --- the connection


async def refresh(desk: Desk) -> None:
    """Refresh Token."""
    commands, began_s = desk.witness.refreshes, desk.now_s
    commands.append(OperatorCommand(began_s=began_s, ended_s=math.inf))
    if (await desk.order("refresh", "/refresh")).is_done:
        commands[-1] = OperatorCommand(began_s=began_s, ended_s=desk.now_s)


async def disconnect(desk: Desk, *, is_brief: bool = False) -> None:
    """Stop all synchronisation, for a while; or connect again at once."""
    answer = await desk.order("disconnect", "/disconnect")
    if answer.is_done:
        desk.witness.begins(DISCONNECTED, desk.now_s)
        await desk.must_show(
            "is disconnected",
            lambda card: card["status"] == "Not Connected" and "not_connected" in kinds(card),
        )
    if answer.may_be_done and (is_brief or await _a_while(desk)):
        await connect(desk)


async def connect(desk: Desk) -> None:
    """Connect to Xero, as often as a person tries."""
    for _ in range(_TRIES):
        desk.witness.ends(DISCONNECTED, desk.now_s)
        if await _consented(desk):
            return
        await anyio.sleep(_AGAIN_S)


async def _consented(desk: Desk) -> bool:
    try:
        with anyio.fail_after(_CONSENT_WITHIN_S):
            await consenting_person.connect(desk.tenant, OPERATOR_TOKEN, picks=desk.picks)
    except (SimulationError, TimeoutError, aiohttp.ClientError, ConnectionError, KeyError):
        desk.counted(CONNECT, Answer(status=0))
        return False
    desk.counted(CONNECT, Answer(status=200))
    return True


# --- orders


async def retry(desk: Desk) -> None:
    """Look at one invoice again now, mostly one that waits."""
    one = await _chosen(desk, "/invoices", ("waiting", "failed", "out_of_sync", "synced"))
    if one is not None:
        desk.witness.word_said(desk.now_s)
        await desk.order("retry", f"/invoices/{one['id']}/retry")


async def retry_reason(desk: Desk) -> None:
    """Look again at all that waits for one reason."""
    one = await _chosen(desk, "/invoices", ("waiting", "failed"))
    reason = None if one is None else one["reason_code"]
    if reason is not None:
        desk.witness.word_said(desk.now_s)
        await desk.order("retry by reason", "/invoices/retry", {"reason": reason})


async def replay(desk: Desk, now: datetime) -> None:
    """Work through Xero's latest events once more."""
    since = now - timedelta(seconds=desk.dice.choice((60, 600, 7200)))
    answer = await desk.api.post("/webhooks/replay", {"since": since.isoformat()})
    desk.counted("replay", answer)


async def reconcile(desk: Desk, *, is_full: bool) -> None:
    """A round now, and its findings, asked for until they are complete."""
    act = "reconcile in full" if is_full else "reconcile"
    body: dict[str, Any] = {"full": is_full}
    for _ in range(_ROUNDS):
        answer = await desk.order(act, "/reconcile", body)
        if not answer.is_done:
            return
        if answer.body["complete"]:
            desk.witness.sometimes[f"operator: {act}, to its end"] += 1
            return
        body = {"full": is_full, "ticket": answer.body["ticket"]}
        await anyio.sleep(_AGAIN_S)


async def link(desk: Desk) -> None:
    """Say which contact a customer is: one of his name in Xero, made there where none is."""
    one = await _chosen(desk, "/contacts", ("waiting", "waiting", "synced"))
    if one is None:
        return
    contact_id = one["xero_contact_id"] or _namesake(desk, one["name"])
    body = {"contact_id": contact_id}
    desk.witness.word_said(desk.now_s)
    answer = await desk.order("link a contact", f"/contacts/{one['id']}/link", body)
    if answer.may_be_done:
        desk.witness.linked.add(one["id"])


def _namesake(desk: Desk, said: str) -> str:
    name = " ".join(said.replace("<", " ").replace(">", " ").split()) or "A customer without name"
    for contact in desk.books.contacts.current():
        if contact.name.lower() == name.lower() and contact.status == "ACTIVE":
            return contact.id
    where = {"tenant": desk.organisation, "set": {"Name": name}}
    return str(desk.xero.bookkeeper({"do": "create_contact", **where})["ContactID"])


async def create(desk: Desk) -> None:
    """Create in Xero & Link."""
    one = await _chosen(desk, "/contacts", ("waiting", "waiting", "synced"))
    if one is not None:
        desk.witness.word_said(desk.now_s)
        await desk.order("create a contact", f"/contacts/{one['id']}/create", {})


async def _chosen(desk: Desk, listing: str, states: Sequence[str]) -> dict[str, Any] | None:
    """A row of a listing, of one of these states."""
    state = desk.dice.choice(states)
    found = (await desk.get(f"{listing}?state={state}&limit=500")).items
    return desk.dice.choice(found) if found else None
