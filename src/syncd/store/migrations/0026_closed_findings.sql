-- Findings that went lately, the last one first.
CREATE INDEX findings_closed ON findings (tenant_id, closed_at) WHERE closed_at IS NOT NULL;
