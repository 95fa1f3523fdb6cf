"""What releases a hold: every reason code has at least one predicate, stored as a short text.

Called by the engine when a job is held, when something happened that may release it, and by the
clock every `recheck_s`. A predicate has a *topic*, which the store matches by equality when its
event comes, and some a *threshold*, compared when the job is looked at again:

    contact_linked:9f3c…           released when that customer is linked
    settings_read@2026-11-22T…     released when settings newer than that were read

A release only makes the job ready: what to do is then read from the world. A new version in
Pipeline releases always.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from syncd.domain.ids import PipelineCustomerId, XeroInvoiceId
from syncd.domain.model.job import Reason
from syncd.domain.model.predicate import (
    After,
    BothSidesAgree,
    BrakeReleased,
    BreakerClosed,
    ContactLinked,
    ContactUsable,
    GateOpen,
    MappingChanged,
    ModeLive,
    MoneyGone,
    NotPaused,
    NumberFree,
    PersonActs,
    PipelineVersionAbove,
    Predicate,
    SettingsReadAfter,
)
from syncd.domain.model.settings import Mode
from syncd.domain.model.value import Value


class HoldContext(Value, frozen=True, kw_only=True):
    """What is known when a job is held, from which its predicates are made."""

    now: datetime
    version: int
    customer: PipelineCustomerId
    number: str = ""
    mapping: str = ""
    """Fingerprint of the tenant's mapping."""
    invoice: XeroInvoiceId | None = None
    until: datetime | None = None
    """When the allowance has room again, where that is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """How the world stands for one held job."""

    now: datetime
    version: int
    is_contact_linked: bool
    is_contact_usable: bool
    mapping: str
    settings_read_at: datetime | None
    has_money: bool
    is_number_free: bool
    sides_agree: bool
    mode: Mode
    is_paused: bool
    is_gate_open: bool
    is_breaker_closed: bool
    is_brake_released: bool
    has_person_acted: bool


_Releaser = Callable[[HoldContext], Predicate | None]


def _linked(context: HoldContext) -> Predicate:
    return ContactLinked(customer=context.customer)


def _usable(context: HoldContext) -> Predicate:
    return ContactUsable(customer=context.customer)


def _mapped(context: HoldContext) -> Predicate:
    return MappingChanged(fingerprint=context.mapping)


def _settings(context: HoldContext) -> Predicate:
    return SettingsReadAfter(at=context.now)


def _agreed(context: HoldContext) -> Predicate | None:
    return None if context.invoice is None else BothSidesAgree(invoice=context.invoice)


def _money(context: HoldContext) -> Predicate | None:
    return None if context.invoice is None else MoneyGone(invoice=context.invoice)


_RELEASERS: dict[Reason | None, tuple[_Releaser, ...]] = {
    None: (_agreed, _usable),
    Reason.OBSERVING: (lambda _: ModeLive(),),
    Reason.PAUSED: (lambda _: NotPaused(),),
    Reason.NOT_CONNECTED: (lambda _: GateOpen(),),
    Reason.TOKEN_EXPIRED: (lambda _: GateOpen(),),
    Reason.CONTACT_UNMAPPED: (_linked,),
    Reason.CONTACT_ARCHIVED: (_usable, _linked),
    Reason.CONTACT_NAME_TAKEN: (_linked,),
    Reason.ACCOUNT_UNMAPPED: (_mapped, _settings),
    Reason.TAX_UNMAPPED: (_mapped, _settings),
    Reason.CURRENCY_UNAVAILABLE: (_settings,),
    Reason.LOCKED_PERIOD: (_settings,),
    Reason.NUMBER_TAKEN: (lambda context: NumberFree(number=context.number),),
    Reason.TOTALS_MISMATCH: (_mapped, _settings),
    Reason.HAS_PAYMENTS: (_money,),
    Reason.INVALID_DOCUMENT: (),
    Reason.STATUS_REGRESSION: (_agreed,),
    Reason.GONE_IN_XERO: (_agreed,),
    Reason.RATE_LIMITED: (lambda context: After(at=context.until or context.now),),
    Reason.BREAKER_OPEN: (lambda _: BreakerClosed(),),
    Reason.BRAKE_HALTED: (lambda _: BrakeReleased(),),
    Reason.REFUSED: (),
}
"""What is out of sync may be so for a contact that was merged, until the merge is followed.

Beside these, a new version in Pipeline and a person's hand release every one."""


def predicates_for(reason: Reason | None, context: HoldContext) -> tuple[Predicate, ...]:
    """What releases a hold of this reason; None is out of sync. Never empty."""
    own = (releaser(context) for releaser in _RELEASERS[reason])
    return (
        *(predicate for predicate in own if predicate is not None),
        PipelineVersionAbove(version=context.version),
        PersonActs(),
    )


_SWITCHES: dict[type[Predicate], Callable[[ReleaseFacts], bool]] = {
    ContactLinked: lambda facts: facts.is_contact_linked,
    ContactUsable: lambda facts: facts.is_contact_usable,
    MoneyGone: lambda facts: not facts.has_money,
    NumberFree: lambda facts: facts.is_number_free,
    BothSidesAgree: lambda facts: facts.sides_agree,
    ModeLive: lambda facts: facts.mode is Mode.LIVE,
    NotPaused: lambda facts: not facts.is_paused,
    GateOpen: lambda facts: facts.is_gate_open,
    BreakerClosed: lambda facts: facts.is_breaker_closed,
    BrakeReleased: lambda facts: facts.is_brake_released,
    PersonActs: lambda facts: facts.has_person_acted,
}


def is_released(predicate: Predicate, facts: ReleaseFacts) -> bool:
    """Whether the world is now as `predicate` asks."""
    match predicate:
        case MappingChanged():
            return facts.mapping != predicate.fingerprint
        case SettingsReadAfter():
            return facts.settings_read_at is not None and facts.settings_read_at > predicate.at
        case PipelineVersionAbove():
            return facts.version > predicate.version
        case After():
            return facts.now >= predicate.at
        case _:
            return _SWITCHES[type(predicate)](facts)


_BUILDERS: dict[str, tuple[type[Predicate], Callable[[str], Predicate]]] = {
    "contact_linked": (ContactLinked, lambda to: ContactLinked(customer=PipelineCustomerId(to))),
    "contact_usable": (ContactUsable, lambda to: ContactUsable(customer=PipelineCustomerId(to))),
    "mapping_changed": (MappingChanged, lambda to: MappingChanged(fingerprint=to)),
    "settings_read": (
        SettingsReadAfter,
        lambda to: SettingsReadAfter(at=datetime.fromisoformat(to)),
    ),
    "money_gone": (MoneyGone, lambda to: MoneyGone(invoice=XeroInvoiceId(to))),
    "number_free": (NumberFree, lambda to: NumberFree(number=to)),
    "pipeline_version": (PipelineVersionAbove, lambda to: PipelineVersionAbove(version=int(to))),
    "sides_agree": (BothSidesAgree, lambda to: BothSidesAgree(invoice=XeroInvoiceId(to))),
    "after": (After, lambda to: After(at=datetime.fromisoformat(to))),
    "mode_live": (ModeLive, lambda _: ModeLive()),
    "not_paused": (NotPaused, lambda _: NotPaused()),
    "gate_open": (GateOpen, lambda _: GateOpen()),
    "breaker_closed": (BreakerClosed, lambda _: BreakerClosed()),
    "brake_released": (BrakeReleased, lambda _: BrakeReleased()),
    "person_acts": (PersonActs, lambda _: PersonActs()),
}
_WORDS = {kind: word for word, (kind, _) in _BUILDERS.items()}


def topic(predicate: Predicate) -> str:
    """The text its event is matched by: the kind, and whom it is about. Equal topics, one event."""
    word = _WORDS[type(predicate)]
    match predicate:
        case ContactLinked() | ContactUsable():
            return f"{word}:{predicate.customer}"
        case MoneyGone() | BothSidesAgree():
            return f"{word}:{predicate.invoice}"
        case NumberFree():
            return f"{word}:{predicate.number}"
        case _:
            return word


def encode(predicate: Predicate) -> str:
    """The stored text: the topic, and after `@` the threshold of those that have one."""
    match predicate:
        case SettingsReadAfter() | After():
            return f"{topic(predicate)}@{predicate.at.isoformat()}"
        case MappingChanged():
            return f"{topic(predicate)}@{predicate.fingerprint}"
        case PipelineVersionAbove():
            return f"{topic(predicate)}@{predicate.version}"
        case _:
            return topic(predicate)


def decode(text: str) -> Predicate:
    """The predicate that `encode` wrote. Raises ValueError for a text it never wrote."""
    word = re.split("[:@]", text, maxsplit=1)[0]
    if word not in _BUILDERS:
        raise ValueError(f"expected a stored predicate of a known kind, got {text!r}")
    _, build = _BUILDERS[word]
    return build(text[len(word) + 1 :])
