"""What became of one element of a write, and what Xero's own words mean.

Called by the engine for every element of every call; `job.settle` turns an outcome into what the
queue does. Xero's texts are matched loosely, without case and trailing dot (facts §3.10).

| outcome | the queue | an attempt? |
|---|---|---|
| Applied, NothingToDo | done | |
| ElementRefused | failed: a person changes the document | |
| Held, NumberTaken | waiting, until a predicate is released | no |
| Deferred | later: nothing was sent | no |
| Transient | later, with backoff: surely not applied | yes |
| Uncertain | probing: nobody can say yet | no |
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from syncd.domain.ids import XeroContactId, XeroInvoiceId
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.job import Reason
from syncd.domain.model.value import Value


class Applied(Value, frozen=True, kw_only=True):
    """Xero did it. `live` is None where the answer or look did not carry the document."""

    xero_id: XeroInvoiceId | XeroContactId
    live: LiveInvoice | None = None


class NothingToDo(Value, frozen=True, kw_only=True):
    """Both sides already agree, or the document needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementRefused:
    """Xero, or preflight in its place, refuses the document; a person changes it."""

    messages: tuple[str, ...]
    reason: Reason = Reason.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """It waits for something outside the document."""

    reason: Reason
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberTaken:
    """Another document has the number; `text` names it, or says that Xero does not show it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """Nothing was sent: the allowance, or Xero, asks to wait. Costs no attempt.

    `reason` is shown where the wait is long.
    """

    retry_after_s: float
    why: str = ""
    reason: Reason = Reason.RATE_LIMITED


@dataclass(frozen=True, slots=True, kw_only=True)
class Transient:
    """Surely not applied, and likely to work later."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """It may or may not have been applied: time-out, 5xx, a dropped or garbled answer."""

    why: str


Outcome = (
    Applied | NothingToDo | ElementRefused | Held | NumberTaken | Deferred | Transient | Uncertain
)


class Meaning(StrEnum):
    """What a refusal of Xero's says, whatever its exact words."""

    NUMBER_NOT_UNIQUE = "number_not_unique"
    LOCKED_PERIOD = "locked_period"
    HAS_MONEY = "has_money"
    NOT_MODIFIABLE_STATUS = "not_modifiable_status"
    CONTACT_ARCHIVED = "contact_archived"
    CONTACT_NAME_TAKEN = "contact_name_taken"
    ACCOUNT_INVALID = "account_invalid"
    TAX_INVALID = "tax_invalid"
    CURRENCY_UNAVAILABLE = "currency_unavailable"
    NOT_FOUND = "not_found"
    APPROVAL_LIMIT = "approval_limit"
    OTHER = "other"


class Consequence(StrEnum):
    """What a meaning asks for."""

    LOOK = "look"
    """The world is not what we read: read again and decide anew."""
    HOLD = "hold"
    """Something outside the document is in the way."""
    FAIL = "fail"
    """The document must be changed by a person."""


# Most telling first: a refusal may carry several messages, and the first meaning found stands.
_CATALOGUE: tuple[tuple[Meaning, re.Pattern[str]], ...] = (
    (Meaning.NUMBER_NOT_UNIQUE, re.compile(r"invoice (#|number|no\.?) must be unique")),
    (Meaning.LOCKED_PERIOD, re.compile(r"(period|end of year) lock date|locked period")),
    (
        Meaning.HAS_MONEY,
        re.compile(
            r"(has|as it has) (a )?payments? or credit notes? allocated|"
            r"paid invoice line item|has payments? (or|and) credits?"
        ),
    ),
    (Meaning.CONTACT_NAME_TAKEN, re.compile(r"contact (name|number) .*(already assigned|unique)")),
    (
        Meaning.CONTACT_ARCHIVED,
        re.compile(r"archived contact|contact (is|has been|was) archived|contact .*\barchived"),
    ),
    (
        Meaning.NOT_MODIFIABLE_STATUS,
        re.compile(r"not of (a )?valid status for modification|status .* cannot be applied"),
    ),
    (
        Meaning.NOT_FOUND,
        re.compile(
            r"specified invoiceid could not be found|supplied id was not found|"
            r"resource you're looking for cannot be found|"
            r"existing (invoice|contact) .*could not be found"
        ),
    ),
    (Meaning.APPROVAL_LIMIT, re.compile(r"limit of invoices you can approve")),
    (
        Meaning.CURRENCY_UNAVAILABLE,
        re.compile(r"not subscribed to currency|currency .*not (valid|available)"),
    ),
    (Meaning.TAX_INVALID, re.compile(r"tax ?type|tax rate")),
    (Meaning.ACCOUNT_INVALID, re.compile(r"account code|account .*(archived|not a valid)")),
)

_REASONS: dict[Meaning, Reason] = {
    Meaning.NUMBER_NOT_UNIQUE: Reason.NUMBER_TAKEN,
    Meaning.LOCKED_PERIOD: Reason.LOCKED_PERIOD,
    Meaning.HAS_MONEY: Reason.HAS_PAYMENTS,
    Meaning.NOT_MODIFIABLE_STATUS: Reason.REFUSED,
    Meaning.CONTACT_ARCHIVED: Reason.CONTACT_ARCHIVED,
    Meaning.CONTACT_NAME_TAKEN: Reason.CONTACT_NAME_TAKEN,
    Meaning.ACCOUNT_INVALID: Reason.ACCOUNT_UNMAPPED,
    Meaning.TAX_INVALID: Reason.TAX_UNMAPPED,
    Meaning.CURRENCY_UNAVAILABLE: Reason.CURRENCY_UNAVAILABLE,
    Meaning.NOT_FOUND: Reason.GONE_IN_XERO,
    Meaning.APPROVAL_LIMIT: Reason.REFUSED,
    Meaning.OTHER: Reason.REFUSED,
}

_CONSEQUENCES: dict[Meaning, Consequence] = {
    Meaning.NUMBER_NOT_UNIQUE: Consequence.LOOK,
    Meaning.NOT_MODIFIABLE_STATUS: Consequence.LOOK,
    Meaning.NOT_FOUND: Consequence.LOOK,
    Meaning.LOCKED_PERIOD: Consequence.HOLD,
    Meaning.HAS_MONEY: Consequence.HOLD,
    Meaning.CONTACT_ARCHIVED: Consequence.HOLD,
    Meaning.CONTACT_NAME_TAKEN: Consequence.HOLD,
    Meaning.ACCOUNT_INVALID: Consequence.HOLD,
    Meaning.TAX_INVALID: Consequence.HOLD,
    Meaning.CURRENCY_UNAVAILABLE: Consequence.HOLD,
    Meaning.APPROVAL_LIMIT: Consequence.FAIL,
    Meaning.OTHER: Consequence.FAIL,
}


def meaning_of(messages: Sequence[str]) -> Meaning:
    """The most telling meaning among Xero's validation messages; OTHER for unknown words."""
    plain = tuple(_plain(message) for message in messages)
    for meaning, pattern in _CATALOGUE:
        if any(pattern.search(text) for text in plain):
            return meaning
    return Meaning.OTHER


def reason_of(meaning: Meaning) -> Reason:
    """The public reason code under which a refusal of this meaning is shown."""
    return _REASONS[meaning]


def consequence_of(meaning: Meaning) -> Consequence:
    """Whether to look again, to wait, or to give it to a person."""
    return _CONSEQUENCES[meaning]


def of_refusal(messages: tuple[str, ...]) -> ElementRefused | Held:
    """The outcome of a definite refusal that no further look changes."""
    meaning = meaning_of(messages)
    if consequence_of(meaning) is Consequence.HOLD:
        return Held(reason=reason_of(meaning), text=_in_words(messages))
    return ElementRefused(messages=messages, reason=reason_of(meaning))


def _in_words(messages: Sequence[str]) -> str:
    return f"Xero says: {'; '.join(messages) or 'nothing'}"


def _plain(message: str) -> str:
    """Lower case, single blanks, straight quotes, no trailing dot."""
    return " ".join(message.lower().replace("’", "'").split()).rstrip(". ")
