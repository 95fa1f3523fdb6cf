-- Who is signed in at the console, and one-time links that sign somebody in.

-- name: begin
INSERT INTO sessions (digest, operator, token_mark, created_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?4);

-- name: find
SELECT digest, operator, token_mark, created_at, seen_at FROM sessions WHERE digest = ?1;

-- name: listing
SELECT digest, operator, token_mark, created_at, seen_at FROM sessions
ORDER BY seen_at DESC, digest
LIMIT ?1;

-- name: seen
UPDATE sessions SET seen_at = max(seen_at, ?2) WHERE digest = ?1;

-- name: end_one
DELETE FROM sessions WHERE digest = ?1;

-- name: forget
-- What nobody used since ?1, or what began before ?2.
DELETE FROM sessions WHERE seen_at < ?1 OR created_at < ?2;

-- name: offer
INSERT INTO login_tickets (digest, operator, token_mark, expires_at) VALUES (?1, ?2, ?3, ?4);

-- name: take
DELETE FROM login_tickets WHERE digest = ?1 AND expires_at > ?2 RETURNING operator, token_mark;

-- name: forget_tickets
DELETE FROM login_tickets WHERE expires_at <= ?1;
