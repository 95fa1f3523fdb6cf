-- An event whose read showed its document as it was before is read again after a pause.
ALTER TABLE inbox ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN again_at INTEGER;
