"""The judges' own look into the daemon's store: a separate connection that can only read.

Synchronous, so that a judge standing at Xero's door can ask what was stored at that instant. The
questions are written here once more, in SQL of their own: a judge who asked through the daemon's
own queries would believe the daemon's mistakes. Each is asked of one tenant (`?1`): several have
equal keys, and what belongs to another is no answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from syncd.ports.driver import BoundStatement, Row, Scalar
from syncd.runtime import sqlite_transaction

_TENANT = """
SELECT id FROM tenants WHERE name = ?1
"""
_PAPER = """
SELECT
    method, target, body, elements, closed_at,
    (SELECT count(*) FROM intents WHERE intents.call_id = calls.id),
    (SELECT count(*) FROM intents WHERE intents.call_id = calls.id AND state = 'open')
FROM calls WHERE tenant_id = ?1 AND idempotency_key = ?2
"""
_REFRESHES = """
SELECT count(*) FROM connections WHERE tenant_id = ?1 AND refresh_started_at IS NOT NULL
"""
_JOBS = """
SELECT
    jobs.kind, jobs.key, jobs.state, public_state, jobs.reason, jobs.note, desired.version,
    desired.is_withdrawn
FROM jobs
LEFT JOIN desired ON desired.tenant_id = jobs.tenant_id AND desired.key = jobs.key
    AND desired.kind = iif(jobs.kind = 'push_invoice', 'invoice', 'customer')
WHERE jobs.tenant_id = ?1
ORDER BY jobs.kind, jobs.key
"""
_KNOWN = """
SELECT jobs.key, coalesce(desired.version, 0) FROM jobs
LEFT JOIN desired ON desired.tenant_id = jobs.tenant_id AND desired.key = jobs.key
    AND desired.kind = iif(jobs.kind = 'push_invoice', 'invoice', 'customer')
WHERE jobs.tenant_id = ?1
ORDER BY jobs.kind, jobs.key
"""
_UNRESTED = """
SELECT kind || ' ' || key || ' is ' || state FROM jobs
WHERE tenant_id = ?1 AND state NOT IN ('done', 'held', 'failed')
UNION ALL SELECT 'intent ' || id || ' of ' || key || ' is open' FROM intents
WHERE tenant_id = ?1 AND state = 'open'
UNION ALL SELECT 'call ' || id || ' is open' FROM calls
WHERE tenant_id = ?1 AND closed_at IS NULL
UNION ALL SELECT 'result of ' || key || ' is not sent' FROM results
WHERE tenant_id = ?1 AND sent_seq < wanted_seq
    AND (?2 IS NULL OR key IN (SELECT value FROM json_each(?2)))
UNION ALL SELECT 'event ' || id || ' is not digested' FROM inbox
WHERE tenant_id = ?1 AND state = 'new'
UNION ALL SELECT 'a refresh is open' FROM connections
WHERE tenant_id = ?1 AND refresh_started_at IS NOT NULL
UNION ALL SELECT 'connection is ' || state FROM connections
WHERE tenant_id = ?1 AND state <> 'Connected'
UNION ALL SELECT name || ' is paused' FROM tenants WHERE id = ?1 AND is_paused = 1
UNION ALL SELECT name || ' observes' FROM tenants WHERE id = ?1 AND mode <> 'live'
UNION ALL SELECT 'a brake has halted: ' || text FROM brakes WHERE tenant_id = ?1
UNION ALL SELECT kind || ' ' || key || ' waits: ' || reason FROM jobs
WHERE tenant_id = ?1 AND state = 'held' AND reason IN ('observing', 'brake_halted', 'rate_limited')
"""
_INTENTS = """
SELECT
    calls.idempotency_key, intents.kind, intents.key, intents.state, intents.step, calls.sends,
    intents.was_not_unique
FROM intents JOIN calls ON calls.id = intents.call_id
WHERE intents.tenant_id = ?1 ORDER BY intents.id
"""
_DUE = """
SELECT min(due_at) FROM (
    SELECT min(ready_at) AS due_at FROM jobs WHERE tenant_id = ?1 AND state = 'ready'
    UNION ALL SELECT min(ready_at) FROM results WHERE tenant_id = ?1 AND sent_seq < wanted_seq
    UNION ALL
    -- One whose read came too early is read again at a time of its own.
    SELECT max(
        min(max(received_at, coalesce(again_at, 0))),
        coalesce((SELECT max(closed_at) FROM calls WHERE tenant_id = ?1), 0)
    )
    FROM inbox
    WHERE tenant_id = ?1 AND state = 'new'
        AND NOT EXISTS (SELECT 1 FROM calls WHERE tenant_id = ?1 AND closed_at IS NULL)
)
"""
_OPEN_KEYS = """
SELECT kind, key FROM intents WHERE tenant_id = ?1 AND state = 'open' ORDER BY id
"""

_SENT_HALTED = """
SELECT count(*) FROM calls JOIN brakes USING (tenant_id)
WHERE tenant_id = ?1 AND calls.idempotency_key = ?2 AND calls.opened_at > brakes.halted_at
"""
_LOOKS = """
SELECT count(*) FROM restored
LEFT JOIN restore_looks ON restore_looks.tenant_id = ?1
WHERE restore_looks.ended_at IS NULL
"""
_COUNTS = """
SELECT public_state, count(*) FROM jobs
WHERE tenant_id = ?1 AND kind = 'push_invoice' GROUP BY public_state ORDER BY public_state
"""
_IS_HELD = """
SELECT count(*) FROM tenants
LEFT JOIN connections ON connections.tenant_id = tenants.id
LEFT JOIN brakes ON brakes.tenant_id = tenants.id
WHERE tenants.id = ?1 AND (
    is_paused = 1 OR mode <> 'live' OR connections.state <> 'Connected'
    OR brakes.tenant_id IS NOT NULL
)
"""
_KEPT = """
SELECT count(*) FROM inbox
WHERE coalesce(tenant_id, ?1) = ?1 AND sequence = ?2 AND resource_id = ?3
"""
_LINKS = """
SELECT kind || ' ' || key, xero_id FROM links WHERE tenant_id = ?1 ORDER BY kind, key
"""
_SWEEPS = """
SELECT task, is_under_way, coalesce(ended_at, 0) FROM sweeps WHERE tenant_id = ?1 ORDER BY task
"""
_OPEN_CALLS = """
SELECT idempotency_key, sends FROM calls WHERE tenant_id = ?1 AND closed_at IS NULL ORDER BY id
"""


_FINDINGS = """
SELECT kind, key, text FROM findings
WHERE tenant_id = ?1 AND closed_at IS NULL ORDER BY kind, key
"""
_KINDS = """
SELECT kind || ': ' || public_state, count(*) FROM jobs WHERE tenant_id = ?1 GROUP BY 1
UNION ALL SELECT 'held for ' || reason, count(*) FROM jobs
    WHERE tenant_id = ?1 AND state IN ('held', 'failed') AND reason IS NOT NULL GROUP BY 1
UNION ALL SELECT 'finding: ' || kind, count(*) FROM findings WHERE tenant_id = ?1 GROUP BY 1
UNION ALL SELECT 'event: ' || verdict, count(*) FROM inbox
    WHERE tenant_id = ?1 AND verdict IS NOT NULL GROUP BY 1
"""
_TEXTS = """
SELECT 'the note of ' || kind || ' ' || key, note FROM jobs
WHERE tenant_id = ?1 AND note IS NOT NULL
UNION ALL SELECT 'entry ' || seq || ' of the journal', description
FROM journal JOIN journal_words USING (seq)
WHERE tenant_id = ?1 AND description IS NOT NULL
UNION ALL SELECT 'finding ' || kind || ' of ' || key, text FROM findings WHERE tenant_id = ?1
UNION ALL SELECT 'what Pipeline was told of ' || key,
    coalesce(json_extract(CAST(content AS TEXT), '$.reason'), '') FROM results
WHERE tenant_id = ?1
UNION ALL SELECT 'the note of result ' || key, note FROM results
WHERE tenant_id = ?1 AND note IS NOT NULL
UNION ALL SELECT 'the connection', note FROM connections
WHERE tenant_id = ?1 AND note IS NOT NULL
UNION ALL SELECT 'a failed consent', text FROM failed_consents WHERE tenant_id = ?1
"""
_TRAIL = """
SELECT object_key, count(*) FROM journal JOIN journal_words USING (seq)
WHERE tenant_id = ?1 AND object_type = 'Invoice' AND who = 'syncd'
GROUP BY object_key ORDER BY object_key
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCall:
    """A write call as it is stored, and how many intents belong to it."""

    method: Scalar
    target: Scalar
    body: Scalar
    elements: int
    is_closed: bool
    intents: int
    open_intents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One object of the queue, with what the daemon knows of Pipeline's side."""

    kind: str
    key: str
    state: str
    public_state: str
    reason: str
    note: str
    version: int
    is_withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRow:
    """One intent ever opened, and how it ended."""

    call_key: str
    kind: str
    key: str
    state: str
    step: str
    sends: int
    was_not_unique: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """An open finding."""

    kind: str
    key: str
    text: str


class StoreReader:
    """Reads what one store file has of one tenant, committed rows only.

    The file must have been migrated, and the daemon must have made the tenant's row.
    """

    def __init__(self, path: Path, tenant: str) -> None:
        self.path = path
        self._name = tenant
        self.open()

    def open(self) -> None:
        """Look into the file that has the path now: once made, and anew when it was replaced."""
        self._connection = sqlite_transaction.connect(
            self.path, busy_timeout_s=0.0, synchronous="OFF", is_reader=True
        )
        self._tenant = self._rows(_TENANT, self._name)[0][0]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def stored_call(self, idempotency_key: str) -> StoredCall | None:
        """The call under this key, if it is stored by now."""
        rows = self._ask(_PAPER, idempotency_key)
        if not rows:
            return None
        method, target, body, elements, closed_at, intents, open_intents = rows[0]
        return StoredCall(
            method=method,
            target=target,
            body=body,
            elements=_whole(elements),
            is_closed=closed_at is not None,
            intents=_whole(intents),
            open_intents=_whole(open_intents),
        )

    def open_refreshes(self) -> int:
        """How many connections say that a refresh has begun."""
        return _whole(self._ask(_REFRESHES)[0][0])

    def open_intents(self) -> list[tuple[str, str]]:
        """Kind and key of everything whose write has no certain outcome."""
        return [(str(kind), str(key)) for kind, key in self._ask(_OPEN_KEYS)]

    def oldest_due_ms(self) -> int | None:
        """Since when the oldest work that is due waits, by the daemon's clock.

        An event waits for the end of every open call: its document may be what the call made.
        """
        (due_at,) = self._ask(_DUE)[0]
        return None if due_at is None else _whole(due_at)

    def open_calls(self) -> dict[str, int]:
        """The keys of calls that wait for an outcome, oldest first, and their sends as stored."""
        return {str(key): _whole(sends) for key, sends in self._ask(_OPEN_CALLS)}

    def was_opened_while_halted(self, idempotency_key: str) -> bool:
        """Whether this call was stored while a brake that stands had halted its tenant."""
        return bool(self._ask(_SENT_HALTED, idempotency_key)[0][0])

    def is_looking(self) -> bool:
        """Whether the store was restored, and the look for what it forgot has not ended."""
        return bool(self._ask(_LOOKS)[0][0])

    def is_held(self) -> bool:
        """Whether all writes wait: for a person, or for a connection."""
        return self.is_looking() or bool(self._ask(_IS_HELD)[0][0])

    def counts(self) -> dict[str, int]:
        """How many of the tenant's invoices are in each public state."""
        return {str(state): _whole(count) for state, count in self._ask(_COUNTS)}

    def is_kept(self, sequence: int, resource_id: str) -> bool:
        """Whether the event with this number is in the inbox."""
        return bool(self._ask(_KEPT, sequence, resource_id)[0][0])

    def links(self) -> list[tuple[str, str]]:
        """What stands in Xero, by the daemon's knowledge: Pipeline's object and Xero's id."""
        return [(str(key), str(identity)) for key, identity in self._ask(_LINKS)]

    def sweeps(self) -> dict[str, tuple[bool, int]]:
        """By task, whether it is under way, and when it ended last."""
        return {
            str(task): (bool(is_under_way), _whole(ended_at))
            for task, is_under_way, ended_at in self._ask(_SWEEPS)
        }

    def findings(self) -> list[FindingRow]:
        """Everything open."""
        return [
            FindingRow(kind=str(kind), key=str(key), text=str(text))
            for kind, key, text in self._ask(_FINDINGS)
        ]

    def kinds(self) -> dict[str, int]:
        """How many there are of each kind of job's end, finding and verdict on an event."""
        return {str(kind): _whole(count) for kind, count in self._ask(_KINDS)}

    def journal_entries(self) -> dict[str, int]:
        """By invoice, how many entries the journal has of the daemon's own doing."""
        return {str(key): _whole(count) for key, count in self._ask(_TRAIL)}

    def texts(self) -> list[tuple[str, str]]:
        """Whatever people may read of it: where it stands, and what it says."""
        return [(str(place), str(text)) for place, text in self._ask(_TEXTS)]

    def unrest(self, known: Iterable[str] | None = None) -> list[str]:
        """What is still under way, in words; empty at rest. Pipeline knows `known`, or all."""
        keys = None if known is None else json.dumps([*known])
        return [str(words) for (words,) in self._ask(_UNRESTED, keys)]

    def jobs(self) -> list[JobRow]:
        """Every object that was ever queued."""
        return [
            JobRow(
                kind=str(kind),
                key=str(key),
                state=str(state),
                public_state=str(public_state),
                reason=str(reason or ""),
                note=str(note or ""),
                version=_whole(version or 0),
                is_withdrawn=bool(is_withdrawn),
            )
            for kind, key, state, public_state, reason, note, version, is_withdrawn in self._ask(
                _JOBS
            )
        ]

    def known_versions(self) -> dict[str, int]:
        """By object that was ever queued, Pipeline's newest version that is known."""
        return {str(key): _whole(version) for key, version in self._ask(_KNOWN)}

    def intents(self) -> list[IntentRow]:
        """Every intent ever opened, oldest first."""
        return [
            IntentRow(
                call_key=str(call_key),
                kind=str(kind),
                key=str(key),
                state=str(state),
                step=str(step),
                sends=_whole(sends),
                was_not_unique=bool(refused),
            )
            for call_key, kind, key, state, step, sends, refused in self._ask(_INTENTS)
        ]

    def _ask(self, sql: str, *values: Scalar) -> tuple[Row, ...]:
        return self._rows(sql, self._tenant, *values)

    def _rows(self, sql: str, *values: Scalar) -> tuple[Row, ...]:
        question = BoundStatement(name="judge", sql=sql, rows=(values,))
        (rows,) = sqlite_transaction.read(self._connection, (question,))
        return rows


def _whole(value: Scalar) -> int:
    assert isinstance(value, int), f"expected a whole number, got {value!r}"
    return value
