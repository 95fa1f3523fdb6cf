-- Samples of five minutes, a week of them a tenant.

-- name: put
-- In the place of the one a week before.
INSERT INTO samples (
    tenant_id, slot, period, seen_s,
    queued, most_queued, waiting, out_of_sync, failed, findings, day_left,
    write_calls, read_calls, sweep_calls, bytes_read, events, missed,
    xero_kept, xero_repeated, xero_refused, pipeline_kept, pipeline_repeated, pipeline_refused,
    push_delays, webhook_delays
)
VALUES (
    (SELECT id FROM tenants WHERE name = ?1), ?2, ?3, ?4,
    ?5, ?6, ?7, ?8, ?9, ?10, ?11,
    ?12, ?13, ?14, ?15, ?16, ?17,
    ?18, ?19, ?20, ?21, ?22, ?23,
    ?24, ?25
)
ON CONFLICT (tenant_id, slot) DO UPDATE SET
    period = excluded.period,
    seen_s = excluded.seen_s,
    queued = excluded.queued,
    most_queued = excluded.most_queued,
    waiting = excluded.waiting,
    out_of_sync = excluded.out_of_sync,
    failed = excluded.failed,
    findings = excluded.findings,
    day_left = excluded.day_left,
    write_calls = excluded.write_calls,
    read_calls = excluded.read_calls,
    sweep_calls = excluded.sweep_calls,
    bytes_read = excluded.bytes_read,
    events = excluded.events,
    missed = excluded.missed,
    xero_kept = excluded.xero_kept,
    xero_repeated = excluded.xero_repeated,
    xero_refused = excluded.xero_refused,
    pipeline_kept = excluded.pipeline_kept,
    pipeline_repeated = excluded.pipeline_repeated,
    pipeline_refused = excluded.pipeline_refused,
    push_delays = excluded.push_delays,
    webhook_delays = excluded.webhook_delays;

-- name: span
-- Of these slots, what is not left from another week.
SELECT
    period, seen_s,
    queued, most_queued, waiting, out_of_sync, failed, findings, day_left,
    write_calls, read_calls, sweep_calls, bytes_read, events, missed,
    xero_kept, xero_repeated, xero_refused, pipeline_kept, pipeline_repeated, pipeline_refused,
    push_delays, webhook_delays
FROM samples
WHERE tenant_id = (SELECT id FROM tenants WHERE name = ?1)
    AND slot BETWEEN ?2 AND ?3 AND period BETWEEN ?4 AND ?5
ORDER BY slot;
