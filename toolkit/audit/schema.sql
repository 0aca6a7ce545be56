-- Audit at rest: trails, the log over them, and what was signed and anchored of it.

-- The end of each trail, and of the log.
create table trails (
  stream_id text   primary key,
  version   bigint not null check (version > 0),
  count     bigint not null check (count > 0),
  head      text   not null,
  erasures  bigint not null check (erasures >= 0)
);
create table logs (
  log_id   text   primary key,
  version  bigint not null check (version > 0),
  document jsonb  not null
);

-- One row for each event that was heard. Of people it has only commitments.
create table entries (
  stream_id   text        not null,
  position    bigint      not null check (position >= 0),
  event_id    uuid        not null,
  topic       text        not null,
  kind        text        not null,
  occurred_at timestamptz not null,
  canonical   text        not null,
  salt        text        not null,
  leaf_hash   text        not null unique,
  primary key (stream_id, position)
);
create index entries_event on entries (event_id);

-- What the commitments of an entry are made of, until it is erased.
create table disclosures (
  stream_id text    not null,
  position  bigint  not null,
  path      text    not null,
  value     text    not null,
  salt      text    not null,
  primary key (stream_id, position, path)
);
create table actors (
  stream_id text   not null,
  position  bigint not null,
  actor_id  text   not null,
  primary key (stream_id, position)
);

-- The tree: its leaves in order, and the roots of its complete subtrees (level 0 are the
-- leaves), so that any proof is a few rows.
create table nodes (
  level bigint not null check (level >= 0),
  place bigint not null check (place >= 0),
  hash  text   not null,
  primary key (level, place)
);
create index nodes_leaf on nodes (hash) where level = 0;

create table checkpoints (
  size        bigint      primary key check (size > 0),
  from_index  bigint      not null check (from_index >= 0),
  merkle_root text        not null,
  chain_head  text        not null,
  sealed_at   timestamptz not null
);
create table signatures (
  size      bigint      primary key references checkpoints,
  note      text        not null,
  signed_at timestamptz not null
);
create table anchors (
  size         bigint      primary key references checkpoints,
  chain_id     bigint      not null,
  tx_hash      text        not null,
  block_number bigint      not null,
  anchored_at  timestamptz not null,
  unique (chain_id, tx_hash)
);
