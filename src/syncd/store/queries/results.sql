-- What Pipeline is to be told: the newest content per key, sent until it stands there.

-- name: put
-- Under a revision above all it was told under: what leaves has it on paper.
INSERT INTO results (tenant_id, kind, key, part, content, wanted_seq, revision, ready_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4, ?5, 1, ?6, ?6)
ON CONFLICT (tenant_id, kind, key, part) DO UPDATE SET
    content = excluded.content,
    wanted_seq = results.wanted_seq + 1,
    revision = max(results.revision + 1, excluded.revision),
    ready_at = excluded.ready_at,
    attempt = 0,
    note = NULL,
    is_doubted = 0
WHERE results.content <> excluded.content OR results.is_doubted = 1;

-- name: queued
-- Ready work without a reason of its own (pending, as jobs says it) of which Pipeline was
-- told something else, or nothing. What it was told is read where it stands, so nothing has to be
-- kept in step with it. ?6 is where the content says why: in JSON, under that path.
SELECT
    jobs.key, results.content, coalesce(results.wanted_seq, 0),
    coalesce(results.sent_seq < results.wanted_seq, false),
    coalesce(links.merged_to, links.xero_id), links.xero_status, links.xero_number,
    links.synced_version
FROM jobs
JOIN desired
    ON desired.tenant_id = jobs.tenant_id AND desired.kind = ?2 AND desired.key = jobs.key
LEFT JOIN results
    ON results.tenant_id = jobs.tenant_id AND results.kind = ?2 AND results.key = jobs.key
    AND results.part = ''
LEFT JOIN links
    ON links.tenant_id = jobs.tenant_id AND links.kind = ?2 AND links.key = jobs.key
WHERE jobs.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND jobs.kind = 'push_' || ?2
    AND jobs.state = 'ready' AND jobs.reason IS NULL AND jobs.is_out_of_sync = 0
    AND jobs.first_wanted_at <= ?3
    AND (
        results.content IS NULL OR results.is_doubted = 1
        OR json_extract(CAST(results.content AS TEXT), '$.state') <> ?4
        OR coalesce(json_extract(CAST(results.content AS TEXT), ?6), '') <> ?5
    )
ORDER BY jobs.ready_at
LIMIT ?7;

-- name: put_queued
-- Only while the work is still queued and nothing else was put since the look (?5): a settlement
-- that came meanwhile knows better.
INSERT INTO results (tenant_id, kind, key, content, wanted_seq, revision, ready_at)
SELECT jobs.tenant_id, ?2, jobs.key, ?4, 1, ?6, ?6 FROM jobs
WHERE jobs.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND jobs.kind = 'push_' || ?2
    AND jobs.key = ?3 AND jobs.state = 'ready' AND jobs.reason IS NULL AND jobs.is_out_of_sync = 0
    AND coalesce(
        (
            SELECT told.wanted_seq FROM results AS told
            WHERE told.tenant_id = jobs.tenant_id AND told.kind = ?2 AND told.key = ?3
                AND told.part = ''
        ), 0
    ) = ?5
ON CONFLICT (tenant_id, kind, key, part) DO UPDATE SET
    content = excluded.content,
    wanted_seq = results.wanted_seq + 1,
    revision = max(results.revision + 1, excluded.revision),
    ready_at = excluded.ready_at,
    attempt = 0,
    note = NULL,
    is_doubted = 0;

-- name: due
-- With when both sides were last looked at; until then they differ since it was first wanted.
SELECT
    results.kind, results.key, results.part, results.content, results.wanted_seq, results.revision,
    results.attempt, coalesce(links.seen_at, jobs.settled_at, jobs.first_wanted_at), jobs.trail
FROM results
LEFT JOIN links
    ON links.tenant_id = results.tenant_id AND links.kind = results.kind
    AND links.key = results.key
LEFT JOIN jobs
    ON jobs.tenant_id = results.tenant_id AND jobs.kind = 'push_' || results.kind
    AND jobs.key = results.key
WHERE results.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND results.sent_seq < results.wanted_seq AND results.ready_at <= ?2
ORDER BY results.ready_at
LIMIT ?3;

-- name: sent
UPDATE results SET sent_seq = max(sent_seq, ?5), attempt = 0, note = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3 AND part = ?4;

-- name: stale
-- A standing revision not below ours comes from before a backup was restored, or has other words than
-- a repeat of ours: the content as it is now goes out above it, one more attempt. Otherwise something
-- newer of ours stands, and this one is dropped.
UPDATE results SET
    attempt = iif(?6 >= revision, attempt + 1, attempt),
    sent_seq = iif(?6 >= revision, sent_seq, max(sent_seq, ?5)),
    ready_at = iif(?6 >= revision, ?7, ready_at),
    revision = iif(?6 >= revision, ?6 + 1, revision)
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3 AND part = ?4;

-- name: deferred
-- What was put meanwhile is another thing, and has waited for nothing yet. A repeat goes under a
-- revision of its own: what stands may be older and say so without its revision.
UPDATE results SET
    revision = max(revision + 1, ?6), ready_at = ?6, attempt = attempt + 1, note = ?7
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3 AND part = ?4
    AND sent_seq < wanted_seq AND wanted_seq = ?5;

-- name: due_at_once
UPDATE results SET ready_at = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND sent_seq < wanted_seq
    AND ready_at > ?2 AND note IS NOT NULL;

-- name: doubt
-- Money is told again as it is, a state by whoever decides next.
UPDATE results SET
    is_doubted = iif(part = '', 1, is_doubted),
    wanted_seq = iif(part = '', wanted_seq, wanted_seq + 1),
    revision = iif(part = '', revision, max(revision + 1, ?3)),
    ready_at = iif(part = '', ready_at, ?3)
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND key = ?2;

-- name: tell_again
UPDATE results SET wanted_seq = wanted_seq + 1, revision = max(revision + 1, ?2), ready_at = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);

-- name: next_due_at
SELECT min(ready_at) FROM results
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND sent_seq < wanted_seq;

-- name: contents
SELECT kind, key, part, content, wanted_seq, revision, attempt, NULL, NULL FROM results
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2
    AND key IN (SELECT value FROM json_each(?3))
ORDER BY key, part;
