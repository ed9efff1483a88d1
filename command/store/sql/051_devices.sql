-- Devices that sign, who is at them, and what was held back of what they sent. See docs/design/015-devices.md.

CREATE TABLE devices (
    id          text COLLATE "C" PRIMARY KEY,
    agency      text        NOT NULL,
    label       text        NOT NULL,
    alg         text        NOT NULL CHECK (alg IN ('ed25519', 'es256')),
    public_key  bytea       NOT NULL UNIQUE,        -- a key that was here once is never another device's
    enrolled_at timestamptz NOT NULL,
    enrolled_by text        NOT NULL,
    seen_at     timestamptz,
    revoked_at  timestamptz,
    revoked_by  text        NOT NULL DEFAULT ''
);

-- What lets a device enrol, once: only a hash of it.
CREATE TABLE device_codes (
    sha256     bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    agency     text        NOT NULL,
    label      text        NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    created_by text        NOT NULL,
    device     text COLLATE "C" REFERENCES devices (id)     -- who used it
);

-- Challenges carry their own proof and end; a row is one that was answered, kept until it would be over anyway.
CREATE TABLE device_answered (
    sha256     bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    expires_at timestamptz NOT NULL
);
CREATE INDEX device_answered_expire ON device_answered (expires_at);

-- Which sessions were opened at which device: they end with it, and they say who could have written there.
CREATE TABLE device_sessions (
    session text PRIMARY KEY,
    device  text COLLATE "C" NOT NULL REFERENCES devices (id),
    person  text             NOT NULL REFERENCES accounts (person),
    since   timestamptz      NOT NULL
);
CREATE INDEX device_sessions_of ON device_sessions (device, person);

-- A person's own key on a device, which only they unlock there.
CREATE TABLE author_keys (
    device     text COLLATE "C" NOT NULL REFERENCES devices (id),
    person     text             NOT NULL REFERENCES accounts (person),
    alg        text             NOT NULL CHECK (alg IN ('ed25519', 'es256')),
    public_key bytea            NOT NULL,
    since      timestamptz      NOT NULL,
    PRIMARY KEY (device, public_key)
);
CREATE INDEX author_keys_of ON author_keys (device, person);

-- One number, one statement: the first bytes that a device signed under it.
CREATE TABLE device_statements (
    device     text COLLATE "C" NOT NULL REFERENCES devices (id),
    device_seq bigint           NOT NULL CHECK (device_seq > 0),
    sha256     bytea            NOT NULL CHECK (octet_length(sha256) = 32),
    PRIMARY KEY (device, device_seq)
);

-- What a device sent and nobody may take for granted. `box` is the submission as it came, under a key of its own in the
-- key store; `why` the reason of whoever decided, under the same key.
CREATE TABLE quarantine (
    id          text COLLATE "C" PRIMARY KEY,
    log         text COLLATE "C" NOT NULL,
    device      text COLLATE "C" NOT NULL REFERENCES devices (id),
    device_seq  bigint           NOT NULL,
    cmd         text             NOT NULL,
    author      text             NOT NULL,
    type        text             NOT NULL,
    cause       text             NOT NULL CHECK (cause IN ('revoked', 'author', 'access', 'time')),
    received_at timestamptz      NOT NULL,
    box         bytea            NOT NULL,
    outcome     text CHECK (outcome IN ('released', 'rejected')),
    decided_at  timestamptz,
    decided_by  text             NOT NULL DEFAULT '',
    why         bytea,
    CHECK ((outcome IS NULL) = (decided_at IS NULL))
);
CREATE INDEX quarantine_of_log ON quarantine (log, device, device_seq);
CREATE INDEX quarantine_of_device ON quarantine (device) WHERE outcome IS NULL;

-- Nothing is deleted but answered challenges, and nothing is decided or revoked twice.
CREATE FUNCTION check_device() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at THEN
        RAISE EXCEPTION 'a revoked device stays revoked' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER devices_revoked BEFORE UPDATE ON devices FOR EACH ROW EXECUTE FUNCTION check_device();
ALTER TABLE devices ENABLE ALWAYS TRIGGER devices_revoked;

CREATE FUNCTION check_decided() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.outcome IS NOT NULL THEN
        RAISE EXCEPTION 'what was held back is decided once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quarantine_decided BEFORE UPDATE ON quarantine FOR EACH ROW EXECUTE FUNCTION check_decided();
ALTER TABLE quarantine ENABLE ALWAYS TRIGGER quarantine_decided;
CREATE TRIGGER quarantine_kept BEFORE DELETE OR TRUNCATE ON quarantine
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE quarantine ENABLE ALWAYS TRIGGER quarantine_kept;

GRANT SELECT, INSERT ON devices, device_codes, device_sessions, author_keys, device_statements, quarantine TO :"app";
GRANT UPDATE (seen_at, revoked_at, revoked_by) ON devices TO :"app";
GRANT UPDATE (device) ON device_codes TO :"app";
GRANT UPDATE (device, person, since) ON device_sessions TO :"app";
GRANT UPDATE (outcome, decided_at, decided_by, why) ON quarantine TO :"app";
GRANT SELECT, INSERT, DELETE ON device_answered TO :"app";
