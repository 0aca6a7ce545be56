"""Every contract is tried in every world."""

import pytest

from tests.contracts import worlds

DSN = {"postgres": "postgres_dsn", "this machine's postgres": "real_postgres_dsn"}
MARKS = {"postgres": pytest.mark.embedded, "this machine's postgres": pytest.mark.real}


@pytest.fixture(params=["memory", *(pytest.param(n, marks=m) for n, m in MARKS.items())])
async def database(request):
    if request.param == "memory":
        world = worlds.memory()
    else:
        world = worlds.postgres(request.getfixturevalue(DSN[request.param]))
    async with world as it:
        yield it
