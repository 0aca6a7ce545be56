-- Messages of long ago leave the inbox; they lie in the order in which they were claimed.
create index inbox_claimed_at on inbox using brin (claimed_at) with (autosummarize = on);
