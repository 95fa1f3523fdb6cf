-- This store's own name.

-- name: ensure
INSERT INTO installation (only_row, id, created_at) VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING;

-- name: touch
UPDATE installation SET id = id;

-- name: get
SELECT id FROM installation;
