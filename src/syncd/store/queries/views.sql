-- What people see. Read-only; what was never queued (out of scope) is in no listing.

-- name: listing
-- What waits for a reason, or is in a state other than synced, is found by an index and sorted, where
-- there is little of it (`rare`). Else labels are read in their order until the page is full.
WITH place AS MATERIALIZED (
    SELECT
        tenants.id AS tenant_id, ?4 AS key,
        coalesce(nullif(?3, ''), (
            SELECT label FROM desired
            WHERE desired.tenant_id = tenants.id AND desired.kind = ?2 AND desired.key = ?4
        ), '') AS label
    FROM tenants
    WHERE name = ?1
),

found AS MATERIALIZED (
    SELECT key FROM jobs
    WHERE tenant_id = (SELECT tenant_id FROM place) AND kind = 'push_' || ?2 AND CAST(?6 AS TEXT) IS NOT NULL AND CAST(?9 AS TEXT) IS NULL
        AND is_exceptional = 1 AND reason = ?6 AND public_state IN (
            'pending', 'waiting', 'out_of_sync', 'uncertain', 'failed', 'synced', 'voided'
        )
    UNION ALL
    SELECT key FROM jobs INDEXED BY jobs_exceptional
    WHERE tenant_id = (SELECT tenant_id FROM place) AND kind = 'push_' || ?2 AND CAST(?9 AS TEXT) IS NOT NULL AND is_exceptional = 1
        AND public_state IN ('waiting', 'out_of_sync', 'failed') AND cause = ?9
    UNION ALL
    SELECT key FROM jobs
    WHERE tenant_id = (SELECT tenant_id FROM place) AND kind = 'push_' || ?2 AND CAST(?6 AS TEXT) IS NULL AND CAST(?9 AS TEXT) IS NULL
        AND ?5 NOT IN ('pending', 'synced') AND is_exceptional = 1 AND public_state = ?5
    UNION ALL
    SELECT key FROM jobs
    WHERE tenant_id = (SELECT tenant_id FROM place) AND kind = 'push_' || ?2 AND CAST(?6 AS TEXT) IS NULL AND CAST(?9 AS TEXT) IS NULL
        AND ?5 = 'pending' AND state = 'ready'
        AND (reason IS NULL OR reason IN ('breaker_open', 'rate_limited'))
    UNION ALL
    SELECT key FROM jobs INDEXED BY jobs_leased
    WHERE tenant_id = (SELECT tenant_id FROM place) AND kind = 'push_' || ?2 AND CAST(?6 AS TEXT) IS NULL AND CAST(?9 AS TEXT) IS NULL
        AND ?5 = 'pending' AND state = 'leased'
    LIMIT 5001
),

-- One row of each, or none: how to go about it.
by_key AS MATERIALIZED (
    SELECT tenant_id, key, label FROM place
    WHERE (CAST(?6 AS TEXT) IS NOT NULL OR CAST(?9 AS TEXT) IS NOT NULL OR ?5 <> 'synced') AND (SELECT count(*) FROM found) <= 5000
),

by_label AS MATERIALIZED (
    SELECT tenant_id, key, label FROM place WHERE NOT EXISTS (SELECT 1 FROM by_key)
)

SELECT
    objects.key, objects.label, version, is_withdrawn, changed_at, changed_by, problem, public_state, reason, cause, note,
    attempt, ready_at, first_wanted_at, settled_at, xero_id, xero_status, xero_number,
    synced_version, seen_at, body
FROM by_key
CROSS JOIN found
CROSS JOIN objects
WHERE objects.tenant_id = by_key.tenant_id AND objects.kind = ?2 AND objects.key = found.key
    AND (objects.label, objects.key) > (by_key.label, by_key.key)
    AND CASE WHEN CAST(?5 AS TEXT) IS NULL THEN true ELSE public_state = ?5 END
    AND CASE WHEN CAST(?6 AS TEXT) IS NULL THEN true ELSE reason = ?6 END
    AND CASE WHEN CAST(?7 AS TEXT) IS NULL THEN true ELSE instr(lower(objects.label), ?7) > 0 END
    AND CASE WHEN CAST(?10 AS TEXT) IS NULL THEN true ELSE objects.label >= ?10 AND objects.label < ?11 END
UNION ALL
SELECT
    key, label, version, is_withdrawn, changed_at, changed_by, problem, public_state, reason, cause, note,
    attempt, ready_at, first_wanted_at, settled_at, xero_id, xero_status, xero_number,
    synced_version, seen_at, body
FROM (
    SELECT
        key, label, version, is_withdrawn, changed_at, changed_by, problem, public_state, reason, cause, note,
        attempt, ready_at, first_wanted_at, settled_at, xero_id, xero_status, xero_number,
        synced_version, seen_at, body
    FROM objects
    WHERE tenant_id = (SELECT tenant_id FROM by_label) AND kind = ?2
        AND (label, key) > ((SELECT label FROM place), (SELECT key FROM place))
        AND CASE WHEN CAST(?5 AS TEXT) IS NULL THEN true ELSE public_state = ?5 END
        AND CASE WHEN CAST(?6 AS TEXT) IS NULL THEN true ELSE reason = ?6 END
        AND CASE WHEN CAST(?9 AS TEXT) IS NULL THEN true ELSE cause = ?9 END
        AND CASE WHEN CAST(?7 AS TEXT) IS NULL THEN true ELSE instr(lower(label), ?7) > 0 END
        AND CASE WHEN CAST(?10 AS TEXT) IS NULL THEN true ELSE label >= ?10 AND label < ?11 END
    ORDER BY label, key
    LIMIT ?8
) AS page
ORDER BY label, key
LIMIT ?8;

-- name: beginning
-- As `listing`, only those whose number or name stands from ?7 on and before ?8: the range alone is read.
WITH place AS MATERIALIZED (
    SELECT
        tenants.id AS tenant_id, ?4 AS key,
        coalesce(nullif(?3, ''), (
            SELECT label FROM desired
            WHERE desired.tenant_id = tenants.id AND desired.kind = ?2 AND desired.key = ?4
        ), '') AS label
    FROM tenants
    WHERE name = ?1
)

SELECT
    key, label, version, is_withdrawn, changed_at, changed_by, problem, public_state, reason, cause, note,
    attempt, ready_at, first_wanted_at, settled_at, xero_id, xero_status, xero_number,
    synced_version, seen_at, body
FROM objects
WHERE tenant_id = (SELECT tenant_id FROM place) AND kind = ?2
    AND label >= (SELECT CASE WHEN label > ?7 THEN label ELSE ?7 END FROM place) AND label < ?8
    AND (label > (SELECT label FROM place) OR key > (SELECT key FROM place))
    AND CASE WHEN CAST(?5 AS TEXT) IS NULL THEN true ELSE public_state = ?5 END
ORDER BY label, key
LIMIT ?6;

-- name: recent
-- As `listing`, those changed last in Pipeline first: ?3 is the instant and ?4 the key of a place.
WITH place AS MATERIALIZED (
    SELECT id AS tenant_id, ?4 AS key, coalesce(?3, 9223372036854775807) AS changed_at
    FROM tenants
    WHERE name = ?1
),

found AS MATERIALIZED (
    SELECT key FROM jobs
    WHERE tenant_id = (SELECT tenant_id FROM place) AND kind = 'push_' || ?2 AND CAST(?6 AS TEXT) IS NOT NULL AND CAST(?9 AS TEXT) IS NULL
        AND is_exceptional = 1 AND reason = ?6 AND public_state IN (
            'pending', 'waiting', 'out_of_sync', 'uncertain', 'failed', 'synced', 'voided'
        )
    UNION ALL
    SELECT key FROM jobs INDEXED BY jobs_exceptional
    WHERE tenant_id = (SELECT tenant_id FROM place) AND kind = 'push_' || ?2 AND CAST(?9 AS TEXT) IS NOT NULL AND is_exceptional = 1
        AND public_state IN ('waiting', 'out_of_sync', 'failed') AND cause = ?9
    UNION ALL
    SELECT key FROM jobs
    WHERE tenant_id = (SELECT tenant_id FROM place) AND kind = 'push_' || ?2 AND CAST(?6 AS TEXT) IS NULL AND CAST(?9 AS TEXT) IS NULL
        AND ?5 NOT IN ('pending', 'synced') AND is_exceptional = 1 AND public_state = ?5
    UNION ALL
    SELECT key FROM jobs
    WHERE tenant_id = (SELECT tenant_id FROM place) AND kind = 'push_' || ?2 AND CAST(?6 AS TEXT) IS NULL AND CAST(?9 AS TEXT) IS NULL
        AND ?5 = 'pending' AND state = 'ready'
        AND (reason IS NULL OR reason IN ('breaker_open', 'rate_limited'))
    UNION ALL
    SELECT key FROM jobs INDEXED BY jobs_leased
    WHERE tenant_id = (SELECT tenant_id FROM place) AND kind = 'push_' || ?2 AND CAST(?6 AS TEXT) IS NULL AND CAST(?9 AS TEXT) IS NULL
        AND ?5 = 'pending' AND state = 'leased'
    LIMIT 5001
),

-- One row of each, or none: how to go about it.
by_key AS MATERIALIZED (
    SELECT tenant_id, key, changed_at FROM place
    WHERE (CAST(?6 AS TEXT) IS NOT NULL OR CAST(?9 AS TEXT) IS NOT NULL OR ?5 <> 'synced') AND (SELECT count(*) FROM found) <= 5000
),

by_change AS MATERIALIZED (
    SELECT tenant_id, key, changed_at FROM place WHERE NOT EXISTS (SELECT 1 FROM by_key)
)

SELECT
    objects.key, label, version, is_withdrawn, objects.changed_at, changed_by, problem, public_state, reason, cause, note,
    attempt, ready_at, first_wanted_at, settled_at, xero_id, xero_status, xero_number,
    synced_version, seen_at, body
FROM by_key
CROSS JOIN found
CROSS JOIN objects
WHERE objects.tenant_id = by_key.tenant_id AND objects.kind = ?2 AND objects.key = found.key
    AND (objects.changed_at, objects.key) < (by_key.changed_at, by_key.key)
    AND CASE WHEN CAST(?5 AS TEXT) IS NULL THEN true ELSE public_state = ?5 END
    AND CASE WHEN CAST(?6 AS TEXT) IS NULL THEN true ELSE reason = ?6 END
    AND CASE WHEN CAST(?7 AS TEXT) IS NULL THEN true ELSE instr(lower(label), ?7) > 0 END
UNION ALL
SELECT
    key, label, version, is_withdrawn, changed_at, changed_by, problem, public_state, reason, cause, note,
    attempt, ready_at, first_wanted_at, settled_at, xero_id, xero_status, xero_number,
    synced_version, seen_at, body
FROM (
    SELECT
        key, label, version, is_withdrawn, changed_at, changed_by, problem, public_state, reason, cause, note,
        attempt, ready_at, first_wanted_at, settled_at, xero_id, xero_status, xero_number,
        synced_version, seen_at, body
    FROM objects
    WHERE tenant_id = (SELECT tenant_id FROM by_change) AND kind = ?2
        AND (changed_at, key) < ((SELECT changed_at FROM place), (SELECT key FROM place))
        AND CASE WHEN CAST(?5 AS TEXT) IS NULL THEN true ELSE public_state = ?5 END
        AND CASE WHEN CAST(?6 AS TEXT) IS NULL THEN true ELSE reason = ?6 END
        AND CASE WHEN CAST(?9 AS TEXT) IS NULL THEN true ELSE cause = ?9 END
        AND CASE WHEN CAST(?7 AS TEXT) IS NULL THEN true ELSE instr(lower(label), ?7) > 0 END
    ORDER BY changed_at DESC, key DESC
    LIMIT ?8
) AS page
ORDER BY changed_at DESC, key DESC
LIMIT ?8;

-- name: one
SELECT
    key, label, version, is_withdrawn, changed_at, changed_by, problem, public_state, reason, cause, note,
    attempt, ready_at, first_wanted_at, settled_at, xero_id, xero_status, xero_number,
    synced_version, seen_at, body
FROM objects
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?3;

-- name: particulars
-- What a listing's row says besides: of the page's invoices alone, since it is read from bodies.
SELECT
    desired.key, desired.parent, customers.label,
    json_extract(CAST(desired.body AS TEXT), '$.invoice_on'),
    json_extract(CAST(desired.body AS TEXT), '$.total'),
    coalesce(
        json_extract(CAST(desired.body AS TEXT), '$.currency_code'),
        json_extract(CAST(settings.body AS TEXT), '$.base_currency')
    ),
    json_extract(CAST(results.content AS TEXT), '$.amount_due')
FROM json_each(?2) AS wanted
CROSS JOIN desired
LEFT JOIN desired AS customers
    ON customers.tenant_id = desired.tenant_id AND customers.kind = 'customer'
    AND customers.key = desired.parent
LEFT JOIN settings ON settings.tenant_id = desired.tenant_id
LEFT JOIN results
    ON results.tenant_id = desired.tenant_id AND results.kind = 'invoice'
    AND results.key = desired.key AND results.part = ''
WHERE desired.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND desired.kind = 'invoice'
    AND desired.key = wanted.value;

-- name: invoice_sides
SELECT
    desired.body, links.base, results.content, intents.step, intents.opened_at,
    calls.first_sent_at, calls.last_sent_at, calls.sends, coalesce(intents.was_uncertain, 0),
    jobs.trail
FROM desired
LEFT JOIN links USING (tenant_id, kind, key)
LEFT JOIN results
    ON results.tenant_id = desired.tenant_id AND results.kind = 'invoice'
    AND results.key = desired.key AND results.part = ''
LEFT JOIN jobs
    ON jobs.tenant_id = desired.tenant_id AND jobs.kind = 'push_invoice'
    AND jobs.key = desired.key
LEFT JOIN intents
    ON intents.tenant_id = desired.tenant_id AND intents.kind = 'invoice'
    AND intents.key = desired.key AND intents.state = 'open'
LEFT JOIN calls ON calls.id = intents.call_id
WHERE desired.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND desired.kind = 'invoice'
    AND desired.key = ?2;

-- name: cards
SELECT
    tenants.name, tenants.mode, tenants.is_paused, coalesce(connections.state, 'Not Connected'),
    connections.organisation_id, connections.organisation_name, connections.connected_at,
    connections.access_expires_at, connections.refresh_issued_at, connections.refresh_started_at,
    connections.refresh_failed_since, connections.scopes, connections.note, settings.read_at,
    tenants.paused_at, tenants.paused_by, brakes.text, failed_consents.problem, failed_consents.text, failed_consents.who,
    failed_consents.failed_at
FROM tenants
LEFT JOIN connections ON connections.tenant_id = tenants.id
LEFT JOIN settings ON settings.tenant_id = tenants.id
LEFT JOIN brakes ON brakes.tenant_id = tenants.id
LEFT JOIN failed_consents ON failed_consents.tenant_id = tenants.id
WHERE CAST(?1 AS TEXT) IS NULL OR tenants.name = ?1
ORDER BY tenants.name;
