-- What many objects wait for alike, beside the reason: `cost_code:PAINT`, `customer:<id>`. Counted by
-- an index of what is not as it should be, the oldest of each first.
ALTER TABLE jobs ADD COLUMN cause TEXT;

UPDATE jobs SET cause = 'customer:' || key
WHERE kind = 'push_customer' AND is_exceptional = 1 AND reason IS NOT NULL;

UPDATE jobs SET cause = 'customer:' || (
    SELECT parent FROM desired
    WHERE desired.tenant_id = jobs.tenant_id AND desired.kind = 'invoice' AND desired.key = jobs.key
)
WHERE kind = 'push_invoice' AND is_exceptional = 1
    AND reason IN ('contact_unmapped', 'contact_archived', 'contact_name_taken');

DROP INDEX jobs_exceptional;
CREATE INDEX jobs_exceptional
ON jobs (tenant_id, kind, public_state, reason, cause, first_wanted_at, is_exceptional)
WHERE is_exceptional = 1;
