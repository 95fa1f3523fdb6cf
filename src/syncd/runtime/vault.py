"""The Vault port: secrets at rest under Fernet keys, bound to their purpose and tenant.

The keys come as text, a Fernet key a line; the first one writes, every one reads. Purpose and
tenant lie inside the sealed text and are checked when it is opened, so that a row copied to
another tenant or column does not open there.
"""

from __future__ import annotations

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from syncd.domain.errors import SyncdError

_LOST = (
    "Lost are the tokens sealed with it: reconnect each tenant to Xero. Not lost are links, "
    "queue, history and anything in Xero or Pipeline. If an older encryption key still exists, "
    "add it as a further line and start again."
)


class VaultError(SyncdError):
    """A sealed text does not open, or the encryption keys cannot be used."""


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    purpose: str
    tenant: str
    text: str


_DECODER = msgspec.json.Decoder(_Sealed)


class FernetVault:
    """Seals with the first key of `keys_text`, opens with any. Raises VaultError without one."""

    def __init__(self, keys_text: str) -> None:
        self._fernet = MultiFernet([_key(number, line) for number, line in _lines(keys_text)])

    def seal(self, text: str, *, purpose: str, tenant: str) -> bytes:
        """Encrypted bytes bound to `purpose` and `tenant`."""
        return self._fernet.encrypt(
            msgspec.json.encode(_Sealed(purpose=purpose, tenant=tenant, text=text))
        )

    def open(self, sealed: bytes, *, purpose: str, tenant: str) -> str:
        """The text again. Raises VaultError: unknown key, damaged, or sealed for something else."""
        try:
            found = _DECODER.decode(self._fernet.decrypt(sealed))
        except (InvalidToken, msgspec.DecodeError, TypeError) as error:
            raise VaultError(
                f"The {purpose} of tenant {tenant} does not open with any configured encryption "
                f"key. {_LOST}"
            ) from error
        if (found.purpose, found.tenant) != (purpose, tenant):
            raise VaultError(
                f"Expected the {purpose} of tenant {tenant}, found what was sealed as the "
                f"{found.purpose} of tenant {found.tenant}: rows were swapped. Restore the store "
                "from a backup, or reconnect the tenant to Xero."
            )
        return found.text

    def resealed(self, sealed: bytes) -> bytes:
        """The same text under the first key, for a change of keys. Raises VaultError."""
        try:
            return self._fernet.rotate(sealed)
        except (InvalidToken, TypeError) as error:
            raise VaultError(f"A sealed text opens with no encryption key. {_LOST}") from error


def new_encryption_key() -> str:
    """A fresh Fernet key, as a line for the keys file."""
    return Fernet.generate_key().decode("ascii")


def _lines(keys_text: str) -> list[tuple[int, str]]:
    numbered = enumerate((line.strip() for line in keys_text.splitlines()), start=1)
    found = [(number, line) for number, line in numbered if line and not line.startswith("#")]
    if not found:
        raise VaultError(
            "Expected a Fernet key a line, found none. Make one with `syncd keys generate`."
        )
    return found


def _key(number: int, line: str) -> Fernet:
    try:
        return Fernet(line)
    except (ValueError, TypeError) as error:  # never show the line: it may be most of a key
        raise VaultError(
            f"Line {number} of the encryption keys is not a Fernet key (44 characters of URL-safe "
            "base64). Make one with `syncd keys generate`; keep older keys on their own lines."
        ) from error
