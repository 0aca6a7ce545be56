-- Fireblocks: `GET /v1/transactions`. Only the amounts that are text are read; the numbers beside them are floats.
-- A movement between two vault accounts leaves one and enters the other.
create view fireblocks_transactions as
with

sided as (
    select
        row,
        record,
        said(record, 'source.type') = 'VAULT_ACCOUNT' as leaves,
        said(record, 'destination.type') = 'VAULT_ACCOUNT' as enters
    from custodian_transactions_records
),

directed as (
    select
        *,
        unnest(
            case
                when leaves and enters then ['OUT', 'IN']
                when leaves then ['OUT']
                when enters then ['IN']
                else [null]
            end
        ) as direction
    from sided
)

select
    row,
    'fireblocks' as custodian,
    said(record, 'id') || if(leaves and enters and direction = 'IN', ':in', '') as custodian_tx_id,
    said(record, 'externalTxId') as external_tx_id,
    direction,
    said(record, 'assetId') as asset_code,
    exactly(record, 'amountInfo.amount') as amount,
    said(record, 'feeInfo.networkFee') as fee_amount,
    said(record, 'feeCurrency') as fee_asset,
    said(record, 'sourceAddress') as from_address,
    said(record, 'destinationAddress') as to_address,
    said(record, 'txHash') as tx_hash,
    said(record, 'logIndex') as log_index,
    null::varchar as block_time,
    case
        when said(record, 'status') = 'SUBMITTED' or starts_with(said(record, 'status'), 'PENDING') then 'INITIATED'
        when said(record, 'status') in ('BROADCASTING', 'CONFIRMING', 'CANCELLING') then 'SENT'
        when said(record, 'status') = 'COMPLETED' then 'COMPLETE'
        when said(record, 'status') in ('REJECTED', 'BLOCKED') then 'DENIED'
        when said(record, 'status') = 'TIMEOUT' then 'FAILED'
        else said(record, 'status')
    end as status,
    moment_of(said(record, 'createdAt')) as created_at,
    moment_of(said(record, 'lastUpdated')) as updated_at
from directed;
