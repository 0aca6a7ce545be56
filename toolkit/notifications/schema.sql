-- Notifications at rest: what is known of escrows and people, and what came of each letter.

-- An escrow's parties, or how a person is told. The document has the addresses: they are
-- nowhere else, and go when the person takes them away.
create table subjects (
  subject_id  text   primary key,
  version     bigint not null check (version > 0),
  contract_id text,
  buyer_id    text,
  seller_id   text,
  document    jsonb  not null
);
create index subjects_buyer on subjects (buyer_id);
create index subjects_seller on subjects (seller_id);

-- One row for each notification: a second outcome of it could not be written.
create table deliveries (
  notification_id uuid        primary key,
  recipient_id    text        not null,
  channel         text        not null,
  template        text        not null,
  cause           uuid        not null,
  attempts        bigint      not null check (attempts > 0),
  reason          text, -- why it failed; absent, it was delivered
  ended_at        timestamptz not null
);
create unique index deliveries_once on deliveries (cause, recipient_id, channel);
create index deliveries_recipient on deliveries (recipient_id, ended_at);
