"""Several processes of a service share its work, and a frozen one does no harm."""

import pytest

from sims.world.groups import Protocol
from tests.sims.month import played
from tests.sims.test_groups import EVERY_PROTOCOL

TWO_OF_EACH = {"escrow": 2, "payments": 2, "projections": 2, "notifications": 2}

pytestmark = pytest.mark.slow


@EVERY_PROTOCOL
def test_every_law_holds_with_two_of_each_that_crash_and_freeze(protocol, tmp_path):
    history = played(
        11, tmp_path, instances=TWO_OF_EACH, freezes_per_day=12.0, protocol=protocol
    )
    assert history.broken == []
    assert history.report.crashes > 0
    groups = history.platform.broker.groups
    assert groups["escrow"].rebalances > 10


def test_a_frozen_process_is_fenced_when_it_goes_on(tmp_path, caplog):
    played(
        12, tmp_path, instances=TWO_OF_EACH, freezes_per_day=48.0, protocol=Protocol.EAGER
    )
    assert "lost a partition" in caplog.text
