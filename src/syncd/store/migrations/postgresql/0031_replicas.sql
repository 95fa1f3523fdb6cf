-- Which replica works for the site, and which ones there are. No clock decides here: a lease is
-- dead when neither of its counts has moved for as long as it lasts.
CREATE TABLE leases (
    name TEXT COLLATE "C" PRIMARY KEY,
    holder TEXT COLLATE "C",
    fence BIGINT NOT NULL,
    renewals BIGINT NOT NULL,
    lease_ms BIGINT NOT NULL
);
INSERT INTO leases (name, holder, fence, renewals, lease_ms) VALUES ('site', NULL, 0, 0, 0);

-- seen_at is for people.
CREATE TABLE replicas (
    name TEXT COLLATE "C" PRIMARY KEY,
    url TEXT COLLATE "C" NOT NULL,
    public_url TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    seen_at BIGINT NOT NULL
);

-- Begins a write under a fence: first the lock of whoever writes, then whether the fence still
-- holds. Volatile, so that what it asks second sees what was committed until it held the lock.
CREATE FUNCTION begin_write(writers BIGINT, mine BIGINT) RETURNS VOID
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(writers);
    IF NOT EXISTS (SELECT FROM leases WHERE name = 'site' AND fence = mine) THEN
        RAISE EXCEPTION 'the fence % is not that of the lease', mine USING ERRCODE = 'SY001';
    END IF;
END;
$$;
