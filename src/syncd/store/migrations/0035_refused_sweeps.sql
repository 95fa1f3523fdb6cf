-- What Xero says of a sweep that it will not be read for, and since when; NULL since one was read to
-- its end.
ALTER TABLE sweeps ADD COLUMN refused TEXT;
ALTER TABLE sweeps ADD COLUMN refused_since INTEGER;
