"""Who asks for a read model of what never happened is told so, and what there is."""

import os

import pytest

from tests.operations.worlds import Platform, create
from toolkit.__main__ import main

pytestmark = pytest.mark.embedded


@pytest.fixture
def platform(tmp_path, postgres_dsn, monkeypatch):
    ours = {name: text for name, text in os.environ.items() if "ESCROW_" not in name}
    monkeypatch.setattr(os, "environ", ours)
    return Platform(tmp_path, postgres_dsn, "http://127.0.0.1:1")


def rebuild(platform, *escrow_ids):
    return main(["--env", str(platform.env), "rebuild", *escrow_ids])


def test_an_escrow_that_does_not_exist_is_refused_and_some_that_do_are_named(
    platform, capsys
):
    assert rebuild(platform, "nosuch") == 2
    assert "there are no escrows at all" in capsys.readouterr().err
    platform.run(lambda handler: handler.handle([create("E1", 1)]))

    assert rebuild(platform, "E1", "nosuch") == 2

    assert "ever happened to nosuch" in (said := capsys.readouterr().err)
    assert "there are E1" in said
    assert rebuild(platform, "E1") == 0
