-- Notices from outside: kept once, digested later.

-- name: add
-- One statement for a whole group: ?1 is a JSON list of lists. What is there already stays as it is.
INSERT INTO inbox (
    tenant_id, source, scope, category, event, resource_id, resource_type, happened_at, sequence,
    received_at, state, verdict, settled_at
)
SELECT
    (SELECT id FROM tenants WHERE name = value ->> 0), value ->> 1, value ->> 2, value ->> 3,
    value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8, ?2, value ->> 9,
    value ->> 10, iif(value ->> 9 = 'new', NULL, ?2)
FROM json_each(?1)
WHERE true
ON CONFLICT DO NOTHING
RETURNING (SELECT name FROM tenants WHERE id = tenant_id), state, coalesce(verdict, '');

-- name: waiting
SELECT id, category, resource_id, resource_type, happened_at, received_at FROM inbox
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = 'new' AND id > ?2
ORDER BY id
LIMIT ?3;

-- name: span
-- When the first and the last of those still new came.
SELECT min(received_at), max(received_at) FROM inbox
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = 'new';

-- name: settle
UPDATE inbox SET state = ?2, verdict = ?3, settled_at = ?4 WHERE id = ?1 AND state = 'new';

-- name: announced
-- The instants at which events of this category happened, of any state, in a span.
SELECT happened_at FROM inbox
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND category = ?2
    AND id >= (SELECT coalesce(max(id), 0) - ?5 FROM inbox)
    AND happened_at BETWEEN ?3 AND ?4
ORDER BY happened_at;

-- name: replay
-- Everything of a known tenant since then has work left in it again.
UPDATE inbox SET state = 'new', verdict = NULL, settled_at = NULL
WHERE source = 'xero' AND state <> 'new' AND tenant_id IS NOT NULL AND received_at >= ?1
    AND verdict <> 'unknown_category'
RETURNING (SELECT name FROM tenants WHERE id = tenant_id);

-- name: prune
-- The oldest few, when they are settled and old: a little with every digest.
DELETE FROM inbox
WHERE id < (SELECT min(id) FROM inbox) + ?2 AND state <> 'new' AND received_at < ?1;

-- name: highest
SELECT highest FROM webhook_counts WHERE source = ?1;

-- name: gaps
SELECT first, last FROM webhook_gaps WHERE source = ?1 ORDER BY first;

-- name: count_to
INSERT INTO webhook_counts (source, highest) VALUES (?1, ?2)
ON CONFLICT (source) DO UPDATE SET highest = max(highest, excluded.highest);

-- name: close_gap
DELETE FROM webhook_gaps WHERE source = ?1 AND first = ?2;

-- name: open_gap
INSERT INTO webhook_gaps (source, first, last, noted_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (source, first) DO UPDATE SET last = excluded.last;
