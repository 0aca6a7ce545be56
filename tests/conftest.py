"""Fixtures every test may lean on."""

pytest_plugins = ["tests.postgres", "tests.servers", "tests.standing"]
