-- What two copies of the events, `one` and `other`, hold otherwise. Told twice alike is told once.

create or replace temp table one_events as select distinct * from one;

create or replace temp table other_events as select distinct * from other;

-- The same id with another content, or one version with two ids, within a single copy.
create or replace temp table contradictions as
with

contents as (
    select 'one' as copy, * from one_events
    union all
    select 'other', * from other_events
)

select
    copy,
    'ID_TWICE' as kind,
    event_id,
    any_value(topic) as topic,
    any_value(aggregate_id) as aggregate_id,
    min(aggregate_version) as aggregate_version,
    '' as differs_in
from contents
group by copy, event_id
having count(*) > 1

union all

select copy, 'VERSION_TWICE', string_agg(distinct event_id, ' ' order by event_id), topic, aggregate_id, aggregate_version, ''
from contents
where aggregate_version is not null
group by copy, topic, aggregate_id, aggregate_version
having count(distinct event_id) > 1;

-- Every event that is not in both, or not the same in both.
create or replace temp table unequal as
with

paired as (
    select
        coalesce(one.event_id, other.event_id) as event_id,
        coalesce(one.topic, other.topic) as topic,
        coalesce(one.aggregate_id, other.aggregate_id) as aggregate_id,
        coalesce(one.aggregate_version, other.aggregate_version) as aggregate_version,
        one.event_id is not null as is_in_one,
        other.event_id is not null as is_in_other,
        concat_ws(
            ' ',
            case when one.topic is distinct from other.topic then 'topic' end,
            case when one.aggregate_id is distinct from other.aggregate_id then 'aggregate_id' end,
            case when one.aggregate_version is distinct from other.aggregate_version then 'aggregate_version' end,
            case when one.event_type is distinct from other.event_type then 'event_type' end,
            case when one.occurred_at is distinct from other.occurred_at then 'occurred_at' end,
            case when one.correlation_id is distinct from other.correlation_id then 'correlation_id' end,
            case when one.causation_id is distinct from other.causation_id then 'causation_id' end,
            case
                when one.payload = other.payload then null
                when one.payload is null and other.payload is null then null
                when one.payload is null or other.payload is null then 'payload'
                when not is_same_json(one.payload, other.payload) then 'payload'
            end,
            case when one.value_sha256 <> other.value_sha256 then 'bytes' end
        ) as differs_in
    from one_events as one
    full join other_events as other on one.event_id = other.event_id
)

select
    case when not is_in_other then 'ONLY_IN_ONE' when not is_in_one then 'ONLY_IN_OTHER' else 'DIFFERS' end as kind,
    event_id,
    topic,
    aggregate_id,
    aggregate_version,
    case when is_in_one and is_in_other then differs_in else '' end as differs_in
from paired
where not is_in_one or not is_in_other or differs_in <> '';
