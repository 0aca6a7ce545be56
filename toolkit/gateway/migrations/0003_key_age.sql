-- Keys are kept for longer than any id derived from them is remembered, and then forgotten
-- (`python -m toolkit housekeeping`). Used again after that, a key is simply a new one.
create index idempotency_keys_claimed_at on idempotency_keys
  using brin (claimed_at) with (autosummarize = on);
