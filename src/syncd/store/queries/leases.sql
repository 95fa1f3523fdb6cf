-- The lease of the replica that works, and the replicas there are.

-- name: look
SELECT holder, fence, renewals, lease_ms FROM leases WHERE name = 'site';

-- name: take
-- As it was seen, or not at all.
UPDATE leases SET holder = ?1, fence = fence + 1, renewals = 0, lease_ms = ?2
WHERE name = 'site' AND fence = ?3 AND renewals = ?4;

-- name: renew
UPDATE leases SET renewals = renewals + 1
WHERE name = 'site' AND fence = ?1 AND holder IS NOT NULL;

-- name: give_up
UPDATE leases SET holder = NULL, renewals = renewals + 1 WHERE name = 'site' AND fence = ?1;

-- name: announce
INSERT INTO replicas (name, url, public_url, version, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (name) DO UPDATE SET
    url = excluded.url, public_url = excluded.public_url, version = excluded.version,
    seen_at = excluded.seen_at;

-- name: withdraw
DELETE FROM replicas WHERE name = ?1;

-- name: replicas
SELECT
    name, url, public_url, version, seen_at,
    CASE WHEN name = (SELECT holder FROM leases WHERE leases.name = 'site') THEN 1 ELSE 0 END
FROM replicas
ORDER BY name;
