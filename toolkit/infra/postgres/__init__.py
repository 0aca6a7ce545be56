"""The database for real: one PostgreSQL schema a service, one transaction a batch."""

from toolkit.infra.postgres.database import PostgresDatabase
from toolkit.infra.postgres.migrations import migrate
from toolkit.infra.postgres.pool import open_pool
from toolkit.infra.postgres.store import Store

__all__ = ["PostgresDatabase", "Store", "migrate", "open_pool"]
