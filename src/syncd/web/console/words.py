"""Every state, reason, finding, verdict and role in the words, tone and icon of the console.

Pure, and complete: a test asks for each member of each closed set. Statuses and buttons are those
of the product and the interface, letter for letter. Five tones say who acts: nobody (`good`),
syncd (`moving`), a person (`person`), a person now (`stop`), and what is over (`off`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from syncd.domain.model.brake import BrakeKind, BrakeStep
from syncd.domain.model.control_totals import Dimension
from syncd.domain.model.finding import FindingKind
from syncd.domain.model.inbox import NoticeOutcome
from syncd.domain.model.invoice import MoneyKind
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.planned import PlanAction
from syncd.domain.model.replica import ReplicaStanding, ReplicaState
from syncd.domain.model.settings import Mode
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant.connection import ConnectionState
from syncd.domain.rules.tenant.verdict import TenantVerdictKind
from syncd.engine.plans.outcomes import PlanOutcome
from syncd.web.report import words as report_words

GOOD, MOVING, PERSON, STOP, OFF = "good", "moving", "person", "stop", "off"


class Look(Value, frozen=True, kw_only=True):
    """How a word is shown: `icon` names a shape of the sprite, told apart without colour."""

    word: str
    tone: str
    icon: str


_STATES = {
    PublicState.SYNCED: Look(word="synced", tone=GOOD, icon="check"),
    PublicState.PENDING: Look(word="pending", tone=MOVING, icon="clock"),
    PublicState.UNCERTAIN: Look(word="uncertain", tone=MOVING, icon="question"),
    PublicState.WAITING: Look(word="waiting", tone=PERSON, icon="bars"),
    PublicState.OUT_OF_SYNC: Look(word="out of sync", tone=STOP, icon="unequal"),
    PublicState.FAILED: Look(word="failed", tone=STOP, icon="cross"),
    PublicState.VOIDED: Look(word="voided", tone=OFF, icon="slash"),
}
STATES = tuple(_STATES)
"""In the order in which they are shown."""
_CONNECTIONS = {
    ConnectionState.CONNECTED: Look(word="Connected", tone=GOOD, icon="check"),
    ConnectionState.TOKEN_EXPIRED: Look(word="TOKEN_EXPIRED", tone=STOP, icon="cross"),
    ConnectionState.NOT_CONNECTED: Look(word="Not Connected", tone=OFF, icon="slash"),
}
_MONEY = {
    MoneyKind.PAYMENT: "Payment",
    MoneyKind.CREDIT_NOTE: "Credit note",
    MoneyKind.OVERPAYMENT: "Overpayment",
    MoneyKind.PREPAYMENT: "Prepayment",
}
_MODES = {
    Mode.OBSERVE: Look(word="observe", tone=OFF, icon="slash"),
    Mode.LIVE: Look(word="live", tone=MOVING, icon="clock"),
}
_BY_THEMSELVES = (Reason.RATE_LIMITED, Reason.BREAKER_OPEN)
"""Waiting of these kinds ends without a person."""
_MOVED = {
    "moved_by:pipeline": "Modified in Pipeline",
    "moved_by:xero": "Modified in Xero",
    "moved_by:both": "Modified in both books",
}
_FINDINGS = {
    FindingKind.MISSING: Look(word="missing", tone=STOP, icon="unequal"),
    FindingKind.EXTRA: Look(word="extra", tone=PERSON, icon="question"),
    FindingKind.DIFFERING: Look(word="differing", tone=STOP, icon="unequal"),
    FindingKind.PAID_UNPAID_MISMATCH: Look(
        word="paid and unpaid differ", tone=MOVING, icon="clock"
    ),
    FindingKind.DUPLICATE_SUSPECTED: Look(word="duplicate suspected", tone=PERSON, icon="question"),
    FindingKind.STRANGER: Look(word="stranger", tone=PERSON, icon="question"),
    FindingKind.UNLINKED_CONTACT: Look(word="unlinked contact", tone=PERSON, icon="bars"),
    FindingKind.CONTACTS_MERGED: Look(word="contacts merged", tone=PERSON, icon="bars"),
    FindingKind.CONTACT_KEPT: Look(word="contact kept", tone=OFF, icon="slash"),
    FindingKind.CONTACT_ALTERED: Look(word="contact altered", tone=PERSON, icon="unequal"),
    FindingKind.MISSED_WEBHOOK: Look(word="missed webhook", tone=PERSON, icon="alert"),
    FindingKind.UNREADABLE_IN_PIPELINE: Look(
        word="unreadable in Pipeline", tone=PERSON, icon="alert"
    ),
    FindingKind.UNREADABLE_FEED: Look(word="unreadable feed", tone=PERSON, icon="alert"),
    FindingKind.UNREADABLE_IN_XERO: Look(word="unreadable in Xero", tone=PERSON, icon="alert"),
    FindingKind.RESULT_REFUSED: Look(word="refused by Pipeline", tone=PERSON, icon="alert"),
}
_BRAKES = {
    BrakeKind.XERO_EMPTIED: "Xero suddenly knows most documents no more",
    BrakeKind.PIPELINE_EMPTIED: "Pipeline suddenly withdraws most documents",
    BrakeKind.VOIDS: "More documents would be voided than the limit allows",
    BrakeKind.MONEY: "More money would move than the limit allows",
}
_BRAKE_STEPS = {
    BrakeStep.UPDATE: "updated",
    BrakeStep.VOID: "voided",
    BrakeStep.DELETE: "deleted",
    BrakeStep.ABSENT: "believed gone: Xero does not show it",
}
_NOTICES = {
    NoticeOutcome.FETCHED: "read",
    NoticeOutcome.ECHO: "our own write",
    NoticeOutcome.COVERED: "seen already by a later read",
    NoticeOutcome.NOT_OURS: "not ours: a bill, or made in Xero",
    NoticeOutcome.EXPLAINED: "money, told of by its invoice",
    NoticeOutcome.RESOLVED: "money, its invoices found",
    NoticeOutcome.PURCHASE: "money on the buying side",
    NoticeOutcome.CONTACT: "a contact of ours is looked at",
    NoticeOutcome.UNSEEN: "not shown by Xero yet; a sweep takes it",
    NoticeOutcome.FAILED: "could not be worked with, as the log says; a sweep takes it",
    NoticeOutcome.UNKNOWN_CATEGORY: "nothing we know",
    NoticeOutcome.UNKNOWN_ORGANISATION: "of an organisation we do not know",
    NoticeOutcome.WOKE: "the feed was read",
}
_REPLICAS = {
    ReplicaState.WORKS: Look(word="works", tone=GOOD, icon="check"),
    ReplicaState.STANDS_BY: Look(word="stands by", tone=MOVING, icon="clock"),
    ReplicaState.GONE: Look(word="gone", tone=STOP, icon="cross"),
}
_VERDICTS = {
    TenantVerdictKind.UNUSABLE: Look(word="Not working.", tone=STOP, icon="cross"),
    TenantVerdictKind.HALTED: Look(word="Halted.", tone=STOP, icon="cross"),
    TenantVerdictKind.TOKEN_EXPIRED: Look(word="Not working.", tone=STOP, icon="cross"),
    TenantVerdictKind.NOT_CONNECTED: Look(word="Not connected.", tone=OFF, icon="slash"),
    TenantVerdictKind.PAUSED: Look(word="Paused.", tone=PERSON, icon="bars"),
    TenantVerdictKind.RESTORING: Look(word="Looking.", tone=MOVING, icon="clock"),
    TenantVerdictKind.WARNED: Look(word="Working, but not for long.", tone=PERSON, icon="alert"),
    TenantVerdictKind.FAILING: Look(word="Something fails.", tone=PERSON, icon="alert"),
    TenantVerdictKind.STANDS_STILL: Look(word="Work waits.", tone=MOVING, icon="clock"),
    TenantVerdictKind.NEEDS_PERSON: Look(word="Working.", tone=PERSON, icon="bars"),
    TenantVerdictKind.OBSERVES: Look(word="Observes.", tone=OFF, icon="slash"),
    TenantVerdictKind.WORKING: Look(word="Working.", tone=GOOD, icon="check"),
}
_PLAN_ACTIONS = {
    PlanAction.LINK: Look(word="link", tone=GOOD, icon="check"),
    PlanAction.ADOPT: Look(word="adopt", tone=GOOD, icon="check"),
    PlanAction.ADOPT_DIFFERING: Look(word="adopt, out of sync", tone=STOP, icon="unequal"),
    PlanAction.CREATE: Look(word="create", tone=MOVING, icon="plus"),
    PlanAction.UPDATE: Look(word="update", tone=MOVING, icon="pencil"),
    PlanAction.VOID: Look(word="withdraw", tone=OFF, icon="slash"),
    PlanAction.AMBIGUOUS: Look(word="choose", tone=PERSON, icon="question"),
    PlanAction.HOLD: Look(word="held", tone=PERSON, icon="bars"),
    PlanAction.LEAVE: Look(word="left as it is", tone=OFF, icon="minus"),
}
_PLAN_OUTCOMES = {
    PlanOutcome.APPLIED: Look(word="done", tone=GOOD, icon="check"),
    PlanOutcome.ALREADY: Look(word="was so already", tone=OFF, icon="minus"),
    PlanOutcome.REFUSED: Look(word="refused", tone=PERSON, icon="alert"),
}
_DIMENSIONS = {
    Dimension.CURRENCY: "currency",
    Dimension.STATUS: "status",
    Dimension.MONTH: "month",
    Dimension.TAX: "tax type",
    Dimension.ACCOUNT: "account",
    Dimension.CUSTOMER: "customer",
}
ROLES = {
    "Super User": "connects, pauses, links, applies and releases",
    "Admin": "decides for a side, looks again, creates contacts, reads both books",
    "Office": "sees everything but the settings",
}


# Called alike in print and in the terminal.
cause, reason = report_words.cause, report_words.reason
in_words, plain = report_words.in_words, report_words.plain
without_commands = report_words.without_commands


def state(of: PublicState, reason: Reason | None = None) -> Look:
    """An invoice's or contact's state; what waits for a limit alone wants nobody."""
    found = _STATES[of]
    if of is PublicState.WAITING and reason in _BY_THEMSELVES:
        return Look(word=found.word, tone=MOVING, icon=found.icon)
    return found


def moved(cause: str | None) -> str:
    """Who moved an invoice that is out of sync, by its cause as it is stored."""
    return _MOVED.get(cause or "", "Differs between both books")


def connection(of: ConnectionState) -> Look:
    """A connection in the product's words."""
    return _CONNECTIONS[of]


def mode(of: Mode) -> Look:
    """Observe, or live."""
    return _MODES[of]


def money(of: MoneyKind) -> str:
    """What settles an invoice, or part of it."""
    return _MONEY[of]


def finding(of: FindingKind) -> Look:
    """A kind of finding."""
    return _FINDINGS[of]


def replica(of: ReplicaState) -> Look:
    """How a replica stands."""
    return _REPLICAS[of]


def site(replicas: Sequence[ReplicaStanding]) -> str:
    """Every replica in a line: `alpha works, beta stands by`."""
    return ", ".join(
        f"{one.name} {'is ' * one.is_gone}{replica(one.state).word}" for one in replicas
    )


def brake(of: BrakeKind) -> str:
    """Why a brake halts."""
    return _BRAKES[of]


def brake_step(of: BrakeStep) -> str:
    """What would be done to a document that a brake holds."""
    return _BRAKE_STEPS[of]


def plan_action(of: PlanAction) -> Look:
    """What follows for an item of a plan."""
    return _PLAN_ACTIONS[of]


def plan_outcome(of: PlanOutcome) -> Look:
    """What became of an item of a plan."""
    return _PLAN_OUTCOMES[of]


def dimension(of: Dimension) -> str:
    """What documents are grouped by."""
    return _DIMENSIONS[of]


def notice(of: str | None) -> str:
    """What became of a webhook's notice; `new` and None have work left."""
    return _NOTICES[NoticeOutcome(of)] if of and of != "new" else "not worked through yet"


def verdict(of: TenantVerdictKind) -> Look:
    """How a tenant stands: the word its sentence begins with."""
    return _VERDICTS[of]


def counted(count: int, one: str, many: str) -> str:
    """`1 invoice`, `20 invoices`."""
    return f"{count:,} {one if count == 1 else many}"


def number(count: int) -> str:
    """A small number as a sentence begins with it: `Two`; figures from ten on."""
    small = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return small[count] if 0 <= count < len(small) else f"{count:,}"


def lasting(seconds: float) -> str:
    """`14 minutes`, for a sentence; up to half again as much stays in the smaller unit."""
    for size, one in ((3600, "hour"), (60, "minute")):
        if seconds >= 1.5 * size:
            return counted(round(seconds / size), one, f"{one}s")
    return counted(max(1, round(seconds)), "second", "seconds")


def first_sentence(text: str) -> str:
    """What stands before the first full stop that ends a sentence."""
    return re.split(r"(?<=[.!?])\s+", text, maxsplit=1)[0]
