-- A custodian's export as records: rows of a CSV with dotted names, or objects of its API.

-- A field by its path, in a nested object or in a column named by the path.
create or replace macro said(record, path) as
    nullif(coalesce(record ->> ('$."' || path || '"'), record ->> ('$.' || path)), '');

-- An amount. A JSON number with places has been a float and is not taken for exact.
create or replace macro exactly(record, path) as
    case
        when coalesce(json_type(record, '$.' || path), '') = 'DOUBLE' then '?' || said(record, path)
        else said(record, path)
    end;

-- Milliseconds since 1970, or a time with its zone.
create or replace macro moment_of(cell) as
    case
        when regexp_full_match(cell, '[0-9]{12,14}')
        then strftime(make_timestamp(cell::bigint * 1000), '%Y-%m-%dT%H:%M:%S.%fZ')
        else cell
    end;
