"""How large the store is; observed on the beat of retention, and shown by `syncd db size`."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.domain.model.value import Value


class StoreSize(Value, frozen=True, kw_only=True):
    """The file, what of it is free (filled again, or given back to the disk), and its log.

    `rows` are counted by table, of those that grow.
    """

    file_bytes: int
    free_bytes: int
    log_bytes: int
    rows: Mapping[str, int]
