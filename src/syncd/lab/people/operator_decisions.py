"""Decisions of an operator on a simulated day: a side of an invoice, a halted brake, a plan.

Each rests on what he was shown. What has moved since is answered with 409, and he reads anew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Any

import anyio

from syncd.domain.model.finding import FindingKind
from syncd.lab.people.operator_acts import OBSERVING
from syncd.lab.people.operator_api import Answer
from syncd.lab.people.operator_desk import BothSides, Desk, kinds
from syncd.lab.watch.comparing import in_normal_form
from syncd.lab.watch.operator_witness import LEFT_OUT, Decision, LeftOut
from syncd.lab.watch.scene import Json
from syncd.sandbox.user import User

CONFLICT = 409
RESOLVE_OURS, RESOLVE_XERO = "resolve for Pipeline", "resolve for Xero"
RELEASE, UNDO = "release a brake", "undo what a brake halted for"
PLAN, APPLY = "plan", "apply a plan"
_STATES = ("out_of_sync", "waiting")
_DECIDED = ("gone_in_xero", "status_regression", None)
_THINKS_S = 45.0
_READS_ANEW = 0.7
_TRIES = 3
_SLICES = 20
_TOLD_WITHIN_LOOKS = 20
_TOLD_LOOKS_EVERY_S = 15.0
_UNDOES = 0.2
_ORDERED = ("update", "void")
_WAITING = ("hold", "ambiguous")
_NO_CONTENT = ("version", "updatedAt")
_UNREADABLE = (FindingKind.UNREADABLE_FEED, FindingKind.UNREADABLE_IN_PIPELINE)


# --- one side of an invoice


async def resolve(desk: Desk) -> None:
    """Take a side of an invoice that waits for a decision."""
    found = [each async for each in _to_decide(desk)]
    if not found:
        return
    identity, take = desk.dice.choice(found), desk.dice.choice(("pipeline", "xero"))
    story = await desk.get(f"/invoices/{identity}")
    seen = story.body.get("seen")
    for _ in range(_TRIES):
        if seen is None or not await desk.lets_pass(_THINKS_S):
            return
        answer = await _decided(desk, identity, take, seen)
        if answer.status != CONFLICT or desk.dice.random() >= _READS_ANEW:
            return
        seen = answer.body.get("seen")


async def _to_decide(desk: Desk) -> AsyncIterator[str]:
    """Invoices that wait for a person's choice between two sides."""
    for state in _STATES:
        for each in (await desk.get(f"/invoices?state={state}&limit=500")).items:
            if each["reason_code"] in _DECIDED:
                yield each["id"]


async def _decided(desk: Desk, identity: str, take: str, seen: str) -> Answer:
    began_s, before = desk.now_s, desk.sides(identity)
    desk.witness.word_said(began_s)
    act = RESOLVE_OURS if take == "pipeline" else RESOLVE_XERO
    body = {"take": take, "seen": seen}
    answer = await desk.order(act, f"/invoices/{identity}/resolve", body)
    if answer.may_be_done:
        command = desk.commanded(began_s, answer)
        after = desk.sides(identity)
        desk.witness.decisions.append(
            _decision(identity, take, (began_s, command.ended_s), (before, after))
        )
    return answer


def _decision(
    identity: str, take: str, span_s: tuple[float, float], sides: Iterable[BothSides]
) -> Decision:
    before, after = sides
    return Decision(
        began_s=span_s[0],
        ended_s=span_s[1],
        invoice=identity,
        take=take,
        shown=before.shown | after.shown,
        documents=before.documents | after.documents,
        dead=before.dead,
        left=before.left,
    )


# --- a halted brake


async def watch_brakes(desk: Desk, *, may_undo: bool = True) -> bool:
    """Look at the halted tenants; release this one, or undo the cause. Whether one was halted."""
    listed = await desk.api.get("/brakes")
    halted = [each for each in listed.items if each["tenant"] == desk.tenant]
    if not halted:
        return False
    await desk.must_show(
        "is halted by a brake", lambda card: bool(card["halted"]) == ("halted" in kinds(card))
    )
    if desk.is_peace:
        await _must_be_told(desk)
    elif not await desk.lets_pass(_THINKS_S):
        return True
    if may_undo and desk.dice.random() < _UNDOES:
        _undo(desk, halted[0])
    else:
        await _release(desk, halted[0])
    return True


async def _must_be_told(desk: Desk) -> None:
    """Pipeline is told, soon, that what a brake holds waits, and why."""
    for _ in range(_TOLD_WITHIN_LOOKS):
        listed = await desk.api.get("/brakes")
        brakes = [each for each in listed.items if each["tenant"] == desk.tenant]
        held = [one for brake in brakes for one in brake["sample"]]
        known = [one for one in held if one["id"] in desk.office.books.records["invoice"]]
        untold = [one["number"] for one in known if not _is_told(desk, one["id"])]
        if listed.is_done and not untold:
            desk.witness.sometimes["operator: Pipeline was told of a halt"] += bool(held)
            return
        await anyio.sleep(_TOLD_LOOKS_EVERY_S)
    if listed.is_done:
        desk.wrong(f"is halted by a brake, and Pipeline was not told so of {', '.join(untold)}")


def _is_told(desk: Desk, identity: str) -> bool:
    """A spent day is as true: what waits for its end is decided, and halted, after it."""
    told = desk.office.results.standing.get(f"invoice/{identity}/")
    return told is not None and told.item.get("reasonCode") in ("brake_halted", "rate_limited")


def _undo(desk: Desk, brake: Mapping[str, Any]) -> None:
    """What was deleted in Pipeline is brought back there: then nothing is to be voided."""
    user, records = User(desk.pipeline), desk.office.books.records["invoice"]
    for each in brake["sample"]:
        if each["id"] not in records or records[each["id"]].deleted_at is None:
            continue
        with suppress(ValueError):  # its number may be another's by now
            user({"do": "restore", "tenant": desk.tenant, "id": each["id"]})
            desk.counted(UNDO, Answer(status=200))


async def _release(desk: Desk, brake: Mapping[str, Any]) -> None:
    began_s = desk.now_s
    answer = await desk.order(RELEASE, "/brakes/release", {"seen": brake["seen"]})
    if answer.may_be_done:
        let_pass(desk, [each["xero_invoice_id"] for each in brake["sample"]], began_s)
        hidden = brake["documents"] - len(brake["sample"])
        desk.witness.unseen_releases[began_s] += hidden


def let_pass(desk: Desk, documents: Iterable[str], at_s: float) -> None:
    """Changes of these documents pass the brake."""
    for document in documents:
        desk.witness.released.setdefault(document, []).append(at_s)


# --- a plan


async def plan_and_apply(desk: Desk) -> None:
    """Everything that would be written is read, and exactly that ordered."""
    planned = await desk.order(PLAN, "/plan", {})
    for _ in range(_TRIES):
        if planned.is_done or not await desk.lets_pass(_THINKS_S):
            break
        planned = await desk.order(PLAN, "/plan", {})
    shown = _contents(desk)
    if not planned.is_done or not await desk.lets_pass(_THINKS_S):
        return
    items = planned.body["items"]
    ordered = [each["xero_id"] for each in items if each["action"] in _ORDERED]
    let_pass(desk, filter(None, ordered), desk.now_s)
    await _applied(desk, planned.body, shown)


def _contents(desk: Desk) -> dict[str, Json]:
    """Every invoice as Pipeline shows it now, whatever its version."""
    records = desk.office.books.records["invoice"]
    return {
        key: {name: said for name, said in record.document.items() if name not in _NO_CONTENT}
        for key, record in records.items()
        if record.deleted_at is None
    }


def _versions(desk: Desk) -> dict[str, int]:
    """The version of every invoice in Pipeline; what is deleted is nobody's to create."""
    records = desk.office.books.records["invoice"]
    return {
        key: record.document["version"]
        for key, record in records.items()
        if record.deleted_at is None
    }


async def _applied(desk: Desk, plan: Json, shown: Mapping[str, Json]) -> None:
    ticket, now = "", _versions(desk)
    left = left_out(plan, shown, _contents(desk), even=desk.even(now))
    card = await desk.card()
    for _ in range(_SLICES):
        desk.witness.ends(OBSERVING, desk.now_s)
        desk.witness.word_said(desk.now_s)
        path = f"/apply?ticket={ticket}" if ticket else "/apply"
        answer = await desk.order(APPLY, path, plan)
        if not answer.is_done:
            return
        if answer.body["complete"]:
            desk.witness.sometimes[f"operator: {APPLY}, to its end"] += 1
            if card.body.get("mode") == "observe" and answer.body["mode"] == "live":
                _withheld(desk, left - _garbled(desk, now), answer.body["withheld"])
            return
        ticket = answer.body["ticket"]


def left_out(
    plan: Json, shown: Mapping[str, Json], now: Mapping[str, Json], *, even: AbstractSet[str]
) -> frozenset[str]:
    """Invoices made or changed since the plan, but for those of which it says why they wait.

    `shown` and `now` are what they say, for a version that says the same as the one before is no
    change, and neither are blanks around a number. Of what is `even` nothing was left out: Xero
    shows it already, and a later change is like any other.
    """
    waiting = {each["key"] for each in plan["items"] if each["action"] in _WAITING}
    changed = {
        key for key, said in now.items() if in_normal_form(shown.get(key)) != in_normal_form(said)
    }
    return frozenset(changed - waiting - even)


def _garbled(desk: Desk, now: Mapping[str, int]) -> frozenset[str]:
    """Changes that the daemon was shown and could not read: it learns of them as new ones."""
    if not any(each.kind in _UNREADABLE for each in desk.reader.findings()):
        return frozenset()
    known = {job.key: job.version for job in desk.reader.jobs()}
    return frozenset(key for key, version in now.items() if known.get(key, 0) < version)


def _withheld(desk: Desk, left: frozenset[str], count: int) -> None:
    """The plan has set the tenant live: what it had not shown goes on waiting."""
    desk.witness.spans.append(LeftOut(what=LEFT_OUT, from_s=desk.now_s, invoices=left))
    desk.witness.sometimes["operator: a plan left something out"] += bool(left and count)
