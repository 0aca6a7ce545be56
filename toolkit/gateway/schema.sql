-- Idempotency keys, and what was answered under them.

-- They are kept for ever: a command's id is derived from its key, so a key that was
-- forgotten and used again would be accepted here and passed over by whoever handles it.
create table idempotency_keys (
  scope         text        not null,
  key           text        not null,
  fingerprint   text        not null,
  claimed_at    timestamptz not null,
  claimed_until timestamptz not null,
  status        smallint,
  body          bytea,
  primary key (scope, key),
  check ((status is null) = (body is null))
);
