-- The notes of changes (095) as leaves of one tree, in the order in which they were signed: heads of it are kept in
-- `checkpoints` under a name that no log can have. Whoever rewrites a note, or the entry of the trail that it names,
-- leaves a root that nobody with the signing key ever signed.

CREATE TABLE change_leaves (
    position bigint PRIMARY KEY CHECK (position > 0),
    number   bigint NOT NULL UNIQUE,   -- of `changes`
    leaf     bytea  NOT NULL CHECK (octet_length(leaf) = 32)
);
CREATE TRIGGER change_leaves_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON change_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE change_leaves ENABLE ALWAYS TRIGGER change_leaves_kept;
GRANT SELECT, INSERT ON change_leaves TO :"app";
