-- Of the summary that shows what is known of a document: one that comes again with it is not taken
-- apart. NULL until a full sweep has come across it.
ALTER TABLE glances ADD COLUMN row_digest TEXT;
