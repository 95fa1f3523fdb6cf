"""Encrypts tokens and secrets before they are stored, and decrypts them where they are used.

The only room of the engine that holds an open token longer than a call: the access token of each
tenant's present generation, so that not every call pays for opening it.
"""

from __future__ import annotations

import msgspec

from syncd.domain.ids import TenantId
from syncd.ports.identity import Consent, TokenPair
from syncd.ports.vault import Vault
from syncd.store.tokens import Connection, SealedPair

ACCESS_PURPOSE = "access token"
REFRESH_PURPOSE = "refresh token"
CONSENT_PURPOSE = "consent under way"
SECRETS_PURPOSE = "Pipeline secrets"
_ASKED = msgspec.json.Decoder(tuple[str, str, str])


class TokenEncryption:
    """Encrypts token pairs, and decrypts what a connection holds."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._opened: dict[TenantId, tuple[int, str]] = {}

    def pair(self, tenant: TenantId, pair: TokenPair) -> SealedPair:
        """The pair as the store keeps it."""
        return SealedPair(
            access=self._vault.seal(pair.access_token, purpose=ACCESS_PURPOSE, tenant=tenant),
            access_expires_at=pair.access_expires_at,
            refresh=self._vault.seal(pair.refresh_token, purpose=REFRESH_PURPOSE, tenant=tenant),
        )

    def access(self, row: Connection) -> str:
        """The connection's access token. Raises VaultError when no key opens it."""
        known = self._opened.get(row.tenant)
        if known is not None and known[0] == row.generation:
            return known[1]
        assert row.sealed_access is not None, "an open gate has an access token"
        opened = self._vault.open(row.sealed_access, purpose=ACCESS_PURPOSE, tenant=row.tenant)
        self._opened[row.tenant] = (row.generation, opened)
        return opened

    def refresh(self, row: Connection) -> str:
        """The connection's refresh token. Raises VaultError when no key opens it."""
        assert row.sealed_refresh is not None, "an open gate has a refresh token"
        return self._vault.open(row.sealed_refresh, purpose=REFRESH_PURPOSE, tenant=row.tenant)

    def consent(self, tenant: TenantId, asked: Consent) -> bytes:
        """A consent's address, state and verifier as the store keeps them."""
        text = msgspec.json.encode((asked.url, asked.state, asked.verifier)).decode()
        return self._vault.seal(text, purpose=CONSENT_PURPOSE, tenant=tenant)

    def opened_consent(self, tenant: TenantId, sealed: bytes) -> Consent:
        """The consent again. Raises VaultError."""
        text = self._vault.open(sealed, purpose=CONSENT_PURPOSE, tenant=tenant)
        url, state, verifier = _ASKED.decode(text)
        return Consent(url=url, state=state, verifier=verifier)

    def secrets(self, tenant: TenantId, text: str) -> bytes:
        """The secrets of an added tenant's Pipeline as the store keeps them."""
        return self._vault.seal(text, purpose=SECRETS_PURPOSE, tenant=tenant)

    def opened_secrets(self, tenant: TenantId, sealed: bytes) -> str:
        """The secrets again. Raises VaultError."""
        return self._vault.open(sealed, purpose=SECRETS_PURPOSE, tenant=tenant)

    def use(self, vault: Vault) -> None:
        """Use other keys from now on: they were rotated while the daemon runs."""
        self._vault = vault

    def forget(self, tenant: TenantId) -> None:
        """The connection is gone: keep no decrypted token of it."""
        self._opened.pop(tenant, None)
