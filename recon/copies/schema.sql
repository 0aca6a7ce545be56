-- One copy of the events, from whatever place. `value_sha256` is null where no bytes are kept.
create table {copy} (
    topic varchar,
    aggregate_id varchar,
    aggregate_version bigint,
    event_id varchar,
    event_type varchar,
    occurred_at timestamptz,
    correlation_id varchar,
    causation_id varchar,
    payload varchar,
    value_sha256 varchar
);
