-- Digests of commands are keyed: a byte that says how, and an HMAC (command/service/command_digests.py). Older rows hold a
-- plain SHA-256 until command/store/command_keys.py has keyed them, as the owner, at the next start.

ALTER TABLE commands DROP CONSTRAINT commands_digest_check;
ALTER TABLE commands ADD CONSTRAINT commands_digest_check CHECK (octet_length(digest) IN (32, 33));
CREATE INDEX commands_plain ON commands (log) WHERE octet_length(digest) = 32;
