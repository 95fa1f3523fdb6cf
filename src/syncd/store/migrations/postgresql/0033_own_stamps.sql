-- Xero's stamp on our last write, while its event is awaited: written with the link, and not in a
-- place of its own. What is left of a sight is a whole read.
ALTER TABLE links ADD COLUMN own_updated_at BIGINT;
UPDATE links SET own_updated_at = (
    SELECT sights.own_updated_at FROM sights
    WHERE sights.tenant_id = links.tenant_id AND sights.key = links.key
)
WHERE kind = 'invoice';
DELETE FROM sights WHERE read_at IS NULL;
ALTER TABLE sights DROP COLUMN own_updated_at;
