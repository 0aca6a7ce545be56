"""One platform on real servers for all tests that want it, and gone when they are over.

Those tests are of one group, so one worker has them all, and they stand together: whatever
else a worker has to do, it does without a platform that idles beside it.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from deploy.services.stack import running
from tests.deployment import deployed
from tests.servers import database_of, started

GROUP, FIXTURE = "real", "real_platform"
KINDS = ("postgres", "kafka", "registry")
BROKERS = 3
KEPT = pytest.StashKey()


@dataclass
class Standing:
    """The servers and the platform, started when first asked for."""

    servers: object = None
    platform: object = None
    held: ExitStack = field(default_factory=ExitStack)

    def start(self, servers_folder, directory):
        """Start both, unless they run; skip where a server could not be had before."""
        if self.servers is None:
            folder = servers_folder / "all"
            self.servers = self.held.enter_context(running(folder, KINDS, BROKERS, print))
        settings = started(self.servers, *KINDS).settings
        if self.platform is None:
            dsn = self.held.enter_context(database_of(settings["postgres_dsn"]))
            settings = {**settings, "postgres_dsn": dsn}
            self.platform = self.held.enter_context(deployed(settings, directory))

    def end(self):
        self.held.close()
        self.servers = self.platform = None


@pytest.fixture(scope="session")
def standing(request):
    request.config.stash[KEPT] = kept = Standing()
    yield kept
    kept.end()


@pytest.fixture
def real_platform(standing, folder_of_servers, tmp_path_factory):
    """The whole platform on real servers: what one test left, the next meets."""
    standing.start(folder_of_servers, tmp_path_factory.getbasetemp() / "platform")
    return standing.platform


@pytest.fixture
def real_servers(real_platform, standing):
    """What the platform stands on: three brokers, a database, a schema registry."""
    del real_platform  # which starts them
    return standing.servers


def pytest_collection_modifyitems(items):
    """Begin with the longest group; in it, what wants the platform stands together."""
    items.sort(key=lambda item: (group_of(item) != GROUP, FIXTURE in item.fixturenames))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    kept = item.config.stash.get(KEPT, None)
    if kept and not (nextitem and FIXTURE in nextitem.fixturenames):
        kept.end()


def group_of(item):
    marker = item.get_closest_marker("xdist_group")
    return marker and (marker.args or tuple(marker.kwargs.values()))[0]
