-- What a run leaves for the days after it. Every table is keyed by the business date that wrote it,
-- so that a day may be run again: it reads only what earlier days wrote and replaces its own.

create table if not exists kept.runs (
    business_date date,
    run_id varchar,
    as_of timestamp,
    verdict varchar
);

create table if not exists kept.discrepancies (
    business_date date,
    discrepancy_id varchar,
    code varchar,
    severity varchar,
    owner varchar,
    rule varchar,
    rail varchar,
    subject varchar,
    provider_ref varchar,
    event_id varchar,
    expected_minor decimal(38, 0),
    actual_minor decimal(38, 0),
    difference_minor decimal(38, 0),
    currency varchar,
    occurred_at timestamp,
    first_seen timestamp,
    natural_key varchar,
    state varchar,
    explanation varchar,
    nearest_candidate varchar
);

-- Of those, what the day did not find itself and only carried on. A file of before has none of it.
create table if not exists kept.carried (
    business_date date,
    discrepancy_id varchar
);

-- Rows that wait for their event, or whose last word is still to come.
create table if not exists kept.movements (
    business_date date,
    rail varchar,
    account varchar,
    movement_key varchar,
    lane varchar,
    category_or_status varchar,
    is_known boolean,
    is_own boolean,
    is_wrong_token boolean,
    outcome varchar,
    provider_ref varchar,
    our_ref varchar,
    escrow_id varchar,
    currency varchar,
    amount_minor decimal(38, 0),
    fee_minor decimal(38, 0),
    net_minor decimal(38, 0),
    holding_minor decimal(38, 0),
    own_minor decimal(38, 0),
    to_address varchar,
    chain_id varchar,
    tx_hash varchar,
    log_index decimal(38, 0),
    created_at timestamp,
    updated_at timestamp
);

-- Bookings that wait for their row.
create table if not exists kept.bookings (
    business_date date,
    event_id varchar,
    escrow_id varchar,
    event_type varchar,
    kind varchar,
    rail varchar,
    provider_ref varchar,
    our_ref varchar,
    transfer_id varchar,
    payment_id varchar,
    currency varchar,
    amount_minor decimal(38, 0),
    fee_minor decimal(38, 0),
    destination varchar,
    chain_id varchar,
    tx_hash varchar,
    log_index decimal(38, 0),
    occurred_at timestamp,
    topic varchar,
    "partition" bigint,
    "offset" bigint
);

-- Every provider row that was seen, and the booking it settled.
create table if not exists kept.rows (
    business_date date,
    source varchar,
    row_key varchar,
    fingerprint varchar,
    is_final boolean,
    is_restated boolean,
    amount_minor decimal(38, 0),
    holding_minor decimal(38, 0),
    own_minor decimal(38, 0),
    provider_ref varchar,
    event_id varchar
);

create table if not exists kept.positions (
    business_date date,
    rail varchar,
    account varchar,
    currency varchar,
    closing_minor decimal(38, 0)
);

-- Every run that was made with this state, in its order. A day that is run again on other inputs, or
-- by other rules, has several; the same run made twice has one.
create table if not exists kept.history (
    number bigint,
    business_date date,
    run_id varchar,
    replaces varchar,
    as_of timestamp,
    verdict varchar,
    open_count bigint,
    new_count bigint,
    resolved_count bigint,
    changes varchar
);

-- What two people settled when they signed a day.
create table if not exists kept.resolutions (
    business_date date,
    run_id varchar,
    discrepancy_id varchar,
    resolved_by varchar,
    approved_by varchar,
    reason varchar,
    resolved_at timestamp
);
