-- What SQLite has after its migration 0030, table by table: there each comes with its reason. An
-- INTEGER is BIGINT, a BLOB is BYTEA, and texts are in SQLite's order, which is that of their bytes.
-- Functions first: what the store's statements call and SQLite has, or its driver brings.

-- So that CAST(?1 AS BLOB) says the same here.
CREATE DOMAIN blob AS BYTEA;

-- What is compared and sorted byte by byte, as every stored text is.
CREATE DOMAIN bytewise AS TEXT COLLATE "C";

CREATE FUNCTION iif(BOOLEAN, TEXT, TEXT) RETURNS TEXT
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN $1 THEN $2 ELSE $3 END;

CREATE FUNCTION iif(BOOLEAN, BIGINT, BIGINT) RETURNS BIGINT
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN $1 THEN $2 ELSE $3 END;

CREATE FUNCTION iif(BOOLEAN, BYTEA, BYTEA) RETURNS BYTEA
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN $1 THEN $2 ELSE $3 END;

-- NULL where either is, unlike least and greatest.
CREATE FUNCTION min(BIGINT, BIGINT) RETURNS BIGINT
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN $1 <= $2 THEN $1 WHEN $2 < $1 THEN $2 END;

CREATE FUNCTION max(BIGINT, BIGINT) RETURNS BIGINT
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN $1 >= $2 THEN $1 WHEN $2 > $1 THEN $2 END;

CREATE FUNCTION instr(TEXT, TEXT) RETURNS BIGINT
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN strpos($1, $2);

-- A cast from bytes to text and back is to and from hexadecimal here: the driver writes these instead.
CREATE FUNCTION utf8_text(BYTEA) RETURNS TEXT
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN convert_from($1, 'UTF8');

CREATE FUNCTION utf8_bytes(TEXT) RETURNS BYTEA
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN convert_to($1, 'UTF8');

-- What is in a JSON text. No text can hold NUL here: where one is read out of JSON, it is U+FFFD.
CREATE FUNCTION json_of(TEXT) RETURNS JSON
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE strpos($1, '\u0000')
    WHEN 0 THEN $1::JSON
    ELSE regexp_replace($1, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g')::JSON
END;

-- Its argument has a name, for pg_dump writes one without as no server reads it (json_each."").
CREATE FUNCTION json_each(body TEXT) RETURNS TABLE (key BIGINT, value bytewise)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
SELECT element.place - 1, element.value
FROM json_array_elements_text(json_of(body)) WITH ORDINALITY AS element (value, place);
END;

-- '$.a.b' as a path of names.
CREATE FUNCTION json_path(TEXT) RETURNS TEXT[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN starts_with($1, '$.') THEN string_to_array(substr($1, 3), '.') ELSE ARRAY[$1] END;

CREATE FUNCTION json_extract(TEXT, TEXT) RETURNS TEXT
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN json_of($1) #>> json_path($2);

CREATE FUNCTION json_element(TEXT, INT) RETURNS TEXT
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN json_of($1) ->> $2;

CREATE FUNCTION json_part(TEXT, TEXT) RETURNS TEXT
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (json_of($1) #> json_path($2))::TEXT;

CREATE OPERATOR ->> (LEFTARG = TEXT, RIGHTARG = TEXT, FUNCTION = json_extract);

CREATE OPERATOR ->> (LEFTARG = TEXT, RIGHTARG = INT, FUNCTION = json_element);

CREATE OPERATOR -> (LEFTARG = TEXT, RIGHTARG = TEXT, FUNCTION = json_part);

-- MessagePack, each value at its shortest, as domain/rules/journal/hash_chain.py has it. Not in SQL:
-- that would be written out wherever it is called, and made ready anew for every entry.
CREATE FUNCTION packed(BIGINT) RETURNS BYTEA
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN CASE
        WHEN $1 IS NULL THEN '\xc0'
        WHEN $1 BETWEEN -32 AND 127 THEN substr(int8send($1), 8)
        WHEN $1 BETWEEN 0 AND 255 THEN '\xcc' || substr(int8send($1), 8)
        WHEN $1 BETWEEN 0 AND 65535 THEN '\xcd' || substr(int8send($1), 7)
        WHEN $1 BETWEEN 0 AND 4294967295 THEN '\xce' || substr(int8send($1), 5)
        WHEN $1 > 0 THEN '\xcf' || int8send($1)
        WHEN $1 >= -128 THEN '\xd0' || substr(int8send($1), 8)
        WHEN $1 >= -32768 THEN '\xd1' || substr(int8send($1), 7)
        WHEN $1 >= -2147483648 THEN '\xd2' || substr(int8send($1), 5)
        ELSE '\xd3' || int8send($1)
    END;
END
$$;

CREATE FUNCTION packed(BYTEA) RETURNS BYTEA
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    size BYTEA := int4send(length($1));
BEGIN
    RETURN CASE
        WHEN $1 IS NULL THEN '\xc0'
        WHEN length($1) < 256 THEN '\xc4' || substr(size, 4) || $1
        WHEN length($1) < 65536 THEN '\xc5' || substr(size, 3) || $1
        ELSE '\xc6' || size || $1
    END;
END
$$;

CREATE FUNCTION packed(TEXT) RETURNS BYTEA
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    bytes BYTEA := convert_to($1, 'UTF8');
    size BYTEA := int4send(length(bytes));
BEGIN
    RETURN CASE
        WHEN $1 IS NULL THEN '\xc0'
        WHEN length(bytes) < 32 THEN substr(int4send(160 + length(bytes)), 4) || bytes
        WHEN length(bytes) < 256 THEN '\xd9' || substr(size, 4) || bytes
        WHEN length(bytes) < 65536 THEN '\xda' || substr(size, 3) || bytes
        ELSE '\xdb' || size || bytes
    END;
END
$$;

-- Of an entry's words.
CREATE FUNCTION chain_digest(BYTEA, TEXT, TEXT, BYTEA) RETURNS BYTEA
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256('\x94'::BYTEA || packed($1) || packed($2) || packed($3) || packed($4));

-- Of an entry and of the digest before it.
CREATE FUNCTION chain_digest(BYTEA, BIGINT, TEXT, BIGINT, TEXT, TEXT, TEXT, BYTEA) RETURNS BYTEA
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(
    '\x98'::BYTEA || packed($1) || packed($2) || packed($3) || packed($4)
    || packed($5) || packed($6) || packed($7) || packed($8)
);

-- 16 bytes that nobody can guess: of a UUID's only 122 bits are drawn, so they are made of two.
CREATE FUNCTION fresh_salt() RETURNS BYTEA
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 16);

CREATE TABLE backup_stamp (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    taken_at BIGINT NOT NULL
);

CREATE TABLE concerns (
    kind TEXT COLLATE "C" NOT NULL CHECK (kind <> ''),
    tenant TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    since BIGINT NOT NULL,
    told_at BIGINT,
    gone_at BIGINT,
    PRIMARY KEY (kind, tenant)
);

CREATE TABLE installation (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    id TEXT COLLATE "C" NOT NULL CHECK (length(id) >= 8),
    created_at BIGINT NOT NULL,
    boot TEXT COLLATE "C",
    ahead_ms BIGINT
);

CREATE TABLE journal_head (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    entries BIGINT NOT NULL CHECK (entries >= 0),
    digest BYTEA NOT NULL
);

CREATE TABLE journal_words (
    seq BIGINT PRIMARY KEY,
    salt BYTEA,
    description TEXT COLLATE "C",
    who TEXT COLLATE "C",
    detail BYTEA,
    CHECK ((salt IS NULL) = (description IS NULL) AND (salt IS NULL) = (who IS NULL))
);

CREATE TABLE login_tickets (
    digest TEXT COLLATE "C" PRIMARY KEY,
    operator TEXT COLLATE "C" NOT NULL CHECK (operator <> ''),
    token_mark TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE notifications (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    way TEXT COLLATE "C" NOT NULL CHECK (way IN ('http', 'mail')),
    body BYTEA NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    made_at BIGINT NOT NULL,
    ready_at BIGINT NOT NULL
);

CREATE TABLE restored (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    taken_at BIGINT NOT NULL,
    restored_at BIGINT NOT NULL,
    look_since BIGINT NOT NULL
);

CREATE TABLE sessions (
    digest TEXT COLLATE "C" PRIMARY KEY,
    operator TEXT COLLATE "C" NOT NULL CHECK (operator <> ''),
    token_mark TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL CHECK (seen_at >= created_at)
);

CREATE TABLE tenants (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE CHECK (name <> ''),
    mode TEXT COLLATE "C" NOT NULL DEFAULT 'observe' CHECK (mode IN ('observe', 'live')),
    is_paused BIGINT NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1)),
    paused_at BIGINT,
    paused_by TEXT COLLATE "C",
    started_by TEXT COLLATE "C",
    choices TEXT COLLATE "C",
    start_date TEXT COLLATE "C"
);

CREATE TABLE added_tenants (
    tenant_id BIGINT PRIMARY KEY REFERENCES tenants (id),
    choices TEXT COLLATE "C" NOT NULL,
    sealed_secrets BYTEA NOT NULL
);

CREATE TABLE applied_plans (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    hash TEXT COLLATE "C" NOT NULL CHECK (hash <> ''),
    made_at TEXT COLLATE "C" NOT NULL,
    applied_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);

CREATE TABLE brake_documents (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    version BIGINT NOT NULL,
    step TEXT COLLATE "C" NOT NULL CHECK (step IN ('update', 'void', 'delete', 'absent')),
    label TEXT COLLATE "C" NOT NULL,
    xero_id TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    cents BIGINT NOT NULL CHECK (cents >= 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('passed', 'halted', 'released')),
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key, version, step)
);

CREATE TABLE brakes (
    tenant_id BIGINT PRIMARY KEY REFERENCES tenants (id),
    kind TEXT COLLATE "C" NOT NULL
        CHECK (kind IN ('xero_emptied', 'pipeline_emptied', 'voids', 'money')),
    text TEXT COLLATE "C" NOT NULL,
    halted_at BIGINT NOT NULL
);

CREATE TABLE calls (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    idempotency_key TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(idempotency_key) BETWEEN 8 AND 128),
    operation TEXT COLLATE "C" NOT NULL,
    method TEXT COLLATE "C" NOT NULL CHECK (method IN ('PUT', 'POST')),
    target TEXT COLLATE "C" NOT NULL,
    elements BIGINT NOT NULL CHECK (elements >= 1),
    body BYTEA,
    opened_at BIGINT NOT NULL,
    first_sent_at BIGINT NOT NULL,
    last_sent_at BIGINT NOT NULL CHECK (last_sent_at >= first_sent_at),
    sends BIGINT NOT NULL DEFAULT 1 CHECK (sends >= 1),
    closed_at BIGINT,
    CHECK (closed_at IS NOT NULL OR body IS NOT NULL)
);

CREATE TABLE catch_ups (
    tenant_id BIGINT PRIMARY KEY REFERENCES tenants (id),
    step TEXT COLLATE "C" NOT NULL,
    moved_at BIGINT NOT NULL
);

CREATE TABLE connections (
    tenant_id BIGINT PRIMARY KEY REFERENCES tenants (id),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('Not Connected', 'Connected', 'TOKEN_EXPIRED')),
    organisation_id TEXT COLLATE "C",
    organisation_name TEXT COLLATE "C",
    connection_id TEXT COLLATE "C",
    connected_at BIGINT,
    generation BIGINT NOT NULL DEFAULT 0,
    sealed_access BYTEA,
    access_expires_at BIGINT,
    sealed_refresh BYTEA,
    refresh_issued_at BIGINT,
    refresh_started_at BIGINT,
    refresh_failed_since BIGINT,
    scopes TEXT COLLATE "C",
    note TEXT COLLATE "C",
    CHECK (state <> 'Connected' OR (organisation_id IS NOT NULL AND sealed_refresh IS NOT NULL))
);

CREATE TABLE consents (
    ticket_digest TEXT COLLATE "C" PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    state_digest TEXT COLLATE "C" UNIQUE,
    sealed_verifier BYTEA,
    created_by TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    opened_at BIGINT,
    used_at BIGINT
);

CREATE TABLE desired (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('invoice', 'customer')),
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    version BIGINT NOT NULL CHECK (version >= 1),
    is_withdrawn BIGINT NOT NULL CHECK (is_withdrawn IN (0, 1)),
    label TEXT COLLATE "C" NOT NULL,
    parent TEXT COLLATE "C",
    changed_at BIGINT NOT NULL,
    changed_by TEXT COLLATE "C" NOT NULL,
    problem TEXT COLLATE "C",
    body BYTEA,
    PRIMARY KEY (tenant_id, kind, key),
    CHECK (is_withdrawn = 1 OR body IS NOT NULL OR problem IS NOT NULL)
);

CREATE TABLE failed_consents (
    tenant_id BIGINT PRIMARY KEY REFERENCES tenants (id),
    problem TEXT COLLATE "C" NOT NULL CHECK (problem <> ''),
    text TEXT COLLATE "C" NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    failed_at BIGINT NOT NULL
);

CREATE TABLE feeds (
    tenant_id BIGINT PRIMARY KEY REFERENCES tenants (id),
    cursor TEXT COLLATE "C",
    moved_at BIGINT,
    began_again_at BIGINT,
    is_behind_restore BIGINT NOT NULL DEFAULT 0 CHECK (is_behind_restore IN (0, 1)),
    CHECK ((cursor IS NULL) = (moved_at IS NULL))
);

CREATE TABLE findings (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind <> ''),
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    label TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL CHECK (seen_at >= opened_at),
    closed_at BIGINT,
    PRIMARY KEY (tenant_id, kind, key)
);

CREATE TABLE glances (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    xero_id TEXT COLLATE "C" NOT NULL CHECK (xero_id <> ''),
    updated_at BIGINT NOT NULL,
    face TEXT COLLATE "C" NOT NULL,
    money TEXT COLLATE "C" NOT NULL,
    dated_on TEXT COLLATE "C" NOT NULL,
    full_at BIGINT,
    run BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, xero_id)
);

CREATE TABLE inbox (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT REFERENCES tenants (id),
    source TEXT COLLATE "C" NOT NULL CHECK (source IN ('xero', 'pipeline')),
    scope TEXT COLLATE "C" NOT NULL,
    category TEXT COLLATE "C" NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    resource_id TEXT COLLATE "C" NOT NULL,
    resource_type TEXT COLLATE "C" NOT NULL,
    happened_at BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('new', 'done', 'ignored')),
    verdict TEXT COLLATE "C",
    settled_at BIGINT,
    tries BIGINT NOT NULL DEFAULT 0,
    again_at BIGINT,
    CHECK ((state = 'new') = (settled_at IS NULL)),
    CHECK (state = 'new' OR verdict IS NOT NULL),
    CHECK (state <> 'new' OR tenant_id IS NOT NULL),
    UNIQUE (sequence, happened_at, resource_id, category, event, scope)
);

CREATE TABLE intents (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('invoice', 'customer')),
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    call_id BIGINT NOT NULL REFERENCES calls (id),
    element BIGINT NOT NULL CHECK (element >= 0),
    step TEXT COLLATE "C" NOT NULL CHECK (step IN ('create', 'update', 'void', 'delete')),
    version BIGINT NOT NULL,
    xero_id TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL
        CHECK (state IN ('open', 'applied', 'refused', 'unsent', 'abandoned')),
    was_uncertain BIGINT NOT NULL DEFAULT 0 CHECK (was_uncertain IN (0, 1)),
    was_not_unique BIGINT NOT NULL DEFAULT 0 CHECK (was_not_unique IN (0, 1)),
    clean_looks BIGINT NOT NULL DEFAULT 0 CHECK (clean_looks >= 0),
    look_at BIGINT,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    body BYTEA,
    ties BYTEA,
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK (step = 'create' OR xero_id IS NOT NULL),
    CHECK (body IS NOT NULL OR step = 'create'),
    CHECK (body IS NOT NULL OR state NOT IN ('refused', 'abandoned')),
    UNIQUE (call_id, element)
);

CREATE TABLE job_totals (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    kind TEXT COLLATE "C" NOT NULL,
    jobs BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind)
);

CREATE TABLE jobs (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('push_invoice', 'push_customer')),
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    state TEXT COLLATE "C" NOT NULL
        CHECK (state IN ('ready', 'leased', 'held', 'uncertain', 'done', 'failed')),
    wanted_seq BIGINT NOT NULL CHECK (wanted_seq >= 1),
    claimed_seq BIGINT NOT NULL DEFAULT 0 CHECK (claimed_seq <= wanted_seq),
    attempt BIGINT NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    ready_at BIGINT,
    first_wanted_at BIGINT NOT NULL,
    leased_by TEXT COLLATE "C",
    leased_until BIGINT,
    reason TEXT COLLATE "C",
    note TEXT COLLATE "C",
    is_out_of_sync BIGINT NOT NULL DEFAULT 0 CHECK (is_out_of_sync IN (0, 1)),
    is_voided BIGINT NOT NULL DEFAULT 0 CHECK (is_voided IN (0, 1)),
    settled_at BIGINT,
    told_as TEXT COLLATE "C",
    claimed_release BIGINT NOT NULL DEFAULT 0,
    carried_by TEXT COLLATE "C",
    withheld_by TEXT COLLATE "C",
    public_state TEXT COLLATE "C" GENERATED ALWAYS AS (
        CASE
            WHEN state = 'uncertain' THEN 'uncertain'
            WHEN state = 'failed' THEN 'failed'
            WHEN state = 'done' THEN CASE is_voided WHEN 1 THEN 'voided' ELSE 'synced' END
            WHEN is_out_of_sync = 1 THEN 'out_of_sync'
            WHEN reason IS NOT NULL THEN 'waiting'
            ELSE 'pending'
        END
    ) STORED,
    is_exceptional BIGINT GENERATED ALWAYS AS (
        CASE WHEN reason IS NOT NULL OR is_out_of_sync = 1 OR is_voided = 1
            OR state IN ('uncertain', 'failed') THEN 1 ELSE 0 END
    ) STORED,
    cause TEXT COLLATE "C",
    trail TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, kind, key),
    CHECK ((state = 'leased') = (leased_by IS NOT NULL AND leased_until IS NOT NULL)),
    CHECK (state NOT IN ('ready', 'held', 'uncertain') OR ready_at IS NOT NULL),
    CHECK (state <> 'held' OR reason IS NOT NULL OR is_out_of_sync = 1),
    CHECK (state <> 'failed' OR note IS NOT NULL),
    CHECK (state <> 'done' OR claimed_seq = wanted_seq)
);

CREATE TABLE details (
    tenant_id BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, kind, key),
    FOREIGN KEY (tenant_id, kind, key) REFERENCES jobs (tenant_id, kind, key)
);

CREATE TABLE journal (
    seq BIGINT PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    at BIGINT NOT NULL,
    object_type TEXT COLLATE "C" NOT NULL,
    object_key TEXT COLLATE "C" NOT NULL,
    record_type TEXT COLLATE "C" NOT NULL CHECK (record_type IN ('Create', 'Edit', 'Delete')),
    words_digest BYTEA NOT NULL,
    digest BYTEA NOT NULL
);

CREATE TABLE kept_plans (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    name TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    made_at BIGINT NOT NULL,
    made_by TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    outcomes BYTEA,
    UNIQUE (tenant_id, name)
);

CREATE TABLE kept_reports (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    name TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    made_at BIGINT NOT NULL,
    made_by TEXT COLLATE "C" NOT NULL,
    ties_out BIGINT NOT NULL CHECK (ties_out IN (0, 1)),
    reviewed_at BIGINT,
    reviewed_by TEXT COLLATE "C",
    body BYTEA NOT NULL,
    UNIQUE (tenant_id, name),
    CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL))
);

CREATE TABLE link_requests (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, key)
);

CREATE TABLE links (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('invoice', 'customer')),
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    xero_id TEXT COLLATE "C" NOT NULL CHECK (xero_id <> ''),
    is_ours BIGINT NOT NULL CHECK (is_ours IN (0, 1)),
    merged_to TEXT COLLATE "C",
    base BYTEA,
    synced_version BIGINT,
    xero_status TEXT COLLATE "C" NOT NULL,
    xero_number TEXT COLLATE "C" NOT NULL,
    seen_at BIGINT NOT NULL,
    based_at BIGINT,
    unverified_from BIGINT,
    PRIMARY KEY (tenant_id, kind, key),
    CHECK ((base IS NULL) = (based_at IS NULL))
);

CREATE TABLE long_works (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind <> ''),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
    asked_by TEXT COLLATE "C" NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT,
    result TEXT COLLATE "C",
    text TEXT COLLATE "C" NOT NULL DEFAULT '',
    CHECK ((state = 'running') = (ended_at IS NULL)),
    CHECK (state <> 'done' OR result IS NOT NULL)
);

CREATE TABLE missed_changes (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    xero_id TEXT COLLATE "C" NOT NULL,
    noticed_at BIGINT NOT NULL
);

CREATE TABLE predicates (
    tenant_id BIGINT NOT NULL,
    predicate TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, predicate, kind, key),
    FOREIGN KEY (tenant_id, kind, key) REFERENCES jobs (tenant_id, kind, key)
);

CREATE TABLE releases (
    seq BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    topic TEXT COLLATE "C" NOT NULL,
    UNIQUE (tenant_id, topic)
);

CREATE TABLE restore_looks (
    tenant_id BIGINT PRIMARY KEY REFERENCES tenants (id),
    memory TEXT COLLATE "C",
    ended_at BIGINT
);

CREATE TABLE results (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('invoice', 'payment', 'customer')),
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    part TEXT COLLATE "C" NOT NULL DEFAULT '',
    content BYTEA NOT NULL,
    wanted_seq BIGINT NOT NULL CHECK (wanted_seq >= 1),
    sent_seq BIGINT NOT NULL DEFAULT 0 CHECK (sent_seq <= wanted_seq),
    revision BIGINT NOT NULL DEFAULT 0,
    attempt BIGINT NOT NULL DEFAULT 0,
    ready_at BIGINT NOT NULL,
    note TEXT COLLATE "C",
    is_doubted BIGINT NOT NULL DEFAULT 0 CHECK (is_doubted IN (0, 1)),
    PRIMARY KEY (tenant_id, kind, key, part)
);

CREATE TABLE samples (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    slot BIGINT NOT NULL CHECK (slot BETWEEN 0 AND 2015),
    period BIGINT NOT NULL CHECK (period % 2016 = slot),
    seen_s BIGINT NOT NULL,
    queued BIGINT,
    most_queued BIGINT,
    waiting BIGINT,
    out_of_sync BIGINT,
    failed BIGINT,
    findings BIGINT,
    day_left BIGINT,
    write_calls BIGINT NOT NULL,
    read_calls BIGINT NOT NULL,
    sweep_calls BIGINT NOT NULL,
    bytes_read BIGINT NOT NULL,
    events BIGINT NOT NULL,
    missed BIGINT NOT NULL,
    xero_kept BIGINT NOT NULL,
    xero_repeated BIGINT NOT NULL,
    xero_refused BIGINT NOT NULL,
    pipeline_kept BIGINT NOT NULL,
    pipeline_repeated BIGINT NOT NULL,
    pipeline_refused BIGINT NOT NULL,
    push_delays BYTEA NOT NULL,
    webhook_delays BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, slot)
);

CREATE TABLE sent_versions (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, kind, key, version)
);

CREATE TABLE settings (
    tenant_id BIGINT PRIMARY KEY REFERENCES tenants (id),
    body BYTEA NOT NULL,
    read_at BIGINT NOT NULL,
    doubted_at BIGINT
);

CREATE TABLE sights (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    key TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    own_updated_at BIGINT,
    read_at BIGINT,
    amount_paid TEXT COLLATE "C",
    amount_credited TEXT COLLATE "C",
    amount_due TEXT COLLATE "C",
    fully_paid_on TEXT COLLATE "C",
    updated_at BIGINT,
    PRIMARY KEY (tenant_id, key),
    CHECK ((read_at IS NULL) = (amount_due IS NULL))
);

CREATE TABLE sweeps (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    task TEXT COLLATE "C" NOT NULL
        CHECK (task IN ('review', 'invoices', 'contacts', 'settings', 'full', 'rotation')),
    memory TEXT COLLATE "C",
    is_under_way BIGINT NOT NULL DEFAULT 0 CHECK (is_under_way IN (0, 1)),
    wanted_seq BIGINT NOT NULL DEFAULT 0,
    began_seq BIGINT NOT NULL DEFAULT 0,
    served_seq BIGINT NOT NULL DEFAULT 0 CHECK (served_seq <= began_seq),
    ended_at BIGINT,
    PRIMARY KEY (tenant_id, task)
);

CREATE TABLE unannounced (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    xero_id TEXT COLLATE "C" NOT NULL CHECK (xero_id <> ''),
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, xero_id)
);

CREATE TABLE unknown_cursors (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id),
    name TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    moved_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

CREATE TABLE webhook_counts (
    source TEXT COLLATE "C" PRIMARY KEY,
    highest BIGINT NOT NULL
);

CREATE TABLE webhook_gaps (
    source TEXT COLLATE "C" NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL CHECK (last >= first),
    noted_at BIGINT NOT NULL,
    PRIMARY KEY (source, first)
);

CREATE INDEX brake_documents_by_state ON brake_documents (tenant_id, state, at);

CREATE INDEX calls_open ON calls (tenant_id) WHERE closed_at IS NULL;

CREATE UNIQUE INDEX connections_one_organisation_one_tenant
    ON connections (organisation_id) WHERE state = 'Connected';

CREATE INDEX desired_by_change ON desired (tenant_id, kind, changed_at, key);

CREATE INDEX desired_by_label ON desired (tenant_id, kind, label, key);

CREATE INDEX desired_by_parent ON desired (tenant_id, kind, parent);

CREATE INDEX findings_closed ON findings (tenant_id, closed_at) WHERE closed_at IS NOT NULL;

CREATE INDEX findings_open ON findings (tenant_id, kind, key) WHERE closed_at IS NULL;

CREATE INDEX glances_by_full ON glances (tenant_id, full_at NULLS FIRST);

CREATE INDEX inbox_by_instant ON inbox (happened_at);

CREATE INDEX inbox_by_tenant ON inbox (tenant_id, source, id) WHERE received_at > 0;

CREATE INDEX inbox_new ON inbox (tenant_id, id) WHERE state = 'new';

CREATE INDEX intents_by_key ON intents (tenant_id, kind, key, id);

CREATE UNIQUE INDEX intents_one_open ON intents (tenant_id, kind, key) WHERE state = 'open';

CREATE INDEX jobs_exceptional
ON jobs (tenant_id, kind, public_state, reason, cause, first_wanted_at, is_exceptional)
WHERE is_exceptional = 1;

CREATE INDEX jobs_held ON jobs (tenant_id, ready_at) WHERE state = 'held';

CREATE INDEX jobs_held_since ON jobs (tenant_id, kind, first_wanted_at) WHERE state = 'held';

CREATE INDEX jobs_leased ON jobs (leased_by) WHERE state = 'leased';

CREATE INDEX jobs_ready ON jobs (tenant_id, kind, ready_at) WHERE state = 'ready';

CREATE INDEX jobs_ready_since ON jobs (tenant_id, kind, first_wanted_at)
WHERE state = 'ready' AND (reason IS NULL OR reason IN ('breaker_open', 'rate_limited'));

CREATE INDEX jobs_uncertain ON jobs (tenant_id, ready_at) WHERE state = 'uncertain';

CREATE INDEX journal_by_object ON journal (tenant_id, object_type, object_key, seq);

CREATE INDEX kept_plans_by_tenant ON kept_plans (tenant_id, id);

CREATE INDEX kept_reports_by_tenant ON kept_reports (tenant_id, id);

CREATE INDEX links_merged ON links (tenant_id, kind, merged_to) WHERE merged_to IS NOT NULL;

CREATE UNIQUE INDEX links_one_to_one ON links (tenant_id, kind, xero_id) WHERE merged_to IS NULL;

CREATE INDEX long_works_by_tenant ON long_works (tenant_id, id);

CREATE UNIQUE INDEX long_works_one_of_a_kind ON long_works (tenant_id, kind)
WHERE state = 'running';

CREATE INDEX missed_changes_by_tenant ON missed_changes (tenant_id, id);

CREATE INDEX predicates_by_job ON predicates (tenant_id, kind, key);

CREATE INDEX results_unsent ON results (tenant_id, ready_at) WHERE sent_seq < wanted_seq;

CREATE VIEW objects AS
SELECT
    desired.tenant_id, desired.kind,
    desired.key, desired.label, desired.version, desired.is_withdrawn, desired.changed_at,
    desired.changed_by, desired.problem,
    jobs.public_state, jobs.reason, jobs.cause, jobs.note, jobs.attempt, jobs.ready_at,
    jobs.first_wanted_at, jobs.settled_at,
    links.xero_id, links.xero_status, links.xero_number, links.synced_version, links.seen_at,
    details.body
FROM desired
JOIN jobs
    ON jobs.tenant_id = desired.tenant_id AND jobs.key = desired.key
    AND jobs.kind = 'push_' || desired.kind
LEFT JOIN links
    ON links.tenant_id = desired.tenant_id AND links.kind = desired.kind
    AND links.key = desired.key
LEFT JOIN details
    ON details.tenant_id = desired.tenant_id AND details.key = desired.key
    AND details.kind = jobs.kind;

CREATE FUNCTION keep_sent_version() RETURNS TRIGGER
LANGUAGE plpgsql
AS $$
BEGIN
    IF old.body IS NOT NULL AND EXISTS (
        SELECT 1 FROM intents
        WHERE intents.tenant_id = old.tenant_id AND intents.kind = old.kind
            AND intents.key = old.key AND intents.state = 'open' AND intents.body IS NULL
            AND intents.version = old.version
    ) THEN
        INSERT INTO sent_versions (tenant_id, kind, key, version, body)
        VALUES (old.tenant_id, old.kind, old.key, old.version, old.body)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN new;
END
$$;

CREATE TRIGGER sent_versions_stay
BEFORE UPDATE OF body ON desired
FOR EACH ROW EXECUTE FUNCTION keep_sent_version();

CREATE FUNCTION count_job() RETURNS TRIGGER
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO job_totals (tenant_id, kind, jobs) VALUES (new.tenant_id, new.kind, 1)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET jobs = job_totals.jobs + 1;
    RETURN NULL;
END
$$;

CREATE TRIGGER jobs_insert
AFTER INSERT ON jobs
FOR EACH ROW EXECUTE FUNCTION count_job();

-- By how the view `objects` joins them, so that it is known how many belong together.
CREATE STATISTICS desired_by_job_kind ON ('push_' || kind) FROM desired;

-- Of tables without rows PostgreSQL knows nothing, and plans as if the first two columns of a key were
-- as good as all of it. So it looks once at rows of a store at work, which then go; and keeps what it
-- saw until there are others, since so few rows are not worth a vacuum.
INSERT INTO tenants (name) VALUES ('one'), ('two'), ('three');

INSERT INTO desired (
    tenant_id, kind, key, version, is_withdrawn, label, parent, changed_at, changed_by, body
)
SELECT
    1 + n % 3, CASE n % 10 WHEN 0 THEN 'customer' ELSE 'invoice' END, 'k' || n, 1, 0, 'l' || n,
    'k' || n / 100 * 10, n, 'who', '{}'
FROM generate_series(1, 1000) AS n;

INSERT INTO jobs (
    tenant_id, kind, key, state, wanted_seq, claimed_seq, ready_at, first_wanted_at, leased_by,
    leased_until, reason, note, cause
)
SELECT
    tenant_id, 'push_' || kind, key, standing.state, 1, 1, version + n, n,
    CASE standing.state WHEN 'leased' THEN 'who' END, CASE standing.state WHEN 'leased' THEN n END,
    CASE WHEN standing.state IN ('held', 'failed') THEN 'r' || n % 9 END, 'n',
    CASE WHEN standing.state IN ('held', 'failed') THEN 'c' || n END
FROM (
    SELECT
        tenant_id, kind, key, version, changed_at AS n,
        (ARRAY['ready', 'leased', 'held', 'uncertain', 'failed'])[
            CASE changed_at % 20 WHEN 0 THEN 1 + changed_at / 20 % 5 END
        ] AS state
    FROM desired
) AS made
CROSS JOIN LATERAL (SELECT coalesce(made.state, 'done') AS state) AS standing;

INSERT INTO predicates (tenant_id, predicate, kind, key)
SELECT tenant_id, 'p' || first_wanted_at, kind, key FROM jobs WHERE state = 'held';

INSERT INTO details (tenant_id, kind, key, body)
SELECT tenant_id, kind, key, '{}' FROM jobs WHERE state IN ('held', 'failed');

INSERT INTO releases (tenant_id, topic) SELECT 1 + n % 3, 't' || n FROM generate_series(1, 100) AS n;

INSERT INTO links (
    tenant_id, kind, key, xero_id, is_ours, merged_to, xero_status, xero_number, seen_at
)
SELECT
    tenant_id, kind, key, 'x' || key, 1, CASE WHEN changed_at % 100 = 0 THEN 'x' || changed_at END,
    'AUTHORISED', label, changed_at
FROM desired;

INSERT INTO results (tenant_id, kind, key, content, wanted_seq, sent_seq, ready_at)
SELECT tenant_id, kind, key, '{}', 2, 2 - (changed_at % 50 = 0)::INT, changed_at FROM desired;

INSERT INTO sights (tenant_id, key, own_updated_at) SELECT tenant_id, key, changed_at FROM desired;

INSERT INTO glances (tenant_id, xero_id, updated_at, face, money, dated_on, full_at)
SELECT tenant_id, xero_id, seen_at, key, key, 'd' || seen_at % 300, seen_at FROM links;

INSERT INTO unannounced (tenant_id, xero_id, changed_at)
SELECT tenant_id, xero_id, seen_at FROM links WHERE seen_at % 10 = 0;

INSERT INTO findings (tenant_id, kind, key, label, text, opened_at, seen_at, closed_at)
SELECT
    tenant_id, 'kind' || changed_at % 9, key, label, '', 0, changed_at,
    CASE WHEN changed_at % 10 > 0 THEN changed_at END
FROM desired;

INSERT INTO brake_documents (
    tenant_id, key, version, step, label, xero_id, currency, cents, state, at
)
SELECT
    tenant_id, key, 1, 'void', label, 'x' || key, 'NZD', 1,
    CASE WHEN changed_at % 20 = 0 THEN 'halted' ELSE 'passed' END, changed_at
FROM desired;

INSERT INTO calls (
    tenant_id, idempotency_key, operation, method, target, elements, opened_at, first_sent_at,
    last_sent_at, closed_at, body
)
SELECT tenant_id, 'install-' || key, 'o', 'PUT', 't', 1, changed_at, 0, 0, nullif(changed_at, 9), ''
FROM desired;

INSERT INTO intents (
    tenant_id, kind, key, call_id, element, step, version, state, opened_at, closed_at, body
)
SELECT
    tenant_id, kind, key, (SELECT id FROM calls WHERE idempotency_key = 'install-' || key), 0,
    'create', 1, CASE WHEN changed_at % 50 = 0 THEN 'open' ELSE 'applied' END, changed_at,
    CASE WHEN changed_at % 50 > 0 THEN changed_at END, ''
FROM desired;

INSERT INTO sent_versions (tenant_id, kind, key, version, body)
SELECT tenant_id, kind, key, 1, '' FROM intents WHERE state = 'open';

INSERT INTO inbox (
    tenant_id, source, scope, category, event, resource_id, resource_type, happened_at, sequence,
    received_at, state, verdict, settled_at
)
SELECT
    tenant_id, 'xero', 's', 'INVOICE', 'UPDATE', 'x' || key, '', changed_at, changed_at, changed_at,
    CASE WHEN changed_at % 50 = 0 THEN 'new' ELSE 'done' END, 'fetched',
    CASE WHEN changed_at % 50 > 0 THEN changed_at END
FROM desired;

INSERT INTO journal (
    seq, tenant_id, at, object_type, object_key, record_type, words_digest, digest
)
SELECT
    row_number() OVER (ORDER BY changed_at), tenant_id, changed_at, 'Invoice', key, 'Edit', '', ''
FROM desired;

INSERT INTO journal_words (seq, salt, description, who) SELECT seq, '', '', 'who' FROM journal;

ANALYZE
    tenants, desired, jobs, job_totals, predicates, details, releases, links, results, sights,
    glances, unannounced, findings, brake_documents, calls, intents, sent_versions, inbox, journal,
    journal_words;

DO $$
DECLARE
    one RECORD;
BEGIN
    FOR one IN
        SELECT relname, relkind FROM pg_class
        WHERE relnamespace = 'syncd'::REGNAMESPACE AND relkind IN ('r', 'S')
            AND relname <> 'migrations'
        ORDER BY oid DESC
    LOOP
        IF one.relkind = 'r' THEN
            EXECUTE format('DELETE FROM %I', one.relname);
            EXECUTE format('ALTER TABLE %I SET (autovacuum_vacuum_threshold = 2000)', one.relname);
        ELSE
            EXECUTE format('ALTER SEQUENCE %I RESTART', one.relname);
        END IF;
    END LOOP;
END
$$;

INSERT INTO journal_head (only_row, entries, digest) VALUES (1, 0, '');
