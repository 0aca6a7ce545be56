-- I8: a reader of a key hears its versions in order; what comes again is older.
select topic, partition, "offset", key, version, heard
from (
  select topic, partition, "offset", key, version,
    max(version) over (
      partition by topic, key order by partition, "offset"
      rows between unbounded preceding and 1 preceding
    ) as heard
  from observed.records
  where version is not null and not planted
) as told
where version > coalesce(heard, 0) + 1
