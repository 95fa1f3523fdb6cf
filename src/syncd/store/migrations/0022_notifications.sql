-- What only a person can mend, and the messages about it that are under way.

-- A concern from when it was first seen until it has been told as resolved; '' is the daemon's own.
CREATE TABLE concerns (
    kind TEXT NOT NULL CHECK (kind <> ''),
    tenant TEXT NOT NULL,
    text TEXT NOT NULL,
    since INTEGER NOT NULL,
    told_at INTEGER,
    gone_at INTEGER,
    PRIMARY KEY (kind, tenant)
) STRICT, WITHOUT ROWID;

-- A message until it is delivered or given up, once for each way it travels.
CREATE TABLE notifications (
    id INTEGER PRIMARY KEY,
    way TEXT NOT NULL CHECK (way IN ('http', 'mail')),
    body BLOB NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    made_at INTEGER NOT NULL,
    ready_at INTEGER NOT NULL
) STRICT;
