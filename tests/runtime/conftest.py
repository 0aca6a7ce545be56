"""A fresh bench for each test."""

import pytest

from tests.runtime.bench import Bench


@pytest.fixture
def bench():
    return Bench()
