-- How new the document itself was when it was read: an event from before that is answered already.
ALTER TABLE sights ADD COLUMN updated_at INTEGER;
