"""What became of one element of a write, and what Xero's own words mean.

Called by the engine for every element of every call; `job.settle` turns an outcome into what the
queue does. Xero's texts are matched loosely, without case and trailing dot (facts §3.10).

| outcome | the queue | an attempt? |
|---|---|---|
| Applied, NothingToDo | done | |
| ElementRefused | failed: a person changes the document | |
| Held | waiting, until a predicate is released, or the clock | no |
| OutOfSync | waiting, for a person's decision, or both sides to agree | no |
| Deferred | later: nothing was sent | no |
| Transient | later, with backoff: surely not applied | yes |
| Uncertain, LookAt | probing: nobody can say yet | no |
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from syncd.domain.model.job import Reason
from syncd.domain.model.value import Value


class Applied(Value, frozen=True, kw_only=True):
    """Xero did it."""


class NothingToDo(Value, frozen=True, kw_only=True):
    """Both sides already agree, or the document needs none."""


class ElementRefused(Value, frozen=True, kw_only=True):
    """Xero, or preflight in its place, refuses the document; a person changes it."""

    messages: tuple[str, ...]
    reason: Reason = Reason.REFUSED


class Held(Value, frozen=True, kw_only=True):
    """It waits for something outside the document.

    `in_the_way` are ids in Xero: contacts or documents whose next change may end the wait.
    """

    reason: Reason
    text: str
    in_the_way: tuple[str, ...] = ()


class OutOfSync(Value, frozen=True, kw_only=True):
    """The two sides differ, and a person decides; `reason` where one code says why."""

    text: str
    reason: Reason | None = None


class Deferred(Value, frozen=True, kw_only=True):
    """Nothing was sent: the allowance, or Xero, asks to wait. Costs no attempt.

    `reason` is shown where the wait is long.
    """

    retry_after_s: float
    why: str = ""
    reason: Reason = Reason.RATE_LIMITED


class Transient(Value, frozen=True, kw_only=True):
    """Surely not applied, and likely to work later."""

    why: str


class Uncertain(Value, frozen=True, kw_only=True):
    """It may or may not have been applied: time-out, 5xx, a dropped or garbled answer."""

    why: str


class LookAt(Value, frozen=True, kw_only=True):
    """It is not known still; the protocol of uncertain writes has said when to look next."""

    at: datetime
    why: str


Outcome = (
    Applied
    | NothingToDo
    | ElementRefused
    | Held
    | OutOfSync
    | Deferred
    | Transient
    | Uncertain
    | LookAt
)


class Meaning(StrEnum):
    """What a refusal of Xero's says, whatever its exact words."""

    NUMBER_NOT_UNIQUE = "number_not_unique"
    LOCKED_PERIOD = "locked_period"
    HAS_MONEY = "has_money"
    NOT_MODIFIABLE_STATUS = "not_modifiable_status"
    """It is not as it was read: another status, or without a line that was written."""
    CONTACT_ARCHIVED = "contact_archived"
    CONTACT_NAME_TAKEN = "contact_name_taken"
    CONTACT_NUMBER_TAKEN = "contact_number_taken"
    """Its Contact Number or Account Number is another contact's, an archived one's perhaps."""
    ACCOUNT_INVALID = "account_invalid"
    TAX_INVALID = "tax_invalid"
    TRACKING_INVALID = "tracking_invalid"
    CURRENCY_UNAVAILABLE = "currency_unavailable"
    EMAIL_INVALID = "email_invalid"
    """On an invoice it is the address of its contact in Xero; on a contact the customer's own."""
    URL_INVALID = "url_invalid"
    """Our own link on it, which the configuration makes."""
    CONTACT_NOT_FOUND = "contact_not_found"
    NOT_FOUND = "not_found"
    APPROVAL_LIMIT = "approval_limit"
    ORGANISATION_BLOCKED = "organisation_blocked"
    """Its subscription has ended, or it takes no writes for another reason of its own."""
    CALL_REFUSED = "call_refused"
    """The call as a whole, for a cause that names nothing of the document."""
    CONTENT = "content"
    """The document itself cannot be so."""
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
    (
        Meaning.APPROVAL_LIMIT,
        re.compile(r"(reached|exceeded) (the|your) limit of (invoices|bills|transactions)"),
    ),
    (
        Meaning.ORGANISATION_BLOCKED,
        re.compile(
            r"subscription .*(expired|suspended|ended|cancell?ed|inactive|not active)|"
            r"organisation .*(suspended|expired|not active|inactive|offline|demo company has)|"
            r"trial .*(ended|expired)"
        ),
    ),
    (Meaning.LOCKED_PERIOD, re.compile(r"(period|end of year) lock date|locked period")),
    (
        Meaning.HAS_MONEY,
        re.compile(
            r"(has|as it has) (a )?payments? or credit notes? allocated|"
            r"paid invoice line item|has payments? (or|and) credits?"
        ),
    ),
    (
        Meaning.CONTACT_NUMBER_TAKEN,
        re.compile(
            r"(contact|account) number .*(already (assigned|exists)|in use|unique)|"
            r"another contact has this contact number|different (contact|account) number"
        ),
    ),
    (
        Meaning.CONTACT_NAME_TAKEN,
        re.compile(r"contact name .*(already (assigned|exists)|unique)|different contact name"),
    ),
    (
        Meaning.CONTACT_ARCHIVED,
        re.compile(
            r"archived contact|contact (is|has been|was) archived|contact .*\barchived|"
            r"contact must be un-?archived"
        ),
    ),
    (
        Meaning.NOT_MODIFIABLE_STATUS,
        re.compile(
            r"not of (a )?valid status for modification|status .* cannot be applied|"
            r"lineitemid .*(does not belong|not found|could not be found)"
        ),
    ),
    (
        Meaning.CONTACT_NOT_FOUND,
        re.compile(r"specified contactid could not be found|existing contact .*could not be found"),
    ),
    (
        Meaning.NOT_FOUND,
        re.compile(
            r"specified invoiceid could not be found|supplied id was not found|"
            r"resource you're looking for cannot be found|existing invoice .*could not be found"
        ),
    ),
    (
        Meaning.CURRENCY_UNAVAILABLE,
        re.compile(r"not subscribed to currency|currency .*not (valid|available)"),
    ),
    (Meaning.TAX_INVALID, re.compile(r"tax ?type|tax rate")),
    (
        Meaning.ACCOUNT_INVALID,
        re.compile(r"account code|account .*(archived|deleted|not a valid)|valid account"),
    ),
    (Meaning.TRACKING_INVALID, re.compile(r"tracking (category|option)|trackingoption")),
    (Meaning.EMAIL_INVALID, re.compile(r"email address must be valid")),
    (Meaning.URL_INVALID, re.compile(r"url must be a valid|url .*not (contain|valid)")),
    (
        Meaning.CONTENT,
        re.compile(
            r"not of (a )?valid status for creation|line items? must be specified|"
            r"duedate field must be specified|description field is mandatory|"
            r"does not match the expected line total|quantity value .* is invalid|"
            r"item code .* is not valid|discount|contact must (be specified|contain)|"
            r"name must be specified|must be at (least|most)|longer than|exceeds|"
            r"no data has been processed|could not be read|error converting value"
        ),
    ),
)
"""Facts §3.2, §3.3, §3.7, §3.10, §4, §7; every text: `tests/domain/rules/queue/test_outcome.py`."""

_ENDS: dict[Meaning, tuple[Consequence, Reason]] = {
    Meaning.NUMBER_NOT_UNIQUE: (Consequence.LOOK, Reason.NUMBER_TAKEN),
    Meaning.NOT_MODIFIABLE_STATUS: (Consequence.LOOK, Reason.REFUSED),
    Meaning.NOT_FOUND: (Consequence.LOOK, Reason.GONE_IN_XERO),
    Meaning.CONTACT_NOT_FOUND: (Consequence.HOLD, Reason.CONTACT_UNMAPPED),
    Meaning.LOCKED_PERIOD: (Consequence.HOLD, Reason.LOCKED_PERIOD),
    Meaning.HAS_MONEY: (Consequence.HOLD, Reason.HAS_PAYMENTS),
    Meaning.CONTACT_ARCHIVED: (Consequence.HOLD, Reason.CONTACT_ARCHIVED),
    Meaning.CONTACT_NAME_TAKEN: (Consequence.HOLD, Reason.CONTACT_NAME_TAKEN),
    Meaning.CONTACT_NUMBER_TAKEN: (Consequence.HOLD, Reason.CONTACT_NAME_TAKEN),
    Meaning.ACCOUNT_INVALID: (Consequence.HOLD, Reason.ACCOUNT_UNMAPPED),
    Meaning.TAX_INVALID: (Consequence.HOLD, Reason.TAX_UNMAPPED),
    Meaning.TRACKING_INVALID: (Consequence.HOLD, Reason.REFUSED),
    Meaning.CURRENCY_UNAVAILABLE: (Consequence.HOLD, Reason.CURRENCY_UNAVAILABLE),
    Meaning.EMAIL_INVALID: (Consequence.HOLD, Reason.REFUSED),
    Meaning.URL_INVALID: (Consequence.HOLD, Reason.REFUSED),
    Meaning.APPROVAL_LIMIT: (Consequence.HOLD, Reason.REFUSED),
    Meaning.ORGANISATION_BLOCKED: (Consequence.HOLD, Reason.REFUSED),
    Meaning.CALL_REFUSED: (Consequence.HOLD, Reason.REFUSED),
    Meaning.CONTENT: (Consequence.FAIL, Reason.REFUSED),
    Meaning.OTHER: (Consequence.FAIL, Reason.REFUSED),
}

BARE = "Xero says:"
"""How a reason begins that is in Xero's words."""
TRIED = "It is tried again by itself, within the hour."
"""How one ends that says a remedy too."""
_REMEDIES: dict[Meaning, str] = {
    Meaning.APPROVAL_LIMIT: (
        "The organisation's plan takes no more approved invoices this month: change the plan in "
        "Xero, or wait for the next month."
    ),
    Meaning.ORGANISATION_BLOCKED: "Put the organisation's subscription in order in Xero.",
    Meaning.TRACKING_INVALID: (
        "Add the tracking category or option in Xero, or change it on the line in Pipeline."
    ),
    Meaning.EMAIL_INVALID: "Correct the e-mail address of the invoice's contact in Xero.",
    Meaning.CALL_REFUSED: "Nothing of the document itself is named.",
    Meaning.CONTACT_NOT_FOUND: (
        "The customer's contact is looked for anew; if Xero has it no more, link the customer to "
        "one that it has."
    ),
    Meaning.URL_INVALID: "Correct invoice_url in syncd's configuration.",
}
"""What a person can do where the reason code alone does not say it."""


def meaning_of(messages: Sequence[str]) -> Meaning:
    """The most telling meaning among Xero's validation messages; OTHER for unknown words."""
    plain = tuple(_plain(message) for message in messages)
    for meaning, pattern in _CATALOGUE:
        if any(pattern.search(text) for text in plain):
            return meaning
    return Meaning.OTHER


def reason_of(meaning: Meaning) -> Reason:
    """The public reason code under which a refusal of this meaning is shown."""
    return _ENDS[meaning][1]


def consequence_of(meaning: Meaning) -> Consequence:
    """Whether to look again, to wait, or to give it to a person."""
    return _ENDS[meaning][0]


def of_refusal(
    messages: tuple[str, ...], *, of_contact: bool = False, is_whole: bool = False
) -> ElementRefused | Held:
    """The outcome of a definite refusal that no further look changes.

    `of_contact`: of a customer's own contact, whose e-mail address is the customer's. `is_whole`:
    Xero refused the call as a whole and named nothing of the document, so words we do not know
    are not the document's fault.
    """
    meaning = meaning_of(messages)
    if is_whole and meaning is Meaning.OTHER:
        meaning = Meaning.CALL_REFUSED
    if of_contact and meaning is Meaning.NOT_FOUND:
        meaning = Meaning.CONTACT_NOT_FOUND
    is_own = of_contact and meaning is Meaning.EMAIL_INVALID
    if consequence_of(meaning) is Consequence.HOLD and not is_own:
        return Held(reason=reason_of(meaning), text=_in_words(messages, meaning))
    return ElementRefused(messages=messages, reason=reason_of(meaning))


def _in_words(messages: Sequence[str], meaning: Meaning) -> str:
    quoted_words = f"{BARE} {'; '.join(messages) or 'nothing'}"
    remedy = _REMEDIES.get(meaning)
    if remedy is None:
        return quoted_words
    return f"{quoted_words.rstrip('. ')}. {remedy} {TRIED}"


def _plain(message: str) -> str:
    """Lower case, single blanks, straight quotes, no trailing dot."""
    return " ".join(message.lower().replace("’", "'").split()).rstrip(". ")
