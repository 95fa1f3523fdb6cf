-- What a plan carried out, and what was pending beside it when that plan set its tenant live: the
-- latter is written only once a later plan carries it out or a person says so.
ALTER TABLE jobs ADD COLUMN carried_by TEXT;
ALTER TABLE jobs ADD COLUMN withheld_by TEXT;
