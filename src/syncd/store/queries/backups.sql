-- Copies of the store: when they were taken, and whether everything in them is settled.

-- name: make_stamp
CREATE TABLE IF NOT EXISTS backup_stamp (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    taken_at INTEGER NOT NULL
) STRICT;

-- name: stamp
INSERT INTO backup_stamp (only_row, taken_at) VALUES (1, ?1)
ON CONFLICT (only_row) DO UPDATE SET taken_at = excluded.taken_at;

-- name: taken_at
SELECT taken_at FROM backup_stamp;

-- name: unstamp
DELETE FROM backup_stamp;

-- name: newest
-- The newest instant of ours on paper: a copy without a stamp is no older than that.
SELECT max(at) FROM (
    SELECT max(created_at) AS at FROM installation
    UNION ALL SELECT max(moved_at) FROM feeds
    UNION ALL SELECT max(last_sent_at) FROM calls
    UNION ALL SELECT max(seen_at) FROM links
    UNION ALL SELECT max(ended_at) FROM sweeps
) AS instants;

-- name: open_intents
SELECT count(*), min(opened_at) FROM intents WHERE state = 'open';
