"""Why an invoice's customer has no contact it may be invoiced to: its own trouble, in words.

Pure. Called where invoices are loaded; what the customer waits for is what the invoice waits for,
so that nobody is sent to mend something else.
"""

from __future__ import annotations

from syncd.domain.model.job import JobState, Reason
from syncd.domain.model.objection import Objection
from syncd.domain.model.value import Value

UNMAPPED = "has no valid Xero contact mapping yet"
AFTERWARDS = "The invoice then goes by itself."
_SHARED = (Reason.CONTACT_NAME_TAKEN, Reason.CONTACT_ARCHIVED)
"""Reasons of a customer that are an invoice's own as well; all others are a missing mapping."""


class CustomerStatus(Value, frozen=True, kw_only=True):
    """How a customer's own job stands. `name` empty: Pipeline has sent no such customer yet."""

    name: str = ""
    is_withdrawn: bool = False
    state: JobState | None = None
    reason: Reason | None = None
    note: str = ""


NOBODY = CustomerStatus()


def objection(customer: CustomerStatus) -> Objection:
    """What an invoice of this customer waits for, while it has no usable contact."""
    is_shared = customer.state is JobState.HELD and customer.reason in _SHARED
    reason = customer.reason if is_shared and customer.reason else Reason.CONTACT_UNMAPPED
    return Objection(reason=reason, text=_words(customer), field="customerId")


def _words(customer: CustomerStatus) -> str:
    who = f"Its customer {customer.name}" if customer.name else "Its customer"
    if customer.is_withdrawn:
        return (
            f"{who} {UNMAPPED} and is deleted in Pipeline. Restore it there, or give the invoice "
            "another customer."
        )
    note = customer.note.strip()
    match customer.state:
        case JobState.HELD if note:
            return f"{who} {UNMAPPED}. {note} {AFTERWARDS}"
        case JobState.FAILED:
            return (
                f"{who} {UNMAPPED}: Xero refused it ({note.rstrip('. ') or 'no reason given'}). "
                f"Correct the customer in Pipeline. {AFTERWARDS}"
            )
        case JobState.READY | JobState.LEASED | JobState.UNCERTAIN:
            return f"{who} {UNMAPPED}; it is on its way to Xero. {AFTERWARDS}"
        case _:
            return (
                f"{who} {UNMAPPED}. Create the customer in Xero first, or link it (Create in Xero "
                f"& Link). {AFTERWARDS}"
            )
