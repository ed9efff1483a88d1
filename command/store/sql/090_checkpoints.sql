-- Keys with which heads are signed: which verifier key since when. What is signed is in `checkpoints` (001).

CREATE TABLE checkpoint_keys (
    vkey  text COLLATE "C" PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TRIGGER checkpoint_keys_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint_keys
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE checkpoint_keys ENABLE ALWAYS TRIGGER checkpoint_keys_kept;
GRANT SELECT, INSERT ON checkpoint_keys TO :"app";
