"""One platform on real servers lives through all faults: what one left, the next meets."""

import pytest

from tests.faults.crowd import Ordeal, Witness


@pytest.fixture(scope="session")
def witness():
    return Witness()


@pytest.fixture
def ordeal(real_platform, witness):
    return Ordeal(real_platform, witness)
