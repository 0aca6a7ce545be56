"""The SQL of the runtime's own tables: one statement for all rows of a batch.

Names have no schema: the search path of the session is the service's.
"""

# Twins wait for each other here, in one order, so that they cannot wait in a circle.
# Known ids are rare, so it is those that are answered.
CLAIM = """
    with claimed as (
      insert into inbox (id)
      select id from unnest(%(ids)s::uuid[]) as given (id) order by id
      on conflict do nothing returning id
    )
    select id from unnest(%(ids)s::uuid[]) as given (id) except select id from claimed
"""

PARKED = """
    select key from dead_letters
    where key = any(%s) and key <> '' and resolved_at is null
"""

# Rows are numbered as they come, and `unnest` gives them in order.
SEND = """
    insert into outbox (topic, key, value, headers)
    select * from unnest(%s::text[], %s::text[], %s::bytea[], %s::bytea[])
"""

RECORD = """
    insert into events (
      topic, aggregate_id, version, event_id, type, occurred_at,
      correlation_id, causation_id, traceparent, value, headers
    )
    select * from unnest(
      %s::text[], %s::text[], %s::bigint[], %s::uuid[], %s::text[], %s::timestamptz[],
      %s::uuid[], %s::uuid[], %s::text[], %s::bytea[], %s::bytea[]
    )
"""

FINISH = "delete from agenda where id = any(%s::uuid[])"

# An entry that was moved while it was leased is another appointment: it stays.
ANSWER = """
    delete from agenda using unnest(%s::uuid[], %s::timestamptz[]) as leased (id, due_at)
    where agenda.id = leased.id and agenda.due_at = leased.due_at
"""

PLAN = """
    insert into agenda
      (id, due_at, since, performs, attempts, topic, type, value, headers)
    select * from unnest(
      %s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::boolean[], %s::bigint[],
      %s::text[], %s::text[], %s::bytea[], %s::bytea[]
    ) as planned (id) order by id
    on conflict (id) do update set
      due_at = excluded.due_at, since = excluded.since, performs = excluded.performs,
      attempts = excluded.attempts, lease_until = null, topic = excluded.topic,
      type = excluded.type, value = excluded.value, headers = excluded.headers
"""

BURY = """
    insert into dead_letters
      (topic, partition, "offset", key, value, headers, claimed, error, failed_at, attempts)
    select * from unnest(
      %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bytea[], %s::bytea[],
      %s::boolean[], %s::text[], %s::timestamptz[], %s::bigint[]
    )
"""

# Nobody may let a key go while something is put behind it: it would wait for ever.
HOLD = """
    with held as (
      select key from dead_letters where key = any(%s::text[]) and resolved_at is null
      for share
    )
    select count(distinct key) from held
"""

PARK = """
    insert into parked (topic, partition, "offset", key, value, headers, claimed)
    select topic, partition, "offset", key, value, headers, claimed from unnest(
      %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::bytea[], %s::bytea[],
      %s::boolean[]
    ) with ordinality
      as waiting (topic, partition, "offset", key, value, headers, claimed, position)
    order by position
"""

RESOLVE = """
    update dead_letters set resolved_at = now()
    where key = %(key)s and resolved_at is null
      and (%(id)s::bigint is null or id = %(id)s::bigint)
    returning id
"""

UNPARK = """
    with gone as (delete from parked where key = %s returning *)
    select topic, partition, "offset", claimed, value, headers from gone order by seq
"""

# Two people agreed once: whoever comes second finds it decided.
SETTLE = """
    with settled as (
      update dead_letter_requests
      set decision = 'APPROVED', decided_by = given.by, decided_at = given.at,
        remark = given.remark
      from unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::text[])
        as given (id, by, at, remark)
      where dead_letter_requests.id = given.id and decided_at is null
      returning 1
    )
    select count(*) from settled
"""

ADVANCE = """
    with moved as (
      update offsets set next_offset = handled.next_offset
      from unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[])
        as handled (topic, partition, epoch, next_offset)
      where offsets.topic = handled.topic and offsets.partition = handled.partition
        and offsets.epoch = handled.epoch
      returning 1
    )
    select count(*) from moved
"""

TAKE_OVER = """
    insert into offsets (topic, partition, epoch, next_offset)
    select topic, partition, 1, 0 from unnest(%s::text[], %s::bigint[])
      as wanted (topic, partition)
    order by topic, partition
    on conflict (topic, partition) do update set epoch = offsets.epoch + 1
    returning topic, partition, epoch, next_offset
"""

# Only a client that stands still in the midst of its statements is waited for like this;
# one that was answered is idle, and its session ends by itself.
END_FROZEN = """
    select count(pg_terminate_backend(pid)) from pg_stat_activity
    where pid <> pg_backend_pid() and usename = current_user
      and datname = current_database() and application_name = %(schema)s
      and state = 'active' and wait_event = 'ClientRead'
      and xact_start < clock_timestamp() - make_interval(secs => %(after_s)s)
"""

LEASE = """
    with due as (
      select id from agenda
      where due_at <= %(now)s and (lease_until is null or lease_until <= %(now)s)
      order by due_at limit %(limit)s
      for update skip locked
    ), leased as (
      update agenda set lease_until = %(until)s from due where agenda.id = due.id
      returning agenda.*
    )
    select id, due_at, since, performs, attempts, topic, value, headers
    from leased order by due_at, id
"""

POSTPONE = """
    update agenda set due_at = %s, attempts = attempts + 1, lease_until = null where id = %s
"""

OWN = "select pg_advisory_lock(hashtextextended(%s, 0))"

READ = """
    select seq, topic, key, value, headers from outbox
    where part = any(%s::bigint[]) order by seq limit %s
"""

DELETE = "delete from outbox where seq = any(%s::bigint[])"
