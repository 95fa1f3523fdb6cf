-- This store's own name.

-- name: ensure
INSERT INTO installation (only_row, id, created_at) VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING;

-- name: touch
UPDATE installation SET id = id;
-- postgresql:
-- An update finds room in a page that is there already: a megabyte that goes again does not.
CREATE TEMPORARY TABLE room_for_more ON COMMIT DROP AS
SELECT filler FROM generate_series(1, 30000) AS fillers (filler);

-- name: get
SELECT id FROM installation;

-- name: machine_time
SELECT boot, ahead_ms FROM installation WHERE boot IS NOT NULL;

-- name: remember_machine_time
UPDATE installation SET boot = ?1, ahead_ms = ?2;
