"""A sandbox for each test. This folder is no package: it shares the SDK's name."""

from __future__ import annotations

import pytest
from stripe_faces import SECRET, HandClock, HttpStripe, served

from sims.world.stripe import InProcessStripe, StripeModel
from sims.world.stripe.http import Face


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def model(clock):
    return StripeModel(now=clock.now, seed=7, webhook_secret=SECRET)


@pytest.fixture
def local(model):
    return InProcessStripe(model)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests; each puts a model of its own behind it."""
    calm = StripeModel(now=HandClock().now, seed=7)
    face = Face(model=calm, exports=tmp_path_factory.mktemp("exports"))
    with served(face) as url:
        yield face, url


@pytest.fixture
def http(server, model):
    face, url = server
    face.model = model
    stripe = HttpStripe(url)
    yield stripe
    stripe.close()


@pytest.fixture(params=["in_process", "http"])
def face(request, model):
    if request.param == "in_process":
        return InProcessStripe(model)
    return request.getfixturevalue("http")
