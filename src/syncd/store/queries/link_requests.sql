-- Which contact a person wants for a customer.

-- name: get
SELECT body FROM link_requests
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND key = ?2;

-- name: put
INSERT INTO link_requests (tenant_id, key, body)
VALUES ((SELECT id FROM tenants WHERE name = ?1), ?2, ?3)
ON CONFLICT (tenant_id, key) DO UPDATE SET body = excluded.body;

-- name: forget
-- Of one that is wanted anew since its round began, the request may be a newer one than that round
-- has seen: the next round says what has become of it.
DELETE FROM link_requests
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1) AND key = ?2
    AND NOT EXISTS (
        SELECT 1 FROM jobs
        WHERE jobs.tenant_id = link_requests.tenant_id AND jobs.kind = 'push_customer'
            AND jobs.key = link_requests.key AND jobs.wanted_seq > jobs.claimed_seq
    );
