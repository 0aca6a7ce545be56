-- What an adapter reads, in the canonical columns. An asset that nobody has listed is somebody
-- else's token: it has a contract of its own name, and so it is reported and never counted.
create table custodian_transactions_text as
select
    custodian,
    custodian_tx_id,
    external_tx_id,
    direction,
    coalesce(asset, asset_code) as asset,
    coalesce(chain_id, 'unlisted') as chain_id,
    if(chain_id is null, 'unlisted:' || asset_code, token_contract) as token_contract,
    coalesce(to_minor(amount, coalesce(decimals, 18))::varchar, '?' || amount) as amount_base_units,
    coalesce(decimals, 18)::varchar as decimals,
    fee_amount,
    fee_asset,
    from_address,
    to_address,
    tx_hash,
    log_index,
    block_time,
    status,
    created_at,
    updated_at,
    row as file_row
from adapted_transactions
left join custodian_assets on code = asset_code
order by row, direction desc;
