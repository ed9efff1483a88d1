-- Files that belong to records: announced, added part by part, ended. Ciphertext under the subject's key, which is in
-- another database. Nothing is changed; parts go where an upload was given up or its time was over before its end, and
-- with everything else of a person where a Redacted event names them.

CREATE TABLE uploads (
    log        text COLLATE "C" NOT NULL,
    upload     text COLLATE "C" NOT NULL,
    who        text COLLATE "C" NOT NULL,
    attachment text COLLATE "C" NOT NULL,
    subject    text COLLATE "C" NOT NULL,
    kind       text             NOT NULL,
    size_bytes bigint           NOT NULL CHECK (size_bytes > 0),
    sha256     text             NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    created_at timestamptz      NOT NULL,
    expires_at timestamptz      NOT NULL,
    PRIMARY KEY (log, upload)
);
CREATE INDEX uploads_who ON uploads (log, who, attachment);
CREATE INDEX uploads_subject ON uploads (log, subject);
CREATE INDEX uploads_expiry ON uploads (expires_at);

-- copy: false is the file as it was taken, true the cleaned copy of it.
CREATE TABLE upload_parts (
    log        text COLLATE "C" NOT NULL,
    upload     text COLLATE "C" NOT NULL,
    copy       boolean          NOT NULL,
    start      bigint           NOT NULL CHECK (start >= 0),
    size_bytes integer          NOT NULL CHECK (size_bytes > 0),
    box        bytea            NOT NULL,
    PRIMARY KEY (log, upload, copy, start),
    FOREIGN KEY (log, upload) REFERENCES uploads ON DELETE CASCADE
);
ALTER TABLE upload_parts ALTER COLUMN box SET STORAGE EXTERNAL;  -- ciphertext does not compress

CREATE TABLE blobs (
    log        text COLLATE "C" NOT NULL,
    blob       text COLLATE "C" NOT NULL,
    subject    text COLLATE "C" NOT NULL,
    sha256     text             NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint           NOT NULL,
    judged     text             NOT NULL CHECK (judged IN ('kept', 'unreadable')),
    manifest   bytea            NOT NULL,
    PRIMARY KEY (log, blob),
    UNIQUE (log, subject, sha256),
    FOREIGN KEY (log, blob) REFERENCES uploads (log, upload) ON DELETE CASCADE
);

CREATE TABLE upload_ends (
    log        text COLLATE "C" NOT NULL,
    upload     text COLLATE "C" NOT NULL,
    attachment text COLLATE "C" NOT NULL,
    blob       text COLLATE "C" NOT NULL,
    sha256     text             NOT NULL,
    size_bytes bigint           NOT NULL,
    judged     text             NOT NULL,
    who        text             NOT NULL,
    at         timestamptz      NOT NULL,
    PRIMARY KEY (log, upload),
    FOREIGN KEY (log, upload) REFERENCES uploads ON DELETE CASCADE
);
CREATE INDEX upload_ends_attachment ON upload_ends (log, attachment);

-- Nothing new of a person whose records were ordered away. The head row is what a redaction holds until its commit:
-- whoever waits here for one sees it.
CREATE FUNCTION check_upload() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM heads WHERE log = NEW.log FOR SHARE;
    IF NOT FOUND OR EXISTS (SELECT FROM redactions(NEW.log) r WHERE r.subject = NEW.subject) THEN
        RAISE EXCEPTION 'there is no such person here any more' USING ERRCODE = 'no_data_found';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER uploads_allowed BEFORE INSERT ON uploads FOR EACH ROW EXECUTE FUNCTION check_upload();

-- What is gone must have been given up, or been ordered away. Parts and files go only with their upload, or, where the
-- same file was there already, by themselves (drop_twin).
CREATE FUNCTION check_upload_gone() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM upload_ends e WHERE e.log = OLD.log AND e.upload = OLD.upload)
       AND NOT EXISTS (SELECT FROM redactions(OLD.log) r WHERE r.subject = OLD.subject) THEN
        RAISE EXCEPTION 'files are destroyed only where a Redacted event names their subject'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION check_part_gone() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM uploads u WHERE u.log = OLD.log AND u.upload = OLD.upload)
       AND NOT EXISTS (
           SELECT FROM upload_ends e WHERE e.log = OLD.log AND e.upload = OLD.upload AND e.blob <> OLD.upload
       ) THEN
        RAISE EXCEPTION 'parts are destroyed only with their upload' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION check_blob_gone() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM uploads u WHERE u.log = OLD.log AND u.upload = to_jsonb(OLD) ->> TG_ARGV[0]) THEN
        RAISE EXCEPTION 'files are destroyed only with their upload' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER uploads_gone BEFORE DELETE ON uploads FOR EACH ROW EXECUTE FUNCTION check_upload_gone();
CREATE TRIGGER upload_parts_gone BEFORE DELETE ON upload_parts FOR EACH ROW EXECUTE FUNCTION check_part_gone();
CREATE TRIGGER blobs_gone BEFORE DELETE ON blobs FOR EACH ROW EXECUTE FUNCTION check_blob_gone('blob');
CREATE TRIGGER upload_ends_gone BEFORE DELETE ON upload_ends FOR EACH ROW EXECUTE FUNCTION check_blob_gone('upload');
CREATE TRIGGER uploads_kept BEFORE UPDATE OR TRUNCATE ON uploads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER upload_parts_kept BEFORE UPDATE OR TRUNCATE ON upload_parts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER blobs_kept BEFORE UPDATE OR TRUNCATE ON blobs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER upload_ends_kept BEFORE UPDATE OR TRUNCATE ON upload_ends
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE uploads ENABLE ALWAYS TRIGGER uploads_allowed;
ALTER TABLE uploads ENABLE ALWAYS TRIGGER uploads_gone;
ALTER TABLE uploads ENABLE ALWAYS TRIGGER uploads_kept;
ALTER TABLE upload_parts ENABLE ALWAYS TRIGGER upload_parts_gone;
ALTER TABLE upload_parts ENABLE ALWAYS TRIGGER upload_parts_kept;
ALTER TABLE blobs ENABLE ALWAYS TRIGGER blobs_gone;
ALTER TABLE blobs ENABLE ALWAYS TRIGGER blobs_kept;
ALTER TABLE upload_ends ENABLE ALWAYS TRIGGER upload_ends_gone;
ALTER TABLE upload_ends ENABLE ALWAYS TRIGGER upload_ends_kept;

-- Give up an upload that has no end.
CREATE FUNCTION drop_upload(of_log text, of_upload text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    DELETE FROM uploads u WHERE u.log = of_log AND u.upload = of_upload
      AND NOT EXISTS (SELECT FROM upload_ends e WHERE e.log = of_log AND e.upload = of_upload);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;

-- The parts of an upload whose file was there already.
CREATE FUNCTION drop_twin(of_log text, of_upload text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DELETE FROM upload_parts p WHERE p.log = of_log AND p.upload = of_upload
$$;

-- As in 001, and with a person's disclosures go their files, in the same transaction.
CREATE OR REPLACE FUNCTION redact_disclosures(of_log text, of_subject text, of_seqs bigint[]) RETURNS bigint
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
    DELETE FROM disclosures d WHERE d.log = of_log AND d.subject = of_subject;
    GET DIAGNOSTICS gone = ROW_COUNT;
    DELETE FROM disclosures d WHERE d.log = of_log AND d.seq = ANY (of_seqs);
    GET DIAGNOSTICS more = ROW_COUNT;
    DELETE FROM uploads u WHERE u.log = of_log AND u.subject = of_subject;
    RETURN gone + more;
END $$;

REVOKE ALL ON FUNCTION drop_upload(text, text), drop_twin(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_upload(text, text), drop_twin(text, text) TO :"app";
GRANT SELECT, INSERT ON uploads, upload_parts, blobs, upload_ends TO :"app";
