-- A store restored from a backup: what it cannot vouch for, and the look for what it cannot know.

-- name: mark_store
-- Where a tenant's look after an earlier restore is outstanding still, it reads from there.
INSERT INTO restored (only_row, taken_at, restored_at, look_since) VALUES (1, ?1, ?2, ?3)
ON CONFLICT (only_row) DO UPDATE SET
    taken_at = excluded.taken_at,
    restored_at = excluded.restored_at,
    look_since = iif(
        EXISTS (
            SELECT 1 FROM tenants
            WHERE NOT EXISTS (
                SELECT 1 FROM restore_looks
                WHERE restore_looks.tenant_id = tenants.id AND ended_at IS NOT NULL
            )
        ),
        min(restored.look_since, excluded.look_since),
        excluded.look_since
    );

-- name: free_lease
-- The fence that was reached since the backup is unknown: the next one must be above it.
UPDATE leases SET holder = NULL, renewals = 0, fence = fence + 1000000 WHERE name = 'site';

-- name: newest_in_xero
-- By Xero's clock, of all that stands there for us; reads every link.
SELECT max(at) FROM (
    SELECT max(own_updated_at) AS at FROM links
    UNION ALL SELECT max(updated_at) FROM glances
) AS instants;

-- name: no_later_than
UPDATE restored SET restored_at = min(restored_at, ?1);

-- name: forget_looks
DELETE FROM restore_looks;

-- name: mark_links
-- A base answers for its document up to the newest change this store knows of: its own last write
-- there, or what a sweep saw. Where it knows neither, up to when the looks begin.
UPDATE links SET unverified_from = min(
    coalesce(unverified_from, 9223372036854775807),
    coalesce(
        nullif(
            max(
                coalesce(own_updated_at, -1),
                coalesce((
                    SELECT updated_at FROM glances
                    WHERE glances.tenant_id = links.tenant_id AND glances.xero_id = links.xero_id
                ), -1)
            ),
            -1
        ),
        ?1
    )
);

-- name: mark_results
-- What a row says may have been overtaken since: an invoice's is told anew by whoever looks next, a
-- credit may have been taken off and put on again by the same id, and none is told as it stands
-- before the look has ended. A customer's may carry an edit that Pipeline never got, and goes.
UPDATE results SET
    is_doubted = 1, sent_seq = iif(kind = 'customer', sent_seq, wanted_seq);

-- name: mark_feeds
-- Pipeline's side is as old as the backup, until its feed was read to the end.
INSERT INTO feeds (tenant_id, is_behind_restore) SELECT id, 1 FROM tenants WHERE true
ON CONFLICT (tenant_id) DO UPDATE SET is_behind_restore = 1;

-- name: forget_consents
-- One that was used since would open again.
DELETE FROM consents;

-- name: marked
SELECT
    tenants.name,
    count(*) FILTER (WHERE links.kind = 'invoice'),
    count(*) FILTER (WHERE links.kind = 'customer')
FROM tenants
LEFT JOIN links ON links.tenant_id = tenants.id
GROUP BY tenants.id
ORDER BY tenants.name;

-- name: outstanding
-- With whether a write from before the restore has no certain outcome yet.
SELECT
    restored.look_since, restored.restored_at, restore_looks.memory,
    EXISTS (
        SELECT 1 FROM intents INDEXED BY intents_one_open
        WHERE intents.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
            AND intents.state = 'open' AND intents.opened_at < restored.restored_at
    )
FROM restored
LEFT JOIN restore_looks
    ON restore_looks.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
WHERE restore_looks.ended_at IS NULL;

-- name: is_outstanding
SELECT EXISTS (
    SELECT 1 FROM restored
    LEFT JOIN restore_looks
        ON restore_looks.tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    WHERE restore_looks.ended_at IS NULL
);

-- name: remember
INSERT INTO restore_looks (tenant_id, memory, ended_at)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3)
ON CONFLICT (tenant_id) DO UPDATE SET memory = excluded.memory, ended_at = excluded.ended_at;

-- name: found
-- An invoice whose document is gone may have been created once more: the living one is it.
INSERT INTO links (
    tenant_id, kind, key, xero_id, is_ours, xero_status, xero_number, seen_at, unverified_from
)
SELECT tenants.id, 'invoice', ?2, ?3, 1, ?4, ?5, ?6, 0 FROM tenants
WHERE tenants.name = ?1 AND NOT EXISTS (
    SELECT 1 FROM links
    WHERE links.tenant_id = tenants.id AND links.kind = 'invoice' AND links.xero_id = ?3
        AND links.merged_to IS NULL
)
ON CONFLICT (tenant_id, kind, key) DO UPDATE SET
    xero_id = excluded.xero_id,
    is_ours = 1,
    merged_to = NULL,
    base = NULL,
    based_at = NULL,
    synced_version = NULL,
    unverified_from = 0,
    xero_status = excluded.xero_status,
    xero_number = excluded.xero_number,
    seen_at = excluded.seen_at
WHERE links.xero_status IN ('VOIDED', 'DELETED')
    AND excluded.xero_status NOT IN ('VOIDED', 'DELETED')
    AND NOT EXISTS (
        SELECT 1 FROM jobs
        WHERE jobs.tenant_id = links.tenant_id AND jobs.kind = 'push_invoice'
            AND jobs.key = links.key AND jobs.state = 'leased'
    );

-- name: touched
UPDATE links SET unverified_from = 0
FROM json_each(?2) AS seen
WHERE links.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND links.kind = 'invoice'
    AND links.xero_id = seen.value ->> 0 AND links.merged_to IS NULL
    AND links.unverified_from < CAST(seen.value ->> 1 AS INTEGER)
RETURNING links.key;

-- name: verify
-- What our app made and nobody touched since the backup stands as it was agreed. Of other documents
-- the look saw nothing: they stay unverified until each is looked at.
UPDATE links SET unverified_from = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = 'invoice'
    AND is_ours = 1 AND unverified_from > 0;

-- name: tell_again
-- Whose turn is still to come is told then. A customer's edit from Xero may go once more with it:
-- Pipeline takes it for the version it was made for only. Money that was read since the restore and
-- is another than the backup's is not in doubt any more.
UPDATE results SET
    wanted_seq = wanted_seq + 1, revision = max(revision + 1, ?2), is_doubted = 0, ready_at = ?2,
    attempt = 0, note = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND is_doubted = 1
    AND NOT EXISTS (
        SELECT 1 FROM jobs
        WHERE jobs.tenant_id = results.tenant_id AND jobs.kind = 'push_' || results.kind
            AND jobs.key = results.key AND jobs.state IN ('ready', 'leased', 'uncertain')
    );

-- name: release
-- What waited for the look is ready now.
UPDATE jobs SET ready_at = ?2
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND kind IN ('push_customer', 'push_invoice') AND state = 'ready' AND ready_at > ?2;

-- name: want_leased
-- Whoever has one in hand may have read that the look was outstanding: it counts as wanted anew.
UPDATE jobs INDEXED BY jobs_leased SET wanted_seq = wanted_seq + 1
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND state = 'leased';
