-- What is known of people, sealed: each person's values by a key of their own, and that key by
-- a key service. Where the row of a key is gone, nobody can read what it sealed, in no backup
-- of the other table either.
create table detail_keys (
  person_id text  primary key,
  master    text  not null,
  wrapped   bytea not null
);
create index detail_keys_by_master on detail_keys (master, person_id);

create table details (
  person_id  text        not null,
  field      text        not null,
  sealed     text        not null,
  changed_at timestamptz not null,
  primary key (person_id, field)
);

-- Who touched whose, and when: never what.
create table details_log (
  entry     bigint      generated always as identity primary key,
  person_id text        not null,
  step      text        not null check (step in ('SET', 'REVEALED', 'ERASED')),
  fields    text[]      not null,
  actor_id  text        not null,
  at        timestamptz not null
);
create index details_log_by_person on details_log (person_id, entry);
