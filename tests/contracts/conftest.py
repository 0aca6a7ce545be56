"""Every contract is tried in every world."""

import pytest

from tests.contracts import worlds


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.embedded)])
async def database(request):
    if request.param == "memory":
        world = worlds.memory()
    else:
        world = worlds.postgres(request.getfixturevalue("postgres_dsn"))
    async with world as it:
        yield it
