"""Reads what was written of some objects before: the open intent of each, and the closed ones.

Asked for by whoever loads a kind's objects, in the transaction that reads everything else of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncd.domain.ids import TenantId
from syncd.ports.billing import ChangeKind
from syncd.store import intents
from syncd.store.intents import Intent, IntentEnd
from syncd.store.unit_of_work import Answer, Transaction


@dataclass(frozen=True, slots=True)
class EarlierWrites:
    """Answers of a transaction that has not run yet."""

    opened: Answer[Intent]
    closed: Answer[Intent]

    def open_of(self) -> Mapping[str, Intent]:
        """The write of unknown outcome of each object that has one."""
        return {one.key: one for one in self.opened.rows}

    def closed_of(self) -> Mapping[str, Sequence[Intent]]:
        """Each object's closed writes since both sides last agreed, oldest first; unsent ones out.

        Empty for an object without any.
        """
        found: defaultdict[str, list[Intent]] = defaultdict(list)
        for one in self.closed.rows:
            if one.end is not IntentEnd.UNSENT:
                found[one.key].append(one)
        return found


def ask(
    read: Transaction, tenant: TenantId, kind: ChangeKind, keys: Sequence[str]
) -> EarlierWrites:
    """Add the questions about these objects to `read`."""
    return EarlierWrites(
        opened=read.add(intents.open_by_keys(tenant, kind, keys)),
        closed=read.add(intents.since_base(tenant, kind, keys)),
    )
