"""A bench for the shell, and what reads the metrics of a process."""

import pytest

from tests.runtime.bench import Bench


@pytest.fixture
def bench():
    return Bench()
