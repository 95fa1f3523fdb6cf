-- What people see. Read-only; what was never queued (out of scope) is in no listing.

-- name: listing
SELECT
    desired.key, desired.label, desired.version, desired.is_withdrawn, desired.changed_at,
    desired.changed_by, desired.problem,
    public_jobs.public_state, public_jobs.reason, public_jobs.note, public_jobs.attempt,
    public_jobs.ready_at, public_jobs.first_wanted_at, public_jobs.settled_at,
    links.xero_id, links.xero_status, links.xero_number, links.synced_version, links.seen_at,
    details.body
FROM desired
JOIN public_jobs
    ON public_jobs.tenant_id = desired.tenant_id AND public_jobs.key = desired.key
    AND public_jobs.kind = iif(desired.kind = 'invoice', 'push_invoice', 'push_customer')
LEFT JOIN links USING (tenant_id, kind, key)
LEFT JOIN details
    ON details.tenant_id = desired.tenant_id AND details.key = desired.key
    AND details.kind = public_jobs.kind
WHERE desired.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND desired.kind = ?2
    AND (desired.label, desired.key) > (
        coalesce(nullif(?3, ''), (
            SELECT label FROM desired
            WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND kind = ?2 AND key = ?4
        ), ''),
        ?4
    )
    AND (?5 IS NULL OR public_jobs.public_state = ?5)
    AND (?6 IS NULL OR public_jobs.reason = ?6)
    AND (?7 IS NULL OR instr(lower(desired.label), lower(?7)) > 0)
ORDER BY desired.label, desired.key
LIMIT ?8;

-- name: one
SELECT
    desired.key, desired.label, desired.version, desired.is_withdrawn, desired.changed_at,
    desired.changed_by, desired.problem,
    public_jobs.public_state, public_jobs.reason, public_jobs.note, public_jobs.attempt,
    public_jobs.ready_at, public_jobs.first_wanted_at, public_jobs.settled_at,
    links.xero_id, links.xero_status, links.xero_number, links.synced_version, links.seen_at,
    details.body
FROM desired
JOIN public_jobs
    ON public_jobs.tenant_id = desired.tenant_id AND public_jobs.key = desired.key
    AND public_jobs.kind = iif(desired.kind = 'invoice', 'push_invoice', 'push_customer')
LEFT JOIN links USING (tenant_id, kind, key)
LEFT JOIN details
    ON details.tenant_id = desired.tenant_id AND details.key = desired.key
    AND details.kind = public_jobs.kind
WHERE desired.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND desired.kind = ?2
    AND desired.key = ?3;

-- name: invoice_sides
SELECT desired.body, links.base, results.content, intents.step, intents.opened_at
FROM desired
LEFT JOIN links USING (tenant_id, kind, key)
LEFT JOIN results
    ON results.tenant_id = desired.tenant_id AND results.kind = 'invoice'
    AND results.key = desired.key AND results.part = ''
LEFT JOIN intents
    ON intents.tenant_id = desired.tenant_id AND intents.kind = 'invoice'
    AND intents.key = desired.key AND intents.state = 'open'
WHERE desired.tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND desired.kind = 'invoice'
    AND desired.key = ?2;

-- name: counts
SELECT kind, public_state, count(*), min(first_wanted_at)
FROM public_jobs
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
GROUP BY kind, public_state
ORDER BY kind, public_state;

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
WHERE ?1 IS NULL OR tenants.name = ?1
ORDER BY tenants.name;
