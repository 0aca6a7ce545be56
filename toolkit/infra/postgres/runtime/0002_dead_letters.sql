-- Dead letters that two people may replay or discard, and who asked for what and why.

-- Whether the message's id was claimed when it was put aside, so that it is nobody else's:
-- one that could not be read then may have been handled as another delivery of it.
alter table dead_letters add column claimed boolean not null default false;
alter table parked add column claimed boolean not null default true;

-- One dead letter parks a key; what comes behind it waits. A record without a key stands in
-- no order, and parks nothing.
drop index dead_letters_unresolved;
create unique index dead_letters_unresolved on dead_letters (key)
  where resolved_at is null and key <> '';
create index dead_letters_open on dead_letters (id) where resolved_at is null;

-- What one person asked for, and what another one decided. A decided row is never changed.
create table dead_letter_requests (
  id          bigint      generated always as identity primary key,
  letter_id   bigint      not null references dead_letters,
  action      text        not null check (action in ('REPLAY', 'DISCARD')),
  reason      text        not null check (reason <> ''),
  proposed_by text        not null,
  proposed_at timestamptz not null,
  decision    text        check (decision in ('APPROVED', 'REJECTED', 'EXPIRED')),
  decided_by  text,
  decided_at  timestamptz,
  remark      text,
  check ((decision is null) = (decided_at is null)),
  check (decision is distinct from 'APPROVED' or lower(trim(decided_by)) <> lower(trim(proposed_by)))
);
create unique index dead_letter_requests_open on dead_letter_requests (letter_id)
  where decided_at is null;
