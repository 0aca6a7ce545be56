"""Let Great Expectations judge a bounded part of every source and write its pages.

It has no engine for DuckDB, so its pandas engine gets at most `ROWS_MAX` rows a source,
evenly spread, every cell as text: no amount becomes a float. It reports to nobody.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported

import great_expectations as gx
import pandas as pd
from great_expectations.checkpoint.actions import UpdateDataDocsAction
from great_expectations.data_context.types.base import ProgressBarsConfig

ROWS_MAX = 1_000
SITE = "sources"


def build(
    db: duckdb.DuckDBPyConnection, suites: Mapping[str, dict[str, Any]], output: Path
) -> dict[str, bool]:
    """Write `data_docs/index.html`, and answer which sources met their suite."""
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.delete_data_docs_site("local_site")
    backend = {
        "class_name": "TupleFilesystemStoreBackend",
        "base_directory": str((output / "data_docs").resolve()),
    }
    context.add_data_docs_site(
        SITE,
        {
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": backend,
        },
    )
    tables = context.data_sources.add_pandas("exports")
    return {
        source: _judge(context, tables, source, suite, _sample(db, source))
        for source, suite in suites.items()
    }


def _sample(db: duckdb.DuckDBPyConnection, source: str) -> pd.DataFrame:
    """Every n-th row, as many as fit."""
    [(count,)] = db.execute(f"select count(*) from {source}_text").fetchall()
    step = max(1, -(-count // ROWS_MAX))
    result = db.execute(
        "select * from (select row_number() over () as row, columns(*)::varchar"
        f" from {source}_text) where (row - 1) % {step} = 0 order by row"
    )
    columns = [column[0] for column in result.description or ()]
    return pd.DataFrame(result.fetchall(), columns=columns).astype("string")


def _judge(
    context: Any, tables: Any, source: str, suite: dict[str, Any], sample: pd.DataFrame
) -> bool:
    batch = tables.add_dataframe_asset(source).add_batch_definition_whole_dataframe("day")
    validation = gx.ValidationDefinition(
        name=source, data=batch, suite=context.suites.add(gx.ExpectationSuite(**suite))
    )
    checkpoint = gx.Checkpoint(
        name=source,
        validation_definitions=[context.validation_definitions.add(validation)],
        actions=[UpdateDataDocsAction(name=source, site_names=[SITE])],
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["row"],
        },
    )
    result = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": sample})
    return bool(result.success)
