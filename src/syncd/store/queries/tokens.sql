-- Who may call Xero for a tenant. `generation` rises whenever the pair of tokens changes or goes,
-- and every change of it is guarded by the one it was read with.

-- name: get
SELECT
    ?1, state, organisation_id, organisation_name, connection_id, connected_at, generation,
    sealed_access, access_expires_at, sealed_refresh, refresh_issued_at, refresh_started_at,
    refresh_failed_since, scopes, note
FROM connections
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1);

-- name: all
SELECT
    tenants.name, state, organisation_id, organisation_name, connection_id, connected_at,
    generation, sealed_access, access_expires_at, sealed_refresh, refresh_issued_at,
    refresh_started_at, refresh_failed_since, scopes, note
FROM connections
JOIN tenants ON tenants.id = tenant_id
ORDER BY tenants.name;

-- name: connect
-- A tenant keeps the organisation it was first connected to; another one changes nothing.
INSERT INTO connections (
    tenant_id, state, organisation_id, organisation_name, connection_id, connected_at, generation,
    sealed_access, access_expires_at, sealed_refresh, refresh_issued_at, scopes
)
VALUES ((SELECT id FROM tenants WHERE name = ?1), 'Connected', ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?5, ?9)
ON CONFLICT (tenant_id) DO UPDATE SET
    state = 'Connected',
    organisation_id = excluded.organisation_id,
    organisation_name = excluded.organisation_name,
    connection_id = excluded.connection_id,
    connected_at = excluded.connected_at,
    generation = connections.generation + 1,
    sealed_access = excluded.sealed_access,
    access_expires_at = excluded.access_expires_at,
    sealed_refresh = excluded.sealed_refresh,
    refresh_issued_at = excluded.refresh_issued_at,
    refresh_started_at = NULL,
    refresh_failed_since = NULL,
    scopes = excluded.scopes,
    note = NULL
WHERE connections.organisation_id IS NULL
    OR connections.organisation_id = excluded.organisation_id;

-- name: refresh_started
-- The first start stays: the old token works thirty minutes after its first use and no longer.
UPDATE connections SET refresh_started_at = coalesce(refresh_started_at, ?3)
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND generation = ?2
    AND sealed_refresh IS NOT NULL;

-- name: refreshed
UPDATE connections SET
    generation = generation + 1,
    sealed_access = ?3,
    access_expires_at = ?4,
    sealed_refresh = ?5,
    refresh_issued_at = ?6,
    refresh_started_at = NULL,
    refresh_failed_since = NULL,
    note = iif(state = 'Connected', NULL, note)
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND generation = ?2
    AND sealed_refresh IS NOT NULL;

-- name: refresh_unsent
-- Behind a refused role the note goes on to say what only a person can mend.
UPDATE connections SET
    refresh_started_at = NULL,
    refresh_failed_since = coalesce(refresh_failed_since, ?3),
    note = iif(state = 'Connected', ?4, note)
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND generation = ?2;

-- name: refresh_doubtful
UPDATE connections SET
    refresh_failed_since = coalesce(refresh_failed_since, ?3),
    note = iif(state = 'Connected', ?4, note)
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND generation = ?2;

-- name: expired
UPDATE connections SET
    state = 'TOKEN_EXPIRED',
    generation = generation + 1,
    sealed_access = NULL,
    access_expires_at = NULL,
    sealed_refresh = NULL,
    refresh_started_at = NULL,
    note = ?3
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND generation = ?2
    AND sealed_refresh IS NOT NULL;

-- name: refused
-- The tokens stay: they are good again once the role is.
UPDATE connections SET state = 'Not Connected', note = ?3
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND generation = ?2
    AND state = 'Connected';

-- name: permitted
UPDATE connections SET state = 'Connected', note = NULL
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND generation = ?2
    AND state = 'Not Connected' AND sealed_refresh IS NOT NULL;

-- name: disconnected
UPDATE connections SET
    state = 'Not Connected',
    connection_id = NULL,
    generation = generation + 1,
    sealed_access = NULL,
    access_expires_at = NULL,
    sealed_refresh = NULL,
    refresh_issued_at = NULL,
    refresh_started_at = NULL,
    refresh_failed_since = NULL,
    note = ?3
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND generation = ?2
    AND (state <> 'Not Connected' OR sealed_refresh IS NOT NULL);

-- name: resealed
UPDATE connections SET sealed_access = ?3, sealed_refresh = ?4
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND generation = ?2;
