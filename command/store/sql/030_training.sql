-- What the agency has on record about a person's training, for the account that signs them in: a check-in copies
-- it by value, and nobody can add to it by saying so. JSON, as msgspec writes it: [{"course": …, "expires": …}].

ALTER TABLE accounts ADD COLUMN training text NOT NULL DEFAULT '[]';
