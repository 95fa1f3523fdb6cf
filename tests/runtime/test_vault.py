"""Keys, their change, and what a person is told when one is gone."""

from __future__ import annotations

import pytest

from syncd.domain.errors import SyncdError
from syncd.runtime.vault import FernetVault, VaultError, new_encryption_key

OLD, NEW = new_encryption_key(), new_encryption_key()


def test_first_key_writes_and_the_others_still_read() -> None:
    sealed_before = FernetVault(OLD).seal("token", purpose="refresh", tenant="acme")
    both = FernetVault(f"# written with this one\n{NEW}\n\n{OLD}\n")

    sealed_after = both.seal("token", purpose="refresh", tenant="acme")

    assert both.open(sealed_before, purpose="refresh", tenant="acme") == "token"
    assert FernetVault(NEW).open(sealed_after, purpose="refresh", tenant="acme") == "token"


def test_resealed_text_no_longer_needs_the_old_key() -> None:
    sealed = FernetVault(OLD).seal("token", purpose="refresh", tenant="acme")

    moved = FernetVault(f"{NEW}\n{OLD}").resealed(sealed)

    assert FernetVault(NEW).open(moved, purpose="refresh", tenant="acme") == "token"


def test_lost_key_says_what_is_lost_and_what_is_not() -> None:
    sealed = FernetVault(OLD).seal("token", purpose="refresh", tenant="acme")

    with pytest.raises(VaultError, match="Not lost are links, queue, history") as caught:
        FernetVault(NEW).open(sealed, purpose="refresh", tenant="acme")

    assert isinstance(caught.value, SyncdError)
    assert "reconnect" in str(caught.value)
    with pytest.raises(VaultError, match="opens with no encryption key"):
        FernetVault(NEW).resealed(sealed)


@pytest.mark.parametrize("sealed", [b"", b"nonsense", b"gAAAAA=="])
def test_damaged_text_is_a_vault_error(sealed: bytes) -> None:
    with pytest.raises(VaultError):
        FernetVault(OLD).open(sealed, purpose="refresh", tenant="acme")


@pytest.mark.parametrize("text", ["", "\n# nothing\n"])
def test_no_key_at_all_is_refused(text: str) -> None:
    with pytest.raises(VaultError, match="syncd keys generate"):
        FernetVault(text)


def test_bad_line_is_named_and_not_shown() -> None:
    with pytest.raises(VaultError, match="Line 2") as caught:
        FernetVault(f"{OLD}\n{NEW[:-9]}\n")

    assert NEW[:-9] not in str(caught.value)
