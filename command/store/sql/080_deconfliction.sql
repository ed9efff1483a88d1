-- Where not to arrest without calling first: sealed, without a name, and gone when it is over.

CREATE TABLE deconfliction (
    id       text PRIMARY KEY,
    incident text NOT NULL,
    until    timestamptz NOT NULL,
    box      bytea NOT NULL
);
CREATE INDEX deconfliction_incident ON deconfliction (incident);

GRANT SELECT, INSERT, DELETE ON deconfliction TO :"app";
