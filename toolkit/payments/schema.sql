-- Payments at rest: one row an escrow, and the journal that an accountant reads.

create table payments (
  escrow_id  text   primary key,
  version    bigint not null check (version > 0),
  payment_id text   not null,
  rail       text   not null,
  intent_ref text,
  document   jsonb  not null -- charges, transfers, refunds and chargebacks, with progress
);
create index payments_payment on payments (payment_id);
create index payments_intent on payments (intent_ref);

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
