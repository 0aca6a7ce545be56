-- What earlier days left for this one.

create table seen_rows as
select *
from kept.rows
where business_date < $day
qualify row_number() over (partition by source, row_key order by business_date desc) = 1;

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
