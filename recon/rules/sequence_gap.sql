-- title:    An offset missing within a partition, or a version missing within an aggregate
-- severity: HIGH
-- owner:    platform
-- reason:   An event that we do not have may have said anything.
-- phase:    movements
--
-- One per hole, whatever its length. Offsets are judged within the manifest's ranges only. An
-- event that is missing from both sequences is told once, by its escrow.

with

placed as (
    select topic, "partition", "offset", event_id, occurred_at
    from escrow_events
),

-- The range's borders stand beside the offsets that are there, so that a hole at either end shows.
within_ranges as (
    select topic, "partition", "offset", event_id, occurred_at
    from placed
    join offset_ranges using (topic, "partition")
    where "offset" between first_offset and last_offset
    union all
    select topic, "partition", first_offset - 1, null, null from offset_ranges
    union all
    select topic, "partition", last_offset + 1, null, null from offset_ranges
),

holes as (
    select
        topic,
        "partition",
        lag("offset") over by_offset + 1 as first_missing,
        "offset" - 1 as last_missing,
        event_id,
        occurred_at
    from (select distinct * from within_ranges)
    window by_offset as (partition by topic, "partition" order by "offset")
    qualify "offset" - lag("offset") over by_offset > 1
),

-- The event before and the event after a missing version lie around the missing offset.
gaps as (
    select
        gap.*,
        gap.aggregate_version - gap.previous_version - 1 as missing_versions,
        after."partition",
        before."offset" as offset_before,
        after."offset" as offset_after
    from version_gaps as gap
    join day_events as after using (event_id)
    left join day_events as before
        on before.topic = gap.topic
        and before.aggregate_id = after.aggregate_id
        and before.aggregate_version = gap.previous_version
),

-- As many missing versions account for as many holes around them, and for no more.
accounted as (
    select topic, "partition", first_missing, gap_id, missing_versions
    from (
        select
            hole.topic,
            hole."partition",
            first_missing,
            gap.event_id as gap_id,
            missing_versions,
            row_number() over (
                partition by hole.topic, hole."partition", first_missing order by offset_after, gap.event_id
            ) as place
        from holes as hole
        join gaps as gap
            on gap.topic = hole.topic
            and gap."partition" = hole."partition"
            and gap.occurred_at >= day_start()
            and last_missing < gap.offset_after
            and first_missing > coalesce(gap.offset_before, -1)
    )
    where place = 1
    qualify row_number() over (partition by gap_id order by first_missing) <= missing_versions
)

select
    escrows.rail,
    gap.escrow as subject,
    gap.event_id,
    gap.occurred_at,
    concat_ws(' ', gap.topic, gap.escrow, gap.previous_version) as natural_key,
    format(
        'Versions {} to {} of {} are missing in {}.', previous_version + 1, aggregate_version - 1, gap.escrow, gap.topic
    ) as explanation
from gaps as gap
left join escrows using (escrow)
where gap.occurred_at >= day_start()

union all by name

select
    format('{}/{}', topic, "partition") as subject,
    event_id,
    coalesce(occurred_at, day_end()) as occurred_at,
    concat_ws(' ', topic, "partition", first_missing) as natural_key,
    format('Offsets {} to {} of {}/{} are missing.', first_missing, last_missing, topic, "partition") as explanation
from holes as hole
anti join accounted using (topic, "partition", first_missing)
