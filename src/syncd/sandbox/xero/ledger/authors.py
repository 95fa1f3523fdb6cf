"""Who writes into the books, and when.

Called by everything that changes a document.
"""

from __future__ import annotations

from dataclasses import dataclass

from syncd.sandbox.xero.ledger.model import APP


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who writes, and when: `app`, or the name of a person in Xero."""

    who: str
    at_ms: int
    client_id: str = ""

    @property
    def is_app(self) -> bool:
        """Whether the write came through the API."""
        return self.who == APP
