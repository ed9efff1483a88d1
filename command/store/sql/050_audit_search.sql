-- The audit trail is searched by who, what, about what, how it ended and when; pages go by number, newest first.

CREATE INDEX audit_who ON audit (who, number);
CREATE INDEX audit_action ON audit (action, number);
CREATE INDEX audit_object ON audit (object, number);
CREATE INDEX audit_failures ON audit (outcome, number) WHERE outcome <> 'ok';
CREATE INDEX audit_at ON audit (at);
