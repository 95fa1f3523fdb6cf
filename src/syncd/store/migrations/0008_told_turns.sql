-- What the journal last told of a job: out_of_sync, a reason, or NULL for at rest. A new wish clears
-- the reason a job waits for, and the journal must not tell the same wait twice.
ALTER TABLE jobs ADD COLUMN told_as TEXT;
