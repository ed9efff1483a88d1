-- How people prove who they are, what is open between two steps of a sign-in, and what is shut after wrong tries.
-- See docs/design/009-sign-in.md.

-- An account may end by itself (CJISSECPOL AC-2(2): temporary accounts within 72 hours).
ALTER TABLE accounts ADD COLUMN expires_at timestamptz;

-- A display is a device of the command post: it reads, and no person stands behind it.
ALTER TABLE grants DROP CONSTRAINT grants_role_check;
ALTER TABLE grants ADD CONSTRAINT grants_role_check
    CHECK (role IN ('commander', 'field', 'assisting', 'reviewer', 'administrator', 'display'));

-- What a link is for: to set up a credential with, or to make a browser a display.
ALTER TABLE links ADD COLUMN purpose text NOT NULL DEFAULT 'enrol' CHECK (purpose IN ('enrol', 'display'));

-- `verified_at`: when the person last proved themselves. `locked_at`: put away by hand; the person may come back.
-- `desk`: the SHA-256 of what one browser holds, so that several people can share it, one at a time.
ALTER TABLE sessions ADD COLUMN verified_at timestamptz;
ALTER TABLE sessions ADD COLUMN locked_at timestamptz;
ALTER TABLE sessions ADD COLUMN desk bytea CHECK (desk IS NULL OR octet_length(desk) = 32);
CREATE INDEX sessions_desk ON sessions (desk) WHERE desk IS NOT NULL;

CREATE TABLE passkeys (
    id         bytea PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 1023),
    person     text        NOT NULL REFERENCES accounts (person),
    public_key bytea       NOT NULL,
    counter    bigint      NOT NULL CHECK (counter >= 0),
    rp_id      text        NOT NULL,
    label      text        NOT NULL,
    created_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz
);
CREATE INDEX passkeys_person ON passkeys (person);

-- A password and the secret of its one-time codes are one credential: neither counts without the other.
-- `phc` says how it was hashed; `totp` is a box under a key from outside the database.
CREATE TABLE passwords (
    person     text PRIMARY KEY REFERENCES accounts (person),
    phc        text        NOT NULL,
    totp       bytea       NOT NULL,
    last_step  bigint      NOT NULL,
    set_at     timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE recovery_codes (
    mac        bytea PRIMARY KEY CHECK (octet_length(mac) = 32),
    person     text        NOT NULL REFERENCES accounts (person),
    created_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX recovery_codes_person ON recovery_codes (person);

-- What an agency's own sign-in (OpenID Connect) calls someone. An administrator says so; nobody is made by it.
CREATE TABLE identities (
    issuer    text        NOT NULL,
    subject   text        NOT NULL,
    person    text        NOT NULL REFERENCES accounts (person),
    linked_at timestamptz NOT NULL,
    linked_by text        NOT NULL,
    PRIMARY KEY (issuer, subject)
);

-- Half-done things that are used once and soon over: acknowledged banners, challenges, states, set-up codes.
CREATE TABLE ceremonies (
    sha256     bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    kind       text        NOT NULL,
    binding    bytea       NOT NULL,
    person     text        NOT NULL,
    data       bytea       NOT NULL CHECK (octet_length(data) <= 8192),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX ceremonies_expire ON ceremonies (expires_at);

-- Tries of passwords. `key` is a person, or a keyed digest of what was typed where there is no such person.
CREATE TABLE attempts (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key    text        NOT NULL,
    source text        NOT NULL,
    at     timestamptz NOT NULL
);
CREATE INDEX attempts_key ON attempts (key, at);

-- Shut until an administrator opens it again. `source` * shuts the password path of the account from everywhere.
CREATE TABLE locks (
    key    text        NOT NULL,
    source text        NOT NULL,
    since  timestamptz NOT NULL,
    PRIMARY KEY (key, source)
);

-- Credentials are revoked and codes used up, never deleted. What is half-done, tries and locks are no record:
-- the audit trail tells of them.
GRANT SELECT, INSERT ON passkeys, recovery_codes, identities TO :"app";
GRANT UPDATE (counter, used_at, revoked_at, label) ON passkeys TO :"app";
GRANT UPDATE (used_at) ON recovery_codes TO :"app";
GRANT UPDATE (person, linked_at, linked_by) ON identities TO :"app";
GRANT SELECT, INSERT, UPDATE ON passwords TO :"app";
GRANT SELECT, INSERT, UPDATE, DELETE ON ceremonies, attempts, locks TO :"app";
