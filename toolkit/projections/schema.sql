-- Read models: one row an escrow, for the API and for whoever is on call.

-- The two documents hold every fact, each half of one topic; all other columns are read
-- off them when a row is written, so that an operator can ask without reading JSON.
create table escrows (
  escrow_id       text        primary key,
  version         bigint      not null check (version > 0),
  contract_id     text,
  buyer_id        text,
  seller_id       text,
  amount_minor    bigint      check (amount_minor >= 0),
  currency        text,
  rail            text,
  state           text        not null,
  payment_id      text,
  payment_status  text        not null,
  provider_ref    text,
  fund_by         timestamptz,
  held_at         timestamptz,
  delivered_at    timestamptz,
  auto_release_at timestamptz,
  dispute_id      text,
  in_minor        bigint      not null,
  out_minor       bigint      not null,
  refunded_minor  bigint      not null,
  agreement       jsonb       not null,
  payment         jsonb       not null
);
create index escrows_contract on escrows (contract_id);
create index escrows_buyer on escrows (buyer_id);
create index escrows_seller on escrows (seller_id);
create index escrows_state on escrows (state);
