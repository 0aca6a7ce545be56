"""The house that most tests of the gateway knock at."""

import pytest

from tests.gateway.worlds import House


@pytest.fixture
def house():
    return House()
