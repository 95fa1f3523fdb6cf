-- Which replica works for the site, and which ones there are. No clock decides here: a lease is
-- dead when neither of its counts has moved for as long as it lasts.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT,
    fence INTEGER NOT NULL,
    renewals INTEGER NOT NULL,
    lease_ms INTEGER NOT NULL
) STRICT;
INSERT INTO leases (name, holder, fence, renewals, lease_ms) VALUES ('site', NULL, 0, 0, 0);
-- seen_at is for people.
CREATE TABLE replicas (
    name TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    public_url TEXT NOT NULL,
    version TEXT NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT;
