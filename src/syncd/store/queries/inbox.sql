-- Notices from outside: kept once, digested later.

-- name: add
-- What is there already stays as it is.
INSERT INTO inbox (
    tenant_id, source, scope, category, event, resource_id, resource_type, happened_at, sequence,
    received_at, state, verdict, settled_at
)
VALUES (
    (SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
    iif(?11 = 'new', NULL, CAST(?10 AS INTEGER))
)
ON CONFLICT DO NOTHING;

-- name: kept
-- What an `add` in the same transaction has added: ids only ever rise.
SELECT
    (SELECT name FROM tenants WHERE id = tenant_id), state, coalesce(verdict, ''), count(*), max(id)
FROM inbox
WHERE id > ?1
GROUP BY tenant_id, state, verdict;

-- name: last_id
SELECT coalesce(max(id), 0) FROM inbox;

-- name: waiting
-- What was put off until later than any pause lasts: the clock was set back, and it is due.
SELECT id, category, resource_id, resource_type, happened_at, received_at, tries FROM inbox
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = 'new' AND id > ?2
    AND (again_at IS NULL OR again_at NOT BETWEEN CAST(?4 AS INTEGER) + 1 AND ?5)
ORDER BY id
LIMIT ?3;

-- name: span
-- When the first and the last of those due came, and when the first of those put off is due.
SELECT
    min(received_at) FILTER (WHERE again_at IS NULL OR again_at NOT BETWEEN CAST(?2 AS INTEGER) + 1 AND ?3),
    max(received_at) FILTER (WHERE again_at IS NULL OR again_at NOT BETWEEN CAST(?2 AS INTEGER) + 1 AND ?3),
    min(again_at) FILTER (WHERE again_at BETWEEN CAST(?2 AS INTEGER) + 1 AND ?3)
FROM inbox
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = 'new';

-- name: settle
UPDATE inbox SET state = ?2, verdict = ?3, settled_at = ?4 WHERE id = ?1 AND state = 'new';

-- name: put_off
UPDATE inbox SET tries = ?2, again_at = ?3 WHERE id = ?1 AND state = 'new';

-- name: announced
-- The instants at which events of this category happened, of any state, in a span.
SELECT happened_at FROM inbox
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND category = ?2
    AND id >= (SELECT coalesce(max(id), 0) - ?5 FROM inbox)
    AND happened_at BETWEEN ?3 AND ?4
ORDER BY happened_at;

-- name: left
-- How many of a tenant's that came since ?2 and until ?3 have work left in them.
SELECT count(*) FROM inbox
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = 'new'
    AND received_at BETWEEN ?2 AND ?3;

-- name: replay
-- Everything of a known tenant, or of the one that is asked for, since then has work left again.
UPDATE inbox SET state = 'new', verdict = NULL, settled_at = NULL, tries = 0, again_at = NULL
WHERE source = 'xero' AND state <> 'new' AND tenant_id IS NOT NULL AND received_at >= ?1
    AND (CAST(?2 AS TEXT) IS NULL OR tenant_id = (SELECT id FROM tenants WHERE name = ?2))
    AND verdict <> 'unknown_category'
RETURNING (SELECT name FROM tenants WHERE id = tenant_id);

-- name: highest
SELECT highest FROM webhook_counts WHERE source = ?1;

-- name: gaps
SELECT first, last FROM webhook_gaps WHERE source = ?1 ORDER BY first;

-- name: count_to
-- Unless another process has counted since.
INSERT INTO webhook_counts (source, highest) VALUES (?1, ?2)
ON CONFLICT (source) DO UPDATE SET highest = max(webhook_counts.highest, excluded.highest)
WHERE webhook_counts.highest = ?3;

-- name: close_gap
DELETE FROM webhook_gaps WHERE source = ?1 AND first = ?2 AND last = ?3;

-- name: open_gap
INSERT INTO webhook_gaps (source, first, last, noted_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (source, first) DO UPDATE SET last = excluded.last;
