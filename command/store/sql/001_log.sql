-- The log and what is written beside it. Run by migrate.py as the owner; :"app" is the application's role.
--
-- The application may INSERT and SELECT, move a head forward, and destroy disclosures through one function
-- that asks for a Redacted event. Triggers refuse the rest to everyone, the owner included (who could drop
-- the triggers: they contain our own bugs, not a taken-over host).

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"app";

-- Where each log ends. One row a log: its row lock is what makes decisions linear.
CREATE TABLE heads (
    log         text COLLATE "C" PRIMARY KEY,
    epoch       integer     NOT NULL CHECK (epoch >= 1),
    seq         bigint      NOT NULL CHECK (seq >= 0),
    frontier    bytea[]     NOT NULL,
    root        bytea       NOT NULL CHECK (octet_length(root) = 32),
    recorded_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 20);  -- updated at each commit: room for the new version on the same page

-- id, type and recorded_at repeat what the header says, for the indexes; the header's bytes are the truth.
-- No foreign key to heads: it would cost a look-up for each event, and heads_forward checks whole batches.
CREATE TABLE events (
    log         text COLLATE "C" NOT NULL,
    seq         bigint           NOT NULL CHECK (seq >= 1),
    recorded_at timestamptz      NOT NULL,
    id          text COLLATE "C" NOT NULL,
    type        text COLLATE "C" NOT NULL,
    header      bytea            NOT NULL,
    leaf        bytea            NOT NULL CHECK (octet_length(leaf) = 32),
    PRIMARY KEY (log, seq),
    UNIQUE (log, id)
);
CREATE INDEX events_redacted ON events (log, seq) WHERE type = 'Redacted';

-- Private values, encrypted under their subject's key, which is in another database.
CREATE TABLE disclosures (
    log     text COLLATE "C" NOT NULL,
    seq     bigint           NOT NULL,
    path    text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    box     bytea            NOT NULL,
    PRIMARY KEY (log, seq, path)
);
CREATE INDEX disclosures_subject ON disclosures (log, subject);

-- Commands already answered, so that a repeat gets the same answer.
CREATE TABLE commands (
    log       text COLLATE "C" NOT NULL,
    cmd       text COLLATE "C" NOT NULL,
    actor     text             NOT NULL,
    digest    bytea            NOT NULL CHECK (octet_length(digest) = 32),
    first_seq bigint           NOT NULL,
    last_seq  bigint           NOT NULL,
    answer    bytea            NOT NULL,
    PRIMARY KEY (log, cmd)
);

-- Who did, saw, exported or tried what. Ids only.
CREATE TABLE audit (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    who     text        NOT NULL,
    session text        NOT NULL,
    source  text        NOT NULL,
    action  text        NOT NULL,
    object  text        NOT NULL,
    outcome text        NOT NULL CHECK (outcome IN ('ok', 'refused', 'denied', 'failed')),
    detail  text        NOT NULL
);

-- A cache of folded states; never trusted by verification.
CREATE TABLE snapshots (
    log     text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    seq     bigint           NOT NULL,
    root    bytea            NOT NULL,
    state   bytea            NOT NULL,
    PRIMARY KEY (log, version, seq)
);

-- Signed tree heads that left the building.
CREATE TABLE checkpoints (
    log  text COLLATE "C" NOT NULL,
    size bigint           NOT NULL,
    root bytea            NOT NULL CHECK (octet_length(root) = 32),
    note text             NOT NULL,
    at   timestamptz      NOT NULL,
    PRIMARY KEY (log, size)
);

-- Sign-in sessions: kept here because an append asks under its lock whether its authors' sessions still live.
CREATE TABLE sessions (
    id             text COLLATE "C" PRIMARY KEY,
    person         text        NOT NULL,
    token_sha256   bytea       NOT NULL UNIQUE CHECK (octet_length(token_sha256) = 32),
    created_at     timestamptz NOT NULL,
    last_active_at timestamptz NOT NULL,
    absolute_until timestamptz NOT NULL,
    idle_s         integer     NOT NULL CHECK (idle_s > 0),
    revoked_at     timestamptz,
    source         text        NOT NULL,
    assurance      text        NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);

-- What no one may do -------------------------------------------------------------------------------------

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the record is only ever added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER events_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER commands_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER heads_kept BEFORE DELETE OR TRUNCATE ON heads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disclosures_kept BEFORE UPDATE OR TRUNCATE ON disclosures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A head starts at nothing and moves only forward, and only onto events that are there.
CREATE FUNCTION check_head() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    there bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.seq <> 0 THEN
            RAISE EXCEPTION 'a new log starts at 0' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.log <> OLD.log OR NEW.created_at <> OLD.created_at OR NEW.epoch < OLD.epoch OR NEW.seq < OLD.seq
       OR (NEW.seq = OLD.seq AND NEW.epoch = OLD.epoch) OR NEW.recorded_at < OLD.recorded_at THEN
        RAISE EXCEPTION 'a head moves only forward' USING ERRCODE = 'check_violation';
    END IF;
    SELECT count(*) INTO there FROM events WHERE log = NEW.log AND seq > OLD.seq AND seq <= NEW.seq;
    IF there <> NEW.seq - OLD.seq THEN
        RAISE EXCEPTION 'a head moves only onto events that are there' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER heads_forward BEFORE INSERT OR UPDATE ON heads FOR EACH ROW EXECUTE FUNCTION check_head();

-- What Redacted events of a log name: a row a subject, a row an event. json, not jsonb: jsonb refuses \u0000.
CREATE FUNCTION redactions(of_log text) RETURNS TABLE (subject text, seq bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    WITH redacted AS (
        SELECT convert_from(e.header, 'UTF8')::json AS header
        FROM events e WHERE e.log = of_log AND e.type = 'Redacted'
    )
    SELECT r.header #>> '{body,subject}', NULL::bigint FROM redacted r
    WHERE r.header ->> 'type' = 'Redacted' AND r.header #>> '{body,subject}' IS NOT NULL
    UNION ALL
    SELECT NULL, s.value::bigint
    FROM redacted r, json_array_elements_text(coalesce(r.header #> '{body,seqs}', '[]')) AS s(value)
    WHERE r.header ->> 'type' = 'Redacted'
$$;

CREATE FUNCTION check_destroyed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        WITH named AS MATERIALIZED (
            SELECT l.log, r.subject, r.seq FROM (SELECT DISTINCT log FROM destroyed) l, redactions(l.log) r
        )
        SELECT FROM destroyed d
        WHERE NOT EXISTS (SELECT FROM named n WHERE n.log = d.log AND n.subject = d.subject)
          AND NOT EXISTS (SELECT FROM named n WHERE n.log = d.log AND n.seq = d.seq)
    ) THEN
        RAISE EXCEPTION 'disclosures are destroyed only where a Redacted event names them'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER disclosures_destroyed AFTER DELETE ON disclosures REFERENCING OLD TABLE AS destroyed
    FOR EACH STATEMENT EXECUTE FUNCTION check_destroyed();

-- session_replication_role = replica switches off ordinary triggers, not these.
ALTER TABLE events ENABLE ALWAYS TRIGGER events_kept;
ALTER TABLE commands ENABLE ALWAYS TRIGGER commands_kept;
ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_kept;
ALTER TABLE checkpoints ENABLE ALWAYS TRIGGER checkpoints_kept;
ALTER TABLE heads ENABLE ALWAYS TRIGGER heads_kept;
ALTER TABLE heads ENABLE ALWAYS TRIGGER heads_forward;
ALTER TABLE disclosures ENABLE ALWAYS TRIGGER disclosures_kept;
ALTER TABLE disclosures ENABLE ALWAYS TRIGGER disclosures_destroyed;

-- What the application may do ----------------------------------------------------------------------------

-- The only way to destroy disclosures: those of a subject (if given) and those of events. Returns how many.
CREATE FUNCTION redact_disclosures(of_log text, of_subject text, of_seqs bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    gone bigint;
    more bigint;
BEGIN
    IF (of_subject IS NOT NULL AND NOT EXISTS (SELECT FROM redactions(of_log) r WHERE r.subject = of_subject))
       OR EXISTS (SELECT s.seq FROM unnest(of_seqs) AS s(seq) EXCEPT SELECT r.seq FROM redactions(of_log) r) THEN
        RAISE EXCEPTION 'disclosures are destroyed only where a Redacted event names them'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- Two statements, each with an index of its own.
    DELETE FROM disclosures d WHERE d.log = of_log AND d.subject = of_subject;
    GET DIAGNOSTICS gone = ROW_COUNT;
    DELETE FROM disclosures d WHERE d.log = of_log AND d.seq = ANY (of_seqs);
    GET DIAGNOSTICS more = ROW_COUNT;
    RETURN gone + more;
END $$;

-- The last event not recorded after a time: recorded_at never runs backwards, so halving the log finds it
-- within 20 look-ups of a million, and no third index has to be kept on every append.
CREATE FUNCTION seq_at(of_log text, at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    low    bigint := 0;
    high   bigint := coalesce((SELECT h.seq FROM heads h WHERE h.log = of_log), 0);
    middle bigint;
BEGIN
    WHILE low < high LOOP
        middle := (low + high + 1) / 2;
        IF (SELECT e.recorded_at FROM events e WHERE e.log = of_log AND e.seq = middle) <= at THEN
            low := middle;
        ELSE
            high := middle - 1;
        END IF;
    END LOOP;
    RETURN low;
END $$;

REVOKE ALL ON FUNCTION redact_disclosures(text, text, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION redact_disclosures(text, text, bigint[]) TO :"app";
GRANT SELECT, INSERT ON events, disclosures, commands, audit, checkpoints TO :"app";
GRANT SELECT, INSERT ON heads TO :"app";
GRANT UPDATE (epoch, seq, frontier, root, recorded_at) ON heads TO :"app";
GRANT SELECT, INSERT, UPDATE, DELETE ON snapshots, sessions TO :"app";
