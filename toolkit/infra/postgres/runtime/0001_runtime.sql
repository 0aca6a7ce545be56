-- What the runtime keeps for every service, beside the service's own tables.

-- Messages that were handled. Their effects are in the same transaction.
create table inbox (
  id         uuid        primary key,
  claimed_at timestamptz not null default now()
);

-- The record of truth: what happened to each aggregate, in order, without a gap.
create table events (
  topic          text        not null,
  aggregate_id   text        not null,
  version        bigint      not null check (version > 0),
  event_id       uuid        not null,
  type           text        not null,
  occurred_at    timestamptz not null,
  correlation_id uuid        not null,
  causation_id   uuid,
  traceparent    text,
  value          bytea       not null,
  headers        bytea       not null,
  constraint events_pkey primary key (topic, aggregate_id, version)
);

-- What was said and is not with the broker yet. A row is inserted after its aggregate is
-- locked, so within a key the order of seq is the order of versions. Rows live for a
-- moment: vacuum comes by count, not by share of the table.
create table outbox (
  seq     bigint   generated always as identity primary key,
  part    smallint not null generated always as (abs(hashtextextended(key, 0) % 16)) stored,
  topic   text     not null,
  key     text     not null,
  value   bytea    not null,
  headers bytea    not null
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000,
  autovacuum_vacuum_cost_delay = 0
);

-- What is to be done later: said, or asked of a provider (`performs`).
create table agenda (
  id          uuid        primary key,
  due_at      timestamptz not null,
  since       timestamptz not null,
  performs    boolean     not null,
  attempts    integer     not null default 0 check (attempts >= 0),
  lease_until timestamptz,
  topic       text        not null,
  type        text        not null,
  value       bytea       not null,
  headers     bytea       not null
) with (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000,
  autovacuum_vacuum_cost_delay = 0
);
create index agenda_due on agenda (due_at);

-- What could not be handled, as it was. An unresolved one parks its key.
create table dead_letters (
  id          bigint      generated always as identity primary key,
  topic       text        not null,
  partition   integer     not null,
  "offset"    bigint      not null,
  key         text        not null,
  value       bytea,
  headers     bytea       not null,
  error       text        not null,
  failed_at   timestamptz not null,
  resolved_at timestamptz
);
create index dead_letters_unresolved on dead_letters (key) where resolved_at is null;

-- What waits behind a dead letter of its key, in the order it came.
create table parked (
  seq       bigint  generated always as identity primary key,
  topic     text    not null,
  partition integer not null,
  "offset"  bigint  not null,
  key       text    not null,
  value     bytea,
  headers   bytea   not null
);
create index parked_key on parked (key, seq);

-- How far each partition has been handled, and in whose time.
create table offsets (
  topic       text    not null,
  partition   integer not null,
  epoch       bigint  not null,
  next_offset bigint  not null,
  primary key (topic, partition)
) with (fillfactor = 50);
