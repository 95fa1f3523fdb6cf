"""Who has the number an invoice wants, and what a person can do: in words, by the other's number.

Pure. Called where a number was refused. A wait for a number ends when its holder changes in Xero,
or lets it go by a write of ours (`rules.queue.holds`); those that swap theirs need a person, once
(docs/decisions/0019-swapped-numbers.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from syncd.domain.ids import PipelineInvoiceId, XeroInvoiceId
from syncd.domain.model.job import Reason
from syncd.domain.model.statuses import XeroStatus
from syncd.domain.model.value import Value
from syncd.domain.rules.queue.outcome import Held

_NOBODY: Mapping[str, str] = {}
_MOST_NAMED = 8
NOT_SHOWN = (
    "Xero says that another document has its number, but shows none that does. It is tried again "
    "by itself; if it stays so, change the number in Pipeline."
)


class LinkedInvoice(Value, frozen=True, kw_only=True):
    """The Pipeline invoice a holder is the document of; `number` is what it is called there now."""

    key: PipelineInvoiceId
    number: str


class Holder(Value, frozen=True, kw_only=True):
    """The document in Xero that has the number; `owner` None: it is not ours."""

    id: XeroInvoiceId
    status: XeroStatus
    owner: LinkedInvoice | None = None


def outcome(
    number: str,
    holder: Holder | None,
    *,
    own: str | None,
    wanted_by: Mapping[str, str] = _NOBODY,
) -> Held:
    """The wait of an invoice for `number`; `own` is what its own document in Xero carries yet.

    `wanted_by`: what other invoices are called in Pipeline, by their numbers in Xero (`plain`).
    """
    if holder is None:
        return Held(reason=Reason.NUMBER_TAKEN, text=NOT_SHOWN)
    others = () if own is None else _circle(number, own, wanted_by)
    text = _words(number, holder, own, others)
    return Held(reason=Reason.NUMBER_TAKEN, text=text, in_the_way=(holder.id,))


def _circle(number: str, own: str, wanted_by: Mapping[str, str]) -> tuple[str, ...]:
    """How Pipeline calls the others where numbers are handed round; the last wants `own`."""
    others: list[str] = []
    at = plain(number)
    while at in wanted_by and len(others) < len(wanted_by):
        others.append(wanted_by[at])
        at = plain(wanted_by[at])
        if at == plain(own):
            return tuple(others)
    return ()


def _words(number: str, holder: Holder, own: str | None, others: tuple[str, ...]) -> str:
    owner = holder.owner
    if owner is None:
        what = _GONE.get(holder.status, "a document that is not ours")
        may_be_its_own = own is None and not holder.status.is_gone
        adopts = "; a plan adopts it where both are one invoice" if may_be_its_own else ""
        return (
            f"Its number {number} is held in Xero by {what} ({holder.id}). Change the number of "
            f"one of the two, in Pipeline or in Xero{adopts}."
        )
    if _same(owner.number, number):
        return (
            f"Its number {number} is held in Xero by another invoice of Pipeline's with the same "
            f"number ({owner.key}). Change the number of one of them in Pipeline."
        )
    if holder.status.is_gone:
        return (
            f"Its number {number} is held in Xero by {_GONE[holder.status]} of Pipeline's invoice "
            f"{owner.number} ({holder.id}): Xero gives no such number free. Change the number in "
            "Pipeline."
        )
    if own is not None and _same(owner.number, own):
        return (
            f"It and Pipeline's invoice {owner.number} swap their numbers, and Xero still has each "
            "under the other's. Give one of them a third number in Pipeline; the other then goes "
            "by itself, and the first may have its own number again."
        )
    if others:
        more = len(others) - _MOST_NAMED
        named = ", ".join(others[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        return (
            f"It and Pipeline's invoices {named} hand on their numbers in a circle, and Xero still "
            "has each under another's. Give one of them a number that none of them has in "
            "Pipeline; the others then go by themselves, and that one may have its own again."
        )
    return (
        f"Its number {number} is still held in Xero by Pipeline's invoice {owner.number} "
        f"({holder.id}). It goes by itself once that one has its own number there."
    )


def plain(number: str) -> str:
    """A number as people compare it."""
    return number.strip().casefold()


_GONE = {
    XeroStatus.VOIDED: "a voided document",
    XeroStatus.DELETED: "a deleted document",
}


def _same(left: str, right: str) -> bool:
    return plain(left) == plain(right)
