-- Who may sign in, as what, and the one-time links that let them in.
-- The table `sessions` is made by 001, because appends look into it under the head lock.

create table accounts (
    person   text primary key,
    name     text not null,
    agency   text not null,
    rank     text not null,
    disabled boolean not null default false
);

create table grants (
    person     text not null references accounts (person),
    role       text not null check (role in ('commander', 'field', 'assisting', 'reviewer', 'administrator')),
    incident   text not null,                       -- an incident id, or * for every incident
    not_before timestamptz,
    not_after  timestamptz,
    given_by   text not null,
    primary key (person, role, incident)
);

create table links (
    token_sha256 bytea primary key check (octet_length(token_sha256) = 32),
    person       text not null references accounts (person),
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    redeemed_at  timestamptz,
    created_by   text not null
);

-- Nothing here is ever deleted by the application: an account is disabled, a grant ends, a link is used up.
grant select, insert, update on accounts, grants to :"app";
grant select, insert on links to :"app";
grant update (redeemed_at) on links to :"app";
