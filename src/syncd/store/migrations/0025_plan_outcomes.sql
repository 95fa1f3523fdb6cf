-- What became of a plan's items when it was applied, as JSON; null until then.
ALTER TABLE kept_plans ADD COLUMN outcomes BLOB;
