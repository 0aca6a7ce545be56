-- I11: no owner is followed by an older one, and what was handled stays handled.
select *
from (
  select service, topic, partition, at, epoch, next_offset,
    lag(epoch) over seen as epoch_before, lag(next_offset) over seen as offset_before
  from observed.offsets
  window seen as (partition by service, topic, partition order by at)
) as history
where epoch < epoch_before or next_offset < offset_before
