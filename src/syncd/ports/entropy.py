"""Chance: keys, states and jitter, from one seed in the simulation, from the OS for real."""

from __future__ import annotations

from typing import Protocol


class Entropy(Protocol):
    """The only source of chance."""

    def child(self, name: str) -> Entropy:
        """An independent source for one room: its draws do not shift another's."""
        ...

    def draw(self) -> float:
        """A number in [0, 1), for jitter."""
        ...

    def token(self, n_bytes: int) -> str:
        """An unguessable URL-safe text of `n_bytes` of entropy."""
        ...
