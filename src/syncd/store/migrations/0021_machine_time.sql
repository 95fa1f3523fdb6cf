-- Which boot of which machine the daemon last ran in, and how far its wall clock was ahead of the time
-- since that boot: a clock set while nobody ran shows by it.
ALTER TABLE installation ADD COLUMN boot TEXT;
ALTER TABLE installation ADD COLUMN ahead_ms INTEGER;
