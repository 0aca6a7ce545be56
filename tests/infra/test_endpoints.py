"""A call to an address that somebody named goes to the world, never to our house."""

import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sims.world.receiver import ReceiverModel
from sims.world.receiver.http import Served, application
from tests.sims.stripe.stripe_faces import served
from toolkit.core.errors import Declined, Unavailable
from toolkit.infra.endpoints import HttpEndpoints, connect_endpoints, is_public

OURS = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.7",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fc00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:0a00:0001::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", OURS)
def test_an_address_of_our_own_house_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "8.8.8.8"])
def test_an_address_of_the_world_is(address):
    assert is_public(address)


@given(
    st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=6, network="fc00::/7")
)
def test_no_private_address_slips_through(address):
    assert not is_public(str(address))


class Recorder(httpx.AsyncBaseTransport):
    def __init__(self, status=204, headers=None):
        self.requests, self.status, self.headers = [], status, headers or {}

    async def handle_async_request(self, request):
        self.requests.append(request)
        return httpx.Response(self.status, headers=self.headers)


@asynccontextmanager
async def endpoints(*addresses, transport=None):
    recorder = transport or Recorder()

    async def resolve(host, port):
        del host, port
        if not addresses:
            raise socket.gaierror("unknown")
        return addresses

    async with httpx.AsyncClient(transport=recorder) as client:
        yield HttpEndpoints(client, resolve), recorder


async def test_the_call_goes_to_the_address_that_was_looked_at():
    async with endpoints("93.184.215.14") as (way, recorder):
        await way.post("https://hooks.example:8443/a?b=c", {}, b"{}")
    (request,) = recorder.requests
    assert str(request.url) == "https://93.184.215.14:8443/a?b=c"
    assert request.headers["host"] == "hooks.example:8443"
    assert request.extensions["sni_hostname"] == "hooks.example"


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("93.184.215.14", "10.0.0.1"), ("::1",)]
)
async def test_a_name_that_stands_for_one_of_ours_is_not_called(addresses):
    async with endpoints(*addresses) as (way, recorder):
        with pytest.raises(Declined):
            await way.post("https://hooks.example/", {}, b"{}")
    assert not recorder.requests


async def test_plain_http_is_not_spoken():
    async with endpoints("93.184.215.14") as (way, recorder):
        with pytest.raises(Declined):
            await way.post("http://hooks.example/", {}, b"{}")
    assert not recorder.requests


@pytest.mark.parametrize(
    "url",
    [
        "https://xn--a.example/",
        "https://xn--zzzzzz.org/",
        "https://a.example/\t",
        "https:///a",
    ],
)
async def test_an_address_that_nobody_can_call_is_not_tried_again(url):
    async with endpoints("93.184.215.14") as (way, recorder):
        with pytest.raises(Declined):
            await way.post(url, {}, b"{}")
    assert not recorder.requests


async def test_a_name_that_is_not_found_is_tried_again_later():
    async with endpoints() as (way, _):
        with pytest.raises(Unavailable):
            await way.post("https://hooks.example/", {}, b"{}")


async def test_a_redirect_is_answered_and_not_followed():
    transport = Recorder(302, {"location": "https://127.0.0.1/"})
    async with endpoints("93.184.215.14", transport=transport) as (way, _):
        answer = await way.post("https://hooks.example/", {}, b"{}")
    assert (answer.status, len(transport.requests)) == (302, 1)


@pytest.mark.embedded
async def test_a_receiver_on_loopback_is_called_only_where_that_is_allowed():
    model = ReceiverModel(now=lambda: datetime.now(UTC))
    with served(Served(model=model), application) as url:
        async with connect_endpoints(allows_private=True) as way:
            answer = await way.post(f"{url}/hooks/gone", {}, b"{}")
        async with connect_endpoints() as way:
            with pytest.raises(Declined):
                await way.post(url.replace("http:", "https:"), {}, b"{}")
    assert (answer.status, model.calls) == (410, 1)
