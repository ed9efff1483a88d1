-- The rule packs that incidents were opened under, as the exact bytes whose SHA-256 their logs pin: an incident
-- is judged by its own plan also after the files on disk were changed, or an upgrade brought others.

CREATE TABLE packs (
    digest text COLLATE "C" PRIMARY KEY,
    name   text  NOT NULL,
    raw    bytea NOT NULL CHECK (encode(sha256(raw), 'hex') = digest)
);

GRANT SELECT, INSERT ON packs TO :"app";

CREATE TRIGGER packs_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON packs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE packs ENABLE ALWAYS TRIGGER packs_kept;
