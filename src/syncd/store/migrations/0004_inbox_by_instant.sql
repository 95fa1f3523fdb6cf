-- Events come with instants that rise, so this index grows at its end; by document every event
-- dirtied a page of its own, which cost more than all else the inbox does.
DROP INDEX inbox_by_resource;
CREATE INDEX inbox_by_instant ON inbox (happened_at);
