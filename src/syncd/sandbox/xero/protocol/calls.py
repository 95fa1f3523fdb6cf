"""One call of the accounting API, after its token, tenant and limits were found good.

Made by the gateway; every resource works on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.sandbox.http import Request, Response
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.ledger.identifiers import Mint
from syncd.sandbox.xero.ledger.switches import Switches
from syncd.sandbox.xero.protocol import envelope


class Died(Exception):
    """The pretend server broke in the middle of a batch, by order of a fault."""


@dataclass(slots=True, kw_only=True)
class Call:
    """A call on one organisation's books. `query` has lower-case names."""

    books: Books
    request: Request
    query: Mapping[str, str]
    author: Author
    answers: Mint
    dies_after: int | None = None
    saved: int = 0

    @property
    def switches(self) -> Switches:
        """The switches of the world."""
        return self.books.switches

    @property
    def at_ms(self) -> int:
        """The instant of the call."""
        return self.author.at_ms

    @property
    def places(self) -> int:
        """Decimal places of unit amounts: 4 with `unitdp=4`, else 2 (facts §3.8)."""
        text = self.query.get("unitdp", "2")
        if text not in {"2", "4"}:
            raise envelope.Refusal(envelope.query_refused(f"unitdp is 2 or 4, not '{text}'"))
        return min(int(text), self.switches.unit_places)

    @property
    def summarizes(self) -> bool:
        """Whether one bad element fails the call: so unless `summarizeErrors=false` (§3.3)."""
        return self.query.get("summarizeerrors", "true").lower() != "false"

    def flag(self, name: str) -> bool:
        """Whether a query parameter says true."""
        return self.query.get(name.lower(), "").lower() == "true"

    def listed(self, name: str) -> list[str] | None:
        """A comma-separated query parameter, quotes taken off; None when it is absent."""
        text = self.query.get(name.lower())
        if text is None:
            return None
        return [part.strip().strip('"') for part in text.split(",") if part.strip()]

    def count_saved(self) -> None:
        """Say that one element was saved. Raises Died when the fault's number is reached."""
        self.saved += 1
        if self.dies_after is not None and self.saved >= self.dies_after:
            raise Died

    def ok(
        self, plural: str, rows: Sequence[Any], pagination: Mapping[str, int] | None = None
    ) -> Response:
        """The answer 200 with these rows."""
        return envelope.ok(self.answers.guid(), self.at_ms, plural, rows, pagination)
