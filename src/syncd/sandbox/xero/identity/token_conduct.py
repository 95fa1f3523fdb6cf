"""How the app behaves with its refresh tokens: what outcomes do not show, counters do.

Presenting a used token again inside the grace is how a lost answer is healed; presenting it after
its successor was used is a bug, whether or not it does harm. Told by identity and the gateway.
"""

from __future__ import annotations


class TokenConduct:
    """Counts what a well-kept grant never does."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._outgrown: set[str] = set()
        self._in_flight = 0
        self.most_in_flight = 0
        """How many token requests were under way at once, at the most."""
        self.after_successor = 0
        """Refresh tokens presented after their successor, or its access token, was used."""

    def issued(self, parent: str, *successors: str | None) -> None:
        """`parent` was answered with these."""
        for each in successors:
            if each is not None:
                self._parent[each] = parent

    def used(self, token: str) -> None:
        """An access token served a call, or a refresh token was presented."""
        parent = self._parent.get(token)
        if parent is not None:
            self._outgrown.add(parent)

    def presented(self, refresh_token: str) -> None:
        """A refresh token came in."""
        if refresh_token in self._outgrown:
            self.after_successor += 1
        self.used(refresh_token)

    def begin(self) -> None:
        """A token request is under way."""
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)

    def end(self) -> None:
        """It was answered, or its client went."""
        self._in_flight -= 1

    def as_json(self) -> dict[str, int]:
        """The counters."""
        return {
            "refreshes_most_in_flight": self.most_in_flight,
            "presented_after_successor": self.after_successor,
        }
