-- What earlier days left for this one.

create table seen_rows as
select *
from kept.rows
where business_date < $day
qualify row_number() over (partition by source, row_key order by business_date desc) = 1;

-- Every trace that a payout has had: a restated one may be at the bank under an earlier one.
create table earlier_traces as
select distinct row_key as balance_transaction_id, provider_ref as trace_id
from kept.rows
where source = 'PAYOUT' and business_date < $day and provider_ref is not null;

create table carried_movements as
select *
from kept.movements
where business_date = (select max(business_date) from kept.runs where business_date < $day);

create table carried_bookings as
select *
from kept.bookings
where business_date = (select max(business_date) from kept.runs where business_date < $day);

create table carried_discrepancies as
select *
from kept.discrepancies
where business_date < $day
qualify row_number() over (partition by discrepancy_id order by business_date desc) = 1;
