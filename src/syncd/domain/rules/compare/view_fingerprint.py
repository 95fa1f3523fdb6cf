"""The fingerprint of what a person is shown of an invoice's two sides (`seen` in the API).

A decision carries it back: made again from the world as it is then, it differs whenever anything
the person looked at has moved, on either side, known to us or not. Money is no part of it, for
payments are not edits; neither is Xero's mere wording between Authorised and Paid.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from syncd.domain.model.result import Difference
from syncd.domain.model.snapshot import Base, Snapshot
from syncd.domain.model.statuses import XeroStatus, rank_in_xero

_LENGTH = 32


def fingerprint(
    *,
    desired: Snapshot | None,
    base: Base | None,
    xero_id: str | None,
    xero_status: XeroStatus | None,
    differences: Iterable[Difference],
) -> str:
    """32 hex digits. `desired` None: withdrawn; `xero_status` None: nothing stands in Xero."""
    is_alive = xero_status is not None and not xero_status.is_gone
    shown = (
        None if desired is None else desired.fingerprint(),
        base,
        xero_id if is_alive else None,
        rank_in_xero(xero_status) if is_alive and xero_status is not None else None,
        tuple(differences),
    )
    return sha256(msgspec.json.encode(shown)).hexdigest()[:_LENGTH]
