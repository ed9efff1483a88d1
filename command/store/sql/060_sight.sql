-- Grants for every way of seeing: which units a supervisor answers for, which compartments a grant opens.

ALTER TABLE grants DROP CONSTRAINT grants_role_check;
ALTER TABLE grants ADD CONSTRAINT grants_role_check CHECK (role IN (
    'commander', 'supervisor', 'processing', 'medical', 'field', 'assisting', 'reviewer', 'administrator', 'display',
    'public'
));
ALTER TABLE grants ADD COLUMN units text[] NOT NULL DEFAULT '{}' CHECK (cardinality(units) <= 8);
ALTER TABLE grants ADD COLUMN compartments text[] NOT NULL DEFAULT '{}' CHECK (
    compartments <@ ARRAY['identity', 'demographics', 'medical', 'juvenile', 'complaint', 'welfare']
);
