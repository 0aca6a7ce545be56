"""The custodian's transactions, one row each, as of their last update on the day."""

from __future__ import annotations

import duckdb

from recon.manifest import InputFile
from recon.sources.custodian_exports import adapt
from recon.sources.shape import Shape, quoted
from recon.sources.text import check_cells, load_csv

REQUIRED = (
    "custodian",
    "custodian_tx_id",
    "external_tx_id",
    "direction",
    "asset",
    "chain_id",
    "token_contract",
    "amount_base_units",
    "decimals",
    "fee_amount",
    "fee_asset",
    "from_address",
    "to_address",
    "tx_hash",
    "log_index",
    "block_time",
    "status",
    "created_at",
    "updated_at",
)

USDC_CHAIN = "8453"
USDC_CONTRACT = "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913"

# Tokens have up to 18 decimals and our USDC has 6: base units are scaled as whole numbers.
# An amount finer than 6 decimals is refused for USDC itself and cut for foreign tokens,
# which are reported whatever they amount to.
TYPED = """
with

parsed as (
    select
        *,
        whole(amount_base_units)::hugeint as base_units,
        try_cast(whole("decimals") as integer) as places,
        -- Of places that no token has, the next step makes nothing.
        ('1' || repeat('0', abs(greatest(least(places, 30), 0) - 6)))::hugeint as scale
    from custodian_transactions_text
),

scaled as (
    select
        *,
        case
            when places not between 0 and 30 then null
            when places > 6 then base_units // scale
            else base_units * scale
        end::decimal(38, 0) as amount_minor,
        lower(token_contract) as contract
    from parsed
)

select
    custodian_tx_id,
    external_tx_id,
    {account} as account,
    direction,
    upper(asset) as asset,
    chain_id,
    contract,
    chain_id is distinct from '{chain}' or coalesce(contract <> '{contract}', false)
        as is_wrong_token,
    amount_minor,
    places between 7 and 30 and base_units % scale <> 0 as is_cut,
    places,
    whole(log_index) as log_index,
    lower(from_address) as from_address,
    lower(to_address) as to_address,
    lower(tx_hash) as tx_hash,
    status,
    {clock}(block_time) as block_at,
    {clock}(created_at) as created_at,
    {clock}(updated_at) as updated_at,
    block_time is not null and {clock}(block_time) is null as is_block_time_broken,
    "log_index" is not null and whole("log_index") is null as is_log_index_broken,
    fee_amount is not null and not regexp_full_match(fee_amount, '[0-9]+(\\.[0-9]*)?')
        as is_fee_broken
from scaled
"""

BROKEN = {
    "custodian_tx_id": "custodian_tx_id is null",
    "direction": "direction is null or direction not in ('IN', 'OUT')",
    "asset": "asset is null",
    "chain_id": "chain_id is null",
    "amount_base_units": "(amount_minor is null and places between 0 and 30)"
    " or amount_minor < 0 or (is_cut and not is_wrong_token and asset in ('USDC', 'USD'))",
    "decimals": "places is null or places not between 0 and 30",
    "fee_amount": "is_fee_broken",
    "log_index": "is_log_index_broken",
    "block_time": "is_block_time_broken",
    "status": "status is null",
    "created_at": "created_at is null",
    "updated_at": "updated_at is null",
}


def load(db: duckdb.DuckDBPyConnection, file: InputFile) -> None:
    """Create `custodian_transactions`, amounts unsigned and in units of 10^-6."""
    is_canonical = file.dialect.format == "canonical"
    shape = Shape(
        required=REQUIRED,
        typed=TYPED.format(
            account=quoted(file.account),
            chain=USDC_CHAIN,
            contract=USDC_CONTRACT,
            # Vendors leave the zone out and mean UTC; our own form says it.
            clock="zoned" if is_canonical else "utc",
        ),
        broken=BROKEN,
        amounts=("fee_amount",),
    )
    if is_canonical:
        load_csv(db, file, shape)
    else:
        adapt(db, file)
        db.execute(f"create table {file.source} as {shape.typed}")
        check_cells(db, file, shape.typed, shape.broken)
