"""What is checked in is what the compiler makes of the sources, and fits every chain."""

import json

import pytest

from toolkit.infra.chain.contract import FOLDER
from toolkit.infra.chain.contracts.__main__ import compiled

SOURCES = sorted(FOLDER.glob("*.vy"))
CODE_BYTES_MAX = 24_576  # EIP-170


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_what_is_checked_in_is_what_the_source_becomes(source):
    kept = source.with_suffix(".json").read_text()
    assert compiled(source) == kept, "python -m toolkit.infra.chain.contracts"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_contract_is_small_enough_for_every_chain(source):
    assert json.loads(source.with_suffix(".json").read_text())["runtime_bytes"] <= (
        CODE_BYTES_MAX
    )
