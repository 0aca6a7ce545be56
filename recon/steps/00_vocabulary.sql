-- The words that every later step uses: units of money, categories, statuses, and the clocks of the contract.

-- Decimal places of a currency's minor unit: `currencies.py` says the same. The custodian's tokens are counted in
-- millionths, and most of them have more than three letters.
-- One pattern each, since a list of so many would be joined at every use.
create macro digits_of(currency) as case
    when regexp_full_match(upper(currency), 'USD|EUR|GBP') then 2
    when regexp_full_match(upper(currency), 'BIF|CLP|DJF|GNF|JPY|KMF|KRW|MGA|PYG|RWF|VND|VUV|XAF|XOF|XPF') then 0
    when regexp_full_match(upper(currency), 'BHD|JOD|KWD|OMR|TND') then 3
    when regexp_full_match(upper(currency), 'BTC|DAI|ETH|SOL|.{4,}') then 6
    else 2
end;

-- Text in major units to exact minor units; null where the text is no number or finer than the currency.
-- The first case is the usual one of cents, which fits a small decimal; the second does any other.
create macro to_minor(amount, digits) as
    case
        when digits = 2 and regexp_full_match(amount, '[+-]?[0-9]{1,13}\.[0-9]{2}')
        then (try_cast(amount as decimal(18, 2)) * 100)::decimal(38, 0)
        when regexp_full_match(amount, '[+-]?[0-9]+(\.[0-9]*)?')
         and length(rtrim(split_part(amount, '.', 2), '0')) <= digits
        then try_cast(
            split_part(amount, '.', 1) || rpad(rtrim(split_part(amount, '.', 2), '0'), digits, '0')
            as decimal(38, 0)
        )
    end;

-- Whole minor units, from text.
create macro whole(amount) as
    case when regexp_full_match(amount, '[+-]?[0-9]+') then try_cast(amount as decimal(38, 0)) end;

-- Minor units as people read them: 12.50 USD. Digits are moved as text, never divided.
create macro forty_digits(minor) as lpad(abs(minor)::varchar, 40, '0');

create macro in_words(minor, currency) as
    case when minor < 0 then '-' else '' end
    || coalesce(nullif(ltrim(left(forty_digits(minor), 40 - digits_of(currency)), '0'), ''), '0')
    || rtrim('.' || right(forty_digits(minor), digits_of(currency)), '.')
    || ' ' || upper(currency);

-- The whole major units of an amount, whatever its sign: enough to hold it against a threshold.
create macro in_major(minor, currency) as coalesce(
    try_cast(left(abs(minor)::varchar, greatest(length(abs(minor)::varchar) - digits_of(currency), 0)) as decimal(38, 0)),
    case when minor is not null then 0 end
);

-- A provider's time, as UTC. The first case is the usual one, a time of UTC to the second or finer, which
-- needs no calendar; the second does any other.
create macro utc(moment) as case
    when regexp_full_match(moment, '(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z?')
    then try_cast(rtrim(moment, 'Z') as timestamp)
    -- Not the words that a cast takes for a time, such as infinity, nor another age.
    when regexp_full_match(moment, '(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}([ T].*)?')
    then try_cast(moment as timestamptz) at time zone 'UTC'
end;

-- The same of a time that has to name its zone.
create macro zoned(moment) as
    case when regexp_full_match(moment, '.*[T ][0-9:.]+(Z|[+-][0-9]{2}(:?[0-9]{2})?)') then utc(moment) end;

-- A moment of UTC as one that says so. The calendar that `at time zone` asks is not needed.
create macro in_utc(moment) as make_timestamptz(epoch_us(moment));

-- The clocks of the contract.
create macro transit_limit() as interval 24 hours;      -- an event may wait this long for its row
create macro cut_off() as interval 60 minutes;          -- rows and events this near to midnight may lie in two days
create macro finality_limit() as interval 6 hours;      -- the custodian's last word
create macro payout_limit() as interval 72 hours;       -- a payout on its way to the bank
create macro funding_limit() as interval 73 hours;      -- AWAIT_FUNDS: 72 h and an hour of grace
create macro acceptance_limit() as interval 169 hours;  -- DELIVERED: 7 days and an hour of grace

-- Stripe's reporting categories. A lane is the kind of movement; own money never has an event.
create table categories as
select * from (values
    ('charge',            false),
    ('refund',            false),
    ('refund_failure',    false),
    ('transfer',          false),
    ('transfer_reversal', false),
    ('dispute',           false),
    ('dispute_reversal',  false),
    ('topup',             true),
    ('fee',               true),
    ('payout',            true),
    ('payout_reversal',   true)
) as category (category, is_own);

-- The custodian's statuses. Only COMPLETE moves the holding.
create table statuses as
select * from (values
    ('INITIATED', 'pending'),
    ('CLEARED',   'pending'),
    ('QUEUED',    'pending'),
    ('SENT',      'pending'),
    ('STUCK',     'pending'),
    ('CONFIRMED', 'pending'),
    ('COMPLETE',  'moved'),
    ('FAILED',    'failed'),
    ('DENIED',    'failed'),
    ('CANCELLED', 'failed')
) as status (status, outcome);

-- Stripe's payout statuses. Only a paid payout is expected at the bank.
create table payout_statuses as
select * from (values ('pending'), ('in_transit'), ('paid'), ('failed'), ('canceled')) as status (status);
