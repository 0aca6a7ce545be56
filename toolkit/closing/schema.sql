-- Closings at rest: one row each, and the journal that an accountant reads.

create table transactions (
  transaction_id text   primary key,
  version        bigint not null check (version > 0),
  state          text   not null check (state in (
    'ABSENT', 'INITIATED', 'EARNEST_HELD', 'VERIFYING', 'READY_TO_SETTLE', 'SETTLING',
    'SETTLED', 'DISPUTED', 'CANCELLED'
  )),
  buyer_id       text,
  seller_id      text,
  document       jsonb, -- terms, verifications, deposits, payments and settlement
  -- Only a refused opening leaves a transaction without terms.
  check ((state = 'ABSENT') = (document is null))
);
create index transactions_state on transactions (state);

-- Double entry: the lines of one event sum to zero in each currency. A debit is above zero.
create table journal (
  event_id  uuid     not null,
  line      bigint   not null,
  account   text     not null,
  minor     bigint   not null check (minor <> 0),
  currency  text     not null,
  booked_at timestamptz not null,
  primary key (event_id, line)
);
create index journal_account on journal (account, booked_at);

create view balances as
select account, currency, sum(minor) as minor from journal group by account, currency;
