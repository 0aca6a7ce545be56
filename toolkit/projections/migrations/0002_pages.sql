-- Lists are read newest first and page by page, by everybody, a buyer or a seller; and how
-- fresh the views are is read off the newest of them. Rows from before this have neither
-- moment, and are in no list: `python -m toolkit rebuild` gives it to them.
alter table escrows add column created_at timestamptz, add column told_at timestamptz;

create index escrows_created on escrows (created_at desc, escrow_id collate "C" desc);
create index escrows_buyer_created
  on escrows (buyer_id, created_at desc, escrow_id collate "C" desc);
create index escrows_seller_created
  on escrows (seller_id, created_at desc, escrow_id collate "C" desc);
create index escrows_told on escrows (told_at);
drop index escrows_buyer, escrows_seller;
