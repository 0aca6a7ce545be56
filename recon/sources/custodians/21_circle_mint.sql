-- Circle Mint: `GET /v1/businessAccount/transfers`. A wallet is our side, a chain the other one.
-- USDC on Base is called USD there; a transfer states no later moment than its creation.
create view circle_mint_transactions as
select
    row,
    'circle_mint' as custodian,
    said(record, 'id') as custodian_tx_id,
    said(record, 'idempotencyKey') as external_tx_id,
    case
        when said(record, 'source.type') = 'wallet' then 'OUT'
        when said(record, 'destination.type') = 'wallet' then 'IN'
    end as direction,
    coalesce(said(record, 'destination.chain'), said(record, 'source.chain'))
        || ':' || said(record, 'amount.currency') as asset_code,
    exactly(record, 'amount.amount') as amount,
    null::varchar as fee_amount,
    null::varchar as fee_asset,
    said(record, 'source.address') as from_address,
    said(record, 'destination.address') as to_address,
    said(record, 'transactionHash') as tx_hash,
    null::varchar as log_index,
    null::varchar as block_time,
    case said(record, 'status')
        when 'pending' then 'SENT'
        when 'complete' then 'COMPLETE'
        when 'failed' then if(said(record, 'errorCode') = 'transfer_denied', 'DENIED', 'FAILED')
        else said(record, 'status')
    end as status,
    moment_of(said(record, 'createDate')) as created_at,
    moment_of(coalesce(said(record, 'updateDate'), said(record, 'createDate'))) as updated_at
from custodian_transactions_records;
