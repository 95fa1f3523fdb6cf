-- Instants that something waits for or is ordered by, moved along when the wall clock is set, so that
-- none is later than now but what is due. Whole tables are read: somebody has set a clock. ?1 is by
-- how much, ?2 what the clock shows now.

-- name: newest
-- The newest instant that the last run is sure to have noted: reviews end every minute.
SELECT max(at) FROM (
    SELECT max(moved_at) AS at FROM feeds
    UNION ALL SELECT max(ended_at) FROM sweeps
) AS instants;

-- name: move_jobs_ready_at
-- With the instant it was written at: by that `mend_jobs` knows who went by another clock.
UPDATE jobs
SET ready_at = iif(ready_at > ?2, ready_at + ?1, ready_at),
    settled_at = iif(settled_at > ?2, settled_at + ?1, settled_at)
WHERE state IN ('ready', 'held', 'uncertain') AND (ready_at > ?2 OR settled_at > ?2);

-- name: move_jobs_first_wanted_at
UPDATE jobs SET first_wanted_at = first_wanted_at + ?1 WHERE first_wanted_at > ?2;

-- name: move_results_ready_at
UPDATE results SET ready_at = ready_at + ?1 WHERE ready_at > ?2;

-- name: move_links_seen_at
UPDATE links SET seen_at = seen_at + ?1 WHERE seen_at > ?2;

-- name: move_links_based_at
UPDATE links SET based_at = based_at + ?1 WHERE based_at > ?2;

-- name: move_sights_read_at
UPDATE sights SET read_at = read_at + ?1 WHERE read_at > ?2;

-- name: move_brake_documents_at
UPDATE brake_documents SET at = at + ?1 WHERE at > ?2;

-- name: move_settings_read_at
UPDATE settings SET read_at = read_at + ?1 WHERE read_at > ?2;

-- name: move_settings_doubted_at
UPDATE settings SET doubted_at = doubted_at + ?1 WHERE doubted_at > ?2;

-- name: move_sweeps_ended_at
UPDATE sweeps SET ended_at = ended_at + ?1 WHERE ended_at > ?2;

-- name: move_feeds_moved_at
UPDATE feeds SET moved_at = moved_at + ?1 WHERE moved_at > ?2;

-- name: move_feeds_began_again_at
UPDATE feeds SET began_again_at = began_again_at + ?1 WHERE began_again_at > ?2;

-- name: move_tenants_paused_at
UPDATE tenants SET paused_at = paused_at + ?1 WHERE paused_at > ?2;

-- name: move_connections
-- An access token ends so long after it was issued, whatever the clock shows.
UPDATE connections SET
    access_expires_at = iif(refresh_issued_at > ?2, access_expires_at + ?1, access_expires_at),
    refresh_issued_at = iif(refresh_issued_at > ?2, refresh_issued_at + ?1, refresh_issued_at),
    refresh_started_at = iif(refresh_started_at > ?2, refresh_started_at + ?1, refresh_started_at),
    refresh_failed_since =
        iif(refresh_failed_since > ?2, refresh_failed_since + ?1, refresh_failed_since)
WHERE refresh_issued_at > ?2 OR refresh_started_at > ?2 OR refresh_failed_since > ?2;

-- name: move_findings
UPDATE findings SET seen_at = seen_at + ?1, opened_at = min(opened_at, seen_at + ?1)
WHERE seen_at > ?2;

-- name: move_events
UPDATE inbox SET received_at = received_at + ?1 WHERE state = 'new' AND received_at > ?2;

-- name: move_leases
UPDATE jobs SET leased_until = leased_until + ?1 WHERE state = 'leased';

-- name: move_looks
UPDATE intents SET look_at = look_at + ?1 WHERE state = 'open' AND look_at IS NOT NULL;

-- name: doubt_open_calls
-- Nobody knows how long ago they were sent: too long (?2) for sending the same bytes again, and not
-- long enough (?1) for giving up.
UPDATE calls SET first_sent_at = min(first_sent_at, ?2), last_sent_at = ?1
WHERE closed_at IS NULL;

-- name: mend_jobs
-- Written after now, so by the clock as it was: it waits as long as was meant, from now on.
UPDATE jobs
SET ready_at = ?1 + max(0, ready_at - max(coalesce(settled_at, 0), first_wanted_at)),
    settled_at = min(settled_at, ?1),
    first_wanted_at = min(first_wanted_at, ?1)
WHERE state IN ('ready', 'held', 'uncertain') AND ready_at > ?1
    AND max(coalesce(settled_at, 0), first_wanted_at) > ?1;

-- name: mend_results
UPDATE results SET ready_at = ?1 WHERE sent_seq < wanted_seq AND ready_at > ?1;

-- name: mend_links_seen_at
UPDATE links SET seen_at = ?1 WHERE seen_at > ?1;

-- name: mend_links_based_at
UPDATE links SET based_at = ?1 WHERE based_at > ?1;

-- name: mend_sights
UPDATE sights SET read_at = ?1 WHERE read_at > ?1;

-- name: mend_settings
UPDATE settings SET read_at = min(read_at, ?1), doubted_at = min(doubted_at, ?1)
WHERE read_at > ?1 OR doubted_at > ?1;

-- name: mend_sweeps
UPDATE sweeps SET ended_at = ?1 WHERE ended_at > ?1;

-- name: mend_feeds
UPDATE feeds SET moved_at = min(moved_at, ?1), began_again_at = min(began_again_at, ?1)
WHERE moved_at > ?1 OR began_again_at > ?1;

-- name: mend_events
UPDATE inbox SET received_at = ?1 WHERE state = 'new' AND received_at > ?1;
