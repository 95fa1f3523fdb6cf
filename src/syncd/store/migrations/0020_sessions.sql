-- Who is signed in at the console, and the links that sign somebody in once. Both are kept as
-- digests: who reads the file cannot use them. `token_mark` says which token the operator had then,
-- so that another one ends what the old one began.
CREATE TABLE sessions (
    digest TEXT PRIMARY KEY,
    operator TEXT NOT NULL CHECK (operator <> ''),
    token_mark TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL CHECK (seen_at >= created_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE login_tickets (
    digest TEXT PRIMARY KEY,
    operator TEXT NOT NULL CHECK (operator <> ''),
    token_mark TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
