"""Secrets at rest: sealed for one purpose of one tenant, opened only for the same."""

from __future__ import annotations

from typing import Protocol


class Vault(Protocol):
    """Seals and opens short texts."""

    def seal(self, text: str, *, purpose: str, tenant: str) -> bytes:
        """Encrypted bytes bound to `purpose` and `tenant`."""
        ...

    def open(self, sealed: bytes, *, purpose: str, tenant: str) -> str:
        """The text again. Raises VaultError: unknown key, or sealed for something else."""
        ...
