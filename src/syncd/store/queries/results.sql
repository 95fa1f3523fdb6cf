-- What Pipeline is to be told: the newest content per key, sent until it stands there.

-- name: put
INSERT INTO results (tenant_id, kind, key, part, content, wanted_seq, ready_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5, 1, ?6)
ON CONFLICT (tenant_id, kind, key, part) DO UPDATE SET
    content = excluded.content,
    wanted_seq = wanted_seq + 1,
    ready_at = excluded.ready_at,
    attempt = 0,
    note = NULL,
    is_doubted = 0
WHERE results.content <> excluded.content OR results.is_doubted = 1;

-- name: due
SELECT kind, key, part, content, wanted_seq, revision, attempt FROM results
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND sent_seq < wanted_seq AND ready_at <= ?2
ORDER BY ready_at
LIMIT ?3;

-- name: stamp
-- The highest revision ever sent: on paper before it leaves.
UPDATE results SET revision = max(revision + 1, ?5)
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3 AND part = ?4;

-- name: sent
UPDATE results SET sent_seq = max(sent_seq, ?5), attempt = 0, note = ?6
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3 AND part = ?4;

-- name: stale
-- A standing revision not below all of ours comes from before a backup was restored (an equal one
-- too: it stands with other content, and each of ours was sent once): the content as it is now goes
-- out above it. Otherwise something newer of ours stands, and this one is dropped.
UPDATE results SET
    sent_seq = iif(?6 >= revision, sent_seq, max(sent_seq, ?5)),
    ready_at = iif(?6 >= revision, ?7, ready_at),
    revision = max(revision, ?6)
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3 AND part = ?4;

-- name: deferred
UPDATE results SET ready_at = ?5, attempt = attempt + 1, note = ?6
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3 AND part = ?4
    AND sent_seq < wanted_seq;

-- name: next_due_at
SELECT min(ready_at) FROM results
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND sent_seq < wanted_seq;

-- name: contents
SELECT kind, key, part, content, wanted_seq, revision, attempt FROM results
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3))
ORDER BY key, part;
