create table counters (
  key     text   primary key,
  total   bigint not null check (total >= 0),
  version bigint not null
);
