-- Circle's wallets: `GET /v1/w3s/transactions`. Its states are the canonical ones.
-- `refId` is ours; a part before a colon says what kind of movement it belongs to.
create view circle_transactions as
select
    row,
    'circle' as custodian,
    said(record, 'id') as custodian_tx_id,
    case
        when contains(said(record, 'refId'), ':') then split_part(said(record, 'refId'), ':', 2)
        else said(record, 'refId')
    end as external_tx_id,
    case said(record, 'transactionType') when 'INBOUND' then 'IN' when 'OUTBOUND' then 'OUT' end as direction,
    coalesce(said(record, 'tokenId'), said(record, 'blockchain') || ':' || 'native') as asset_code,
    coalesce(exactly(record, 'amounts[0]'), exactly(record, 'amounts.0'), exactly(record, 'amount')) as amount,
    said(record, 'networkFee') as fee_amount,
    'ETH' as fee_asset,
    said(record, 'sourceAddress') as from_address,
    said(record, 'destinationAddress') as to_address,
    said(record, 'txHash') as tx_hash,
    null::varchar as log_index,
    moment_of(said(record, 'firstConfirmDate')) as block_time,
    said(record, 'state') as status,
    moment_of(said(record, 'createDate')) as created_at,
    moment_of(said(record, 'updateDate')) as updated_at
from custodian_transactions_records;
