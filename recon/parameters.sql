-- What the manifest says beside its files.

create table own_addresses (address varchar);

create table positions (
    rail varchar,
    currency varchar,
    own_funds_opening_minor decimal(38, 0),
    own_funds_closing_minor decimal(38, 0),
    holding_opening_minor decimal(38, 0),
    holding_closing_minor decimal(38, 0)
);

create table offset_ranges (topic varchar, "partition" bigint, first_offset bigint, last_offset bigint);

create table transitions (state varchar, event varchar, next_state varchar);
