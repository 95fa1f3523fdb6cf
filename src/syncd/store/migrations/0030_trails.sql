-- The trail of the news that asked for a job last: what the log names it by.
ALTER TABLE jobs ADD COLUMN trail TEXT;
