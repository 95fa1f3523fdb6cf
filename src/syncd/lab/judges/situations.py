"""Situations a sweep must have reached: a judge who never saw the hard cases has judged nothing.

The counters are of the simulation's own eyes: Xero's door, the store's intents, people's actions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus

from syncd.lab.faults import clock_steps
from syncd.lab.faults.drawn_faults import AWAY, ODD_TOKENS, SET_BACK, STALLED
from syncd.lab.judges.overwriting import DECIDED
from syncd.lab.judges.write_conduct import documents_of
from syncd.lab.people import operator_amid
from syncd.lab.watch.scene import Scene
from syncd.lab.watch.store_reader import IntentRow
from syncd.lab.watch.tenancy import Tenant
from syncd.lab.watch.watched_xero import TOKEN, Arrival, WatchedXero

LOST_FOUND = "a lost answer was found by a look"
REPEATED = "the same bytes were sent again"
LATE = "a write was carried out late"
GIVEN_UP = "given up after the late-commit wait, and made anew"
KILLED_UNSENT = "killed between intent and send"
KILLED_OPEN = "killed while a write's outcome was open"
BATCH = "a batch of several"
PARTIAL = "a batch saved in part"
NOT_UNIQUE = "a number was refused and looked for"
RENAMED = "renamed while its write was uncertain"
DELETED = "deleted while its write was uncertain"
EDITED = "edited while its write was uncertain"
DEAD = "deleted in Pipeline, dead in Xero"
HELD = "held for an edit in Xero"
WINDOW = "an edit fell between our read and our write"
REFRESH_LOST = "a refresh was applied and its answer lost"
DRAINED = "the daemon was drained under load"
DISK_FULL = "a commit failed"
THROTTLED = "Xero throttled a call"
PAID = "money in Xero reached Pipeline"
TAKEN_BACK = "money was taken back, and Pipeline heard"
HELD_FOR_MONEY = "held for money on the document"
LOST_EVENT = "an event was never sent"
REFUSED_EVENT = "an event was not taken, and came again"
MERGED = "a contact was merged in Xero"
TOKENS_IN_HTML = "a page of HTML came in place of tokens, with 200"
TOKENS_LATER = "Xero asked to wait for tokens, and said how long"
GRANT_LOST = "a refresh was applied, its answer lost, and the grant with it"
LATE_ANSWER = "an answer of Xero's came when nobody waited for it any more"
SICK = "one tenant of several was sick"
OPERATED = tuple(
    f"operator: {act}"
    for act in (
        *("pause", "resume", "observe", "set live", "refresh", "disconnect", "connect again"),
        *("retry", "retry by reason", "replay", "link a contact", "create a contact"),
        *("reconcile, to its end", "reconcile in full, to its end", "plan"),
        *("apply a plan, to its end", "a plan left something out"),
        *("resolve for Pipeline", "resolve for Xero", "release a brake"),
        *("resolve for Pipeline, answered 409", "resolve for Xero, answered 409"),
        *("release a brake, answered 409", "the user deleted many at once"),
        *("undo what a brake halted for", "back up the store", "restore a backup"),
        "Pipeline was told of a halt",
        "the status tells whether it looks after a restore: True",
    )
)
"""What an operator did, and was refused because something had moved."""

_WAITED_S = 60.0
"""So long the daemon waits for an answer of Xero's."""

SOMETIMES = (
    LOST_FOUND,
    REPEATED,
    LATE,
    GIVEN_UP,
    KILLED_UNSENT,
    KILLED_OPEN,
    BATCH,
    PARTIAL,
    NOT_UNIQUE,
    RENAMED,
    DELETED,
    EDITED,
    DEAD,
    HELD,
    WINDOW,
    REFRESH_LOST,
    DRAINED,
    DISK_FULL,
    THROTTLED,
    PAID,
    TAKEN_BACK,
    HELD_FOR_MONEY,
    LOST_EVENT,
    REFUSED_EVENT,
    MERGED,
    TOKENS_IN_HTML,
    TOKENS_LATER,
    GRANT_LOST,
    LATE_ANSWER,
    *ODD_TOKENS,
    *AWAY.values(),
    *STALLED.values(),
    SET_BACK,
    SICK,
    DECIDED,
    *OPERATED,
    *operator_amid.DEEDS,
    *clock_steps.NAMES.values(),
)
"""Every named situation; one that stays at zero over a sweep is told."""

_BY_DEED: Mapping[str, str] = {"edit_number": RENAMED, "delete": DELETED}


def of_deed(verb: str) -> str:
    """What it is called when a user does this to an invoice whose write is uncertain."""
    return _BY_DEED.get(verb, EDITED)


def reached(
    xero: WatchedXero, tenant: Tenant, scene: Scene, intents: Iterable[IntentRow]
) -> Counter[str]:
    """What one tenant's books and store, and the door, tell at the end of a day."""
    writes: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in xero.door.seen:
        if arrival.is_write and arrival.organisation == tenant.organisation:
            writes[arrival.key].append(arrival)
    counted = _of_intents(intents, writes)
    books = xero.books[tenant.organisation]
    for arrivals in writes.values():
        counted[BATCH] += len(documents_of(arrivals[0].request.body, books)) > 1
    for (kind, _), job in scene.jobs.items():
        if kind == "push_invoice":
            counted[HELD] += job.public_state == "out_of_sync"
            counted[DEAD] += job.public_state == "voided"
    return counted


def of_xero(xero: WatchedXero) -> Counter[str]:
    """What went wrong in Xero, whoever it was about."""
    posted = xero.webhooks.as_json()
    return Counter(
        {
            PARTIAL: xero.faults.fired.get("partial_commit", 0),
            THROTTLED: xero.faults.fired.get("throttle", 0),
            REFRESH_LOST: sum(map(_is_lost_refresh, xero.door.seen)),
            LOST_EVENT: posted.get("lost", 0),
            REFUSED_EVENT: posted.get("failed", 0),
            LATE_ANSWER: sum(map(_is_too_late, xero.door.seen)),
        }
    ) + _of_tokens(xero)


def _of_tokens(xero: WatchedXero) -> Counter[str]:
    """What was odd about the answers of calls for tokens."""
    counted: Counter[str] = Counter()
    for arrival in xero.door.seen:
        answer = arrival.answered
        if arrival.request.path != TOKEN or answer is None:
            continue
        waits = "Retry-After" in answer.headers
        counted[TOKENS_LATER] += answer.status == HTTPStatus.TOO_MANY_REQUESTS and waits
        counted[TOKENS_IN_HTML] += answer.status == HTTPStatus.OK and b"<HTML" in answer.body
        counted[GRANT_LOST] += arrival.is_refresh and b"invalid_grant" in answer.body
        for name, (_, put) in ODD_TOKENS.items():
            counted[name] += put.encode() in answer.body
    return counted


def came_back(scene: Scene) -> Counter[str]:
    """What one tenant's Pipeline was told of what people did in Xero."""
    told = [item for parts in scene.pipeline["payments"].values() for item in parts.values()]
    return Counter(
        {
            PAID: sum(item["status"].upper() != "DELETED" for item in told),
            TAKEN_BACK: sum(item["status"].upper() == "DELETED" for item in told),
            HELD_FOR_MONEY: sum(job.reason == "has_payments" for job in scene.jobs.values()),
            MERGED: sum(bool(each["MergedToContactID"]) for each in scene.contacts.values()),
        }
    )


def _of_intents(
    intents: Iterable[IntentRow], writes: Mapping[str, Sequence[Arrival]]
) -> Counter[str]:
    counted: Counter[str] = Counter()
    for intent in intents:
        arrivals = writes.get(intent.call_key, ())
        was_heard = any(map(_is_heard, arrivals))
        counted[LOST_FOUND] += intent.state == "applied" and not was_heard
        counted[GIVEN_UP] += intent.state == "abandoned"
        counted[NOT_UNIQUE] += intent.was_not_unique
    return counted


def _is_heard(arrival: Arrival) -> bool:
    answer = arrival.answered
    return answer is not None and answer.status == HTTPStatus.OK and answer.drop is None


def _is_too_late(arrival: Arrival) -> bool:
    return arrival.answered is not None and arrival.answered.delay_s > _WAITED_S


def _is_lost_refresh(arrival: Arrival) -> bool:
    answer = arrival.answered
    if not arrival.is_refresh or answer is None:
        return False
    return answer.drop == "after_commit" or arrival.lives_until_s > 0
