-- How large the store is. Rows are counted by the shortest index of their table, once an hour.

-- name: file
SELECT page_count * page_size, freelist_count * page_size
FROM pragma_page_count(), pragma_page_size(), pragma_freelist_count();
-- postgresql:
-- A database has no pages to ask for; what is free in it is its own business.
SELECT pg_database_size(current_database()), 0;

-- name: calls
SELECT count(*) FROM calls;

-- name: desired
SELECT count(*) FROM desired;

-- name: findings
SELECT count(*) FROM findings;

-- name: glances
SELECT count(*) FROM glances;

-- name: inbox
SELECT count(*) FROM inbox;

-- name: intents
SELECT count(*) FROM intents;

-- name: jobs
SELECT count(*) FROM jobs;

-- name: journal
SELECT count(*) FROM journal;

-- name: links
SELECT count(*) FROM links;

-- name: results
SELECT count(*) FROM results;

-- name: sights
SELECT count(*) FROM sights;
