-- How often a message was handled in vain: once when it was put aside, and again with each
-- replay that failed.
alter table dead_letters add column attempts bigint not null default 1;
