"""What a hold waits for: a closed set of events, each stored as a topic and matched by equality.

Each has an event that somebody commits. A new version in Pipeline and a person's hand release every
hold without one: both put the key into the queue anew.
"""

from __future__ import annotations

from enum import StrEnum


class Predicate(StrEnum):
    """The kind of event; alone the topic of what concerns the whole tenant."""

    CONTACT_LINKED = "contact_linked"
    """The customer is linked to a contact."""
    CONTACT_USABLE = "contact_usable"
    """The customer's contact changed in Xero and may be used on a document."""
    CUSTOMER_LOOKED_AT = "customer_looked_at"
    """The customer's own round ended, so its invoices may say something else now."""
    MONEY_GONE = "money_gone"
    """No payment or credit stands on the document any more."""
    SIDES_AGREE = "sides_agree"
    """The document moved in Xero, so both sides may show the same now."""
    NUMBER_FREE = "number_free"
    """The document that has this number changed, or let it go."""
    MOVED_IN_XERO = "moved_in_xero"
    """The contact or document with this id, which stands in the way, changed in Xero."""
    INVOICE_CLOSED = "invoice_closed"
    """The invoice was paid, is gone, or is another customer's: it wants its contact no more."""
    CHOICES_CHANGED = "choices_changed"
    """The tenant's configured choices (`TenantPolicy`) are others than before."""
    SETTINGS_READ = "settings_read"
    """The organisation's settings were read anew."""
    MODE_LIVE = "mode_live"
    """The tenant writes."""
    BRAKE_RELEASED = "brake_released"
    """A person released the tenant's brake."""

    def of(self, whom: str) -> str:
        """The topic of an event that is about one object.

        Xero knows a number by its letters in any case, so whoever waits for one does too.
        """
        is_number = self is Predicate.NUMBER_FREE
        return f"{self}:{whom.strip().casefold() if is_number else whom}"
