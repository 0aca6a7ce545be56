-- Escrows at rest: one row each, in the state that the contract names.

create table escrows (
  escrow_id       text        primary key,
  version         bigint      not null check (version > 0),
  state           text        not null check (state in (
    'ABSENT', 'AWAIT_FUNDS', 'FUNDS_HELD', 'DELIVERED', 'DISPUTED',
    'RELEASED', 'REFUNDED', 'CANCELLED'
  )),
  contract_id     text,
  buyer_id        text,
  seller_id       text,
  amount_minor    bigint      check (amount_minor > 0),
  currency        text        check (currency in ('USD', 'USDC')),
  rail            text        check (rail in ('STRIPE', 'CUSTODIAN')),
  payee_account   text,
  fund_by         timestamptz,
  held_ref        text,
  auto_release_at timestamptz,
  reversed_minor  bigint      not null default 0 check (reversed_minor >= 0),
  -- The open disputes, the newest first: one inside another where a chargeback came later.
  disputes        jsonb       not null default '[]',
  -- Only a refused opening leaves an escrow without terms.
  check ((state = 'ABSENT') = (contract_id is null)),
  check ((state = 'DISPUTED') = (disputes <> '[]'))
);
create index escrows_state on escrows (state);
