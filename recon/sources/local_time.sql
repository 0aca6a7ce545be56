-- Times of a zone's clocks as UTC. An hour that comes twice in autumn has an earlier and a later
-- reading; one that spring leaves out has none.

create or replace macro shown(moment, zone) as timezone(zone, moment at time zone 'UTC');

create or replace macro with_offset_of(neighbour, clock, zone) as clock - (shown(neighbour, zone) - neighbour);

create or replace macro if_shown(moment, clock, zone) as case when shown(moment, zone) = clock then moment end;

create or replace macro earlier_reading(clock, zone) as
    coalesce(
        if_shown(with_offset_of(clock - interval 1 day, clock, zone), clock, zone),
        if_shown(with_offset_of(clock + interval 1 day, clock, zone), clock, zone)
    );

create or replace macro later_reading(clock, zone) as
    coalesce(
        if_shown(with_offset_of(clock + interval 1 day, clock, zone), clock, zone),
        if_shown(with_offset_of(clock - interval 1 day, clock, zone), clock, zone)
    );

-- A cell that states its own offset needs no zone.
create or replace macro states_offset(cell) as regexp_matches(cell, '[0-9]:[0-9]{2}(\.[0-9]+)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$');

create or replace macro from_clock(cell, zone) as
    case
        when states_offset(cell) then utc(cell)
        else earlier_reading(try_cast(cell as timestamp), zone)
    end;
