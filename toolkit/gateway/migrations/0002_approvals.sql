-- What one admin proposes and another approves; nothing is done before.

create table approvals (
  approval_id text        primary key,
  version     bigint      not null check (version > 0),
  proposed_by text        not null,
  proposed_at timestamptz not null,
  expires_at  timestamptz not null check (expires_at > proposed_at),
  approved_by text        check (approved_by <> proposed_by),
  approved_at timestamptz check (approved_at < expires_at),
  reason      text        not null,
  escrow_id   text        not null,
  command     text        not null,
  fields      jsonb       not null,
  check ((approved_by is null) = (approved_at is null))
);
create index approvals_waiting on approvals (expires_at) where approved_by is null;

-- Who did what, and when: one row a step, never changed.
create table approvals_log (
  approval_id text        not null,
  version     bigint      not null,
  step        text        not null check (step in ('PROPOSED', 'APPROVED')),
  actor_id    text        not null,
  at          timestamptz not null,
  primary key (approval_id, version)
);
