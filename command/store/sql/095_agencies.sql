-- Agencies as things of their own, the role that someone acts in, and what became of every account, grant, agency and
-- device. See docs/design/016-agency-tables.md.

CREATE TABLE agencies (
    id              text COLLATE "C" PRIMARY KEY,
    name            text        NOT NULL,
    kind            text        NOT NULL CHECK (kind IN (
        'local', 'county', 'state', 'federal', 'campus', 'transit', 'tribal', 'medical', 'oversight', 'other', 'unstated'
    )),
    contact         text        NOT NULL DEFAULT '',        -- a desk or a channel, never a person
    agreement       text        NOT NULL DEFAULT '',        -- under which it helps
    agreement_until timestamptz,
    since           timestamptz NOT NULL,
    ended_at        timestamptz
);

-- What was only a word so far: each agency that an account or a device names. Its kind is for someone to say.
INSERT INTO agencies (id, name, kind, since)
SELECT agency, agency, 'unstated', clock_timestamp()
FROM (SELECT agency FROM accounts UNION SELECT agency FROM devices UNION SELECT agency FROM device_codes) AS named
WHERE agency ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$';

-- As what someone with several roles at an incident acts and looks, in one session. Null: the first of their roles.
CREATE TABLE session_roles (
    session  text NOT NULL,
    incident text NOT NULL,
    role     text,
    since    timestamptz NOT NULL,
    PRIMARY KEY (session, incident)
);

-- Why someone opened what wrong tries had shut, or linked what an agency's own sign-in calls a person, is on the trail;
-- a link is ended and kept.
ALTER TABLE identities ADD COLUMN ended_at timestamptz;
GRANT UPDATE (ended_at) ON identities TO :"app";

-- Before and after of each change, as digests under a salt of the thing's own: whoever knows what stood there can show
-- it, and nobody can read it. `audit` is the entry of the same transaction; none means that it went past the program.
CREATE TABLE change_salts (
    kind   text COLLATE "C" NOT NULL,
    object text COLLATE "C" NOT NULL,
    salt   bytea            NOT NULL CHECK (octet_length(salt) = 32),
    PRIMARY KEY (kind, object)
);
CREATE TABLE changes (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz      NOT NULL,
    kind   text COLLATE "C" NOT NULL,
    object text COLLATE "C" NOT NULL,
    before bytea,
    after  bytea            NOT NULL,
    audit  bigint
);
CREATE INDEX changes_of ON changes (kind, object, number);

-- Which columns of a table name a thing, and which ones its digest covers. Named, so that a column which a later
-- version adds does not make every digest another.
CREATE FUNCTION noted_columns(kind text, OUT named text[], OUT covered text[]) LANGUAGE sql IMMUTABLE AS $$
    SELECT string_to_array(n, ' '), string_to_array(c, ' ')
    FROM (VALUES
        ('account', 'person', 'person name agency rank disabled training expires_at'),
        ('grant', 'person role incident', 'person role incident not_before not_after given_by units compartments'),
        ('agency', 'id', 'id name kind contact agreement agreement_until since ended_at'),
        ('device', 'id', 'id agency label alg public_key enrolled_at enrolled_by revoked_at revoked_by')
    ) AS known (k, n, c) WHERE k = kind
$$;

CREATE FUNCTION noted_object(kind text, entry jsonb) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT string_agg(entry ->> one, ' ' ORDER BY place)
    FROM unnest((noted_columns(kind)).named) WITH ORDINALITY AS known (one, place)
$$;

CREATE FUNCTION noted_digest(kind text, entry jsonb, salt bytea) RETURNS bytea LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT sha256(salt || convert_to(kind || E'\n' || jsonb_object_agg(key, value)::text, 'UTF8'))
    FROM jsonb_each(entry) WHERE key = ANY ((noted_columns(kind)).covered)
$$;

-- At the end of the transaction, when its entry in the trail is there whichever of the two was written first.
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    what text := TG_ARGV[0];
    named text := noted_object(what, to_jsonb(NEW));
    salted bytea;
    was bytea;
    now_is bytea;
    entry bigint;
BEGIN
    INSERT INTO change_salts (kind, object, salt)
    VALUES (what, named, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    ON CONFLICT DO NOTHING;
    SELECT s.salt INTO salted FROM change_salts s WHERE s.kind = what AND s.object = named;
    now_is := noted_digest(what, to_jsonb(NEW), salted);
    IF TG_OP = 'UPDATE' THEN
        was := noted_digest(what, to_jsonb(OLD), salted);
    ELSE -- a restored row comes with what was noted of it
        SELECT c.after INTO was FROM changes c WHERE c.kind = what AND c.object = named ORDER BY c.number DESC LIMIT 1;
    END IF;
    IF was IS NOT DISTINCT FROM now_is THEN
        RETURN NULL;
    END IF;
    SELECT max(a.number) INTO entry
    FROM (SELECT t.number, t.xmin FROM audit t ORDER BY t.number DESC LIMIT 2000) AS a
    WHERE a.xmin::text::bigint = pg_current_xact_id()::text::bigint % 4294967296;
    INSERT INTO changes (at, kind, object, before, after, audit)
    VALUES (clock_timestamp(), what, named, was, now_is, entry);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER accounts_noted AFTER INSERT OR UPDATE ON accounts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change('account');
CREATE CONSTRAINT TRIGGER grants_noted AFTER INSERT OR UPDATE ON grants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change('grant');
CREATE CONSTRAINT TRIGGER agencies_noted AFTER INSERT OR UPDATE ON agencies
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change('agency');
CREATE CONSTRAINT TRIGGER devices_noted
    AFTER INSERT OR UPDATE OF agency, label, alg, public_key, enrolled_at, enrolled_by, revoked_at, revoked_by ON devices
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change('device');
ALTER TABLE accounts ENABLE ALWAYS TRIGGER accounts_noted;
ALTER TABLE grants ENABLE ALWAYS TRIGGER grants_noted;
ALTER TABLE agencies ENABLE ALWAYS TRIGGER agencies_noted;
ALTER TABLE devices ENABLE ALWAYS TRIGGER devices_noted;

-- Things that are not as the last note of them says: changed with the triggers off, or in the files themselves.
-- What was there before this table came, and was not changed since, has no note yet.
CREATE FUNCTION not_as_noted() RETURNS TABLE (kind text, object text) LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
    WITH things AS (
        SELECT 'account' AS kind, to_jsonb(t) AS entry FROM accounts t
        UNION ALL SELECT 'grant', to_jsonb(t) FROM grants t
        UNION ALL SELECT 'agency', to_jsonb(t) FROM agencies t
        UNION ALL SELECT 'device', to_jsonb(t) FROM devices t
    ), named AS (
        SELECT t.kind, noted_object(t.kind, t.entry) AS object, t.entry FROM things t
    )
    SELECT n.kind, n.object FROM named n
    JOIN change_salts s ON s.kind = n.kind AND s.object = n.object
    JOIN LATERAL (
        SELECT c.after FROM changes c WHERE c.kind = n.kind AND c.object = n.object ORDER BY c.number DESC LIMIT 1
    ) AS latest ON true
    WHERE latest.after <> noted_digest(n.kind, n.entry, s.salt)
$$;

CREATE TRIGGER changes_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE changes ENABLE ALWAYS TRIGGER changes_kept;

-- An agency is ended, never deleted: accounts and logs name it.
GRANT SELECT, INSERT, UPDATE ON agencies, session_roles TO :"app";
GRANT SELECT ON changes, change_salts TO :"app";
