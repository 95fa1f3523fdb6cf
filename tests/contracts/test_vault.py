"""The Vault port's promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.ports.vault import Vault
from syncd.runtime.vault import FernetVault, VaultError, new_encryption_key

VAULT = FernetVault(new_encryption_key())
every_vault = pytest.mark.parametrize("vault", [VAULT])


@given(text=st.text(), purpose=st.text(), tenant=st.text())
def test_sealed_text_opens_as_it_was(text: str, purpose: str, tenant: str) -> None:
    sealed = VAULT.seal(text, purpose=purpose, tenant=tenant)

    assert VAULT.open(sealed, purpose=purpose, tenant=tenant) == text


@every_vault
@pytest.mark.parametrize(("purpose", "tenant"), [("access", "acme"), ("refresh", "globex")])
def test_sealed_text_opens_for_nothing_else(vault: Vault, purpose: str, tenant: str) -> None:
    sealed = vault.seal("canary", purpose="refresh", tenant="acme")

    with pytest.raises(VaultError, match="rows were swapped") as caught:
        vault.open(sealed, purpose=purpose, tenant=tenant)

    assert "canary" not in str(caught.value)


@every_vault
def test_sealed_bytes_hold_no_trace_of_the_text(vault: Vault) -> None:
    sealed = vault.seal("canary", purpose="refresh", tenant="acme")

    assert b"canary" not in sealed
    assert b"acme" not in sealed
