"""The Entropy port on the real machine: chance from the operating system."""

from __future__ import annotations

import secrets

_FRACTION_BITS = 53  # what a float in [0, 1) holds exactly


class SystemEntropy:
    """The operating system's generator. Its children are itself: draws are independent anyway."""

    def child(self, name: str) -> SystemEntropy:  # noqa: ARG002 - the port's seam for seeded chance
        """A source for one room."""
        return self

    def draw(self) -> float:
        """A number in [0, 1), for jitter."""
        return secrets.randbits(_FRACTION_BITS) / (1 << _FRACTION_BITS)

    def token(self, n_bytes: int) -> str:
        """An unguessable URL-safe text of `n_bytes` of entropy."""
        return secrets.token_urlsafe(n_bytes)
