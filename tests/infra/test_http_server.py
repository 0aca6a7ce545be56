"""The edge speaks TLS 1.3 or not at all, and waits for nobody for ever."""

import asyncio
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from tests.infra.test_postgres_roles import settings_for
from toolkit.gateway.edge import Edge
from toolkit.infra import http_server
from toolkit.infra.http_server import server_config
from toolkit.infra.processes import free_port
from toolkit.infra.settings import SettingsWrong

EVERYWHERE = "0.0.0.0"  # noqa: S104 - that is what is refused


async def hello(scope, receive, send):
    """The smallest application: it reads the body, and tells who asked."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["client"][0].encode()})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for loopback that signs itself."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    return folder


def secured(certificate, **other):
    return settings_for(
        "unused",
        http_port=free_port(),
        http_certificate=certificate / "cert.pem",
        http_key=certificate / "key.pem",
        **other,
    )


@asynccontextmanager
async def serving(settings):
    server = uvicorn.Server(server_config(Edge(hello), settings, lifespan="off"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110 - it tells nobody when it has
            await asyncio.sleep(0.01)
        yield settings.http_port
    finally:
        server.should_exit = True
        await task


def trusting(certificate, highest):
    context = ssl.create_default_context(cafile=certificate / "cert.pem")
    context.maximum_version = highest
    return context


async def test_a_client_of_today_is_answered_over_tls_1_3(certificate):
    async with serving(secured(certificate)) as port:
        context = trusting(certificate, ssl.TLSVersion.TLSv1_3)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.3"
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"strict-transport-security: max-age=63072000" in answer.lower()


async def test_a_client_limited_to_tls_1_2_is_refused(certificate):
    async with serving(secured(certificate)) as port:
        context = trusting(certificate, ssl.TLSVersion.TLSv1_2)
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            await asyncio.open_connection("127.0.0.1", port, ssl=context)
        context.maximum_version = ssl.TLSVersion.TLSv1_3  # the same client, otherwise
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.close()


async def test_plain_http_on_the_secured_port_is_not_answered(certificate):
    async with serving(secured(certificate)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not (await reader.read()).startswith(b"HTTP")
        writer.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"http_host": EVERYWHERE},
        {"http_host": "gateway.example"},
        {"http_key": "key.pem"},
        {"http_certificate": "absent.pem", "http_key": "absent.pem"},
    ],
    ids=["plain to everybody", "plain by name", "half of it", "files that are not there"],
)
def test_an_edge_where_anybody_could_listen_in_does_not_start(wrong):
    with pytest.raises(SettingsWrong, match="ESCROW_HTTP"):
        server_config(hello, settings_for("unused", **wrong)).load()


def test_plain_http_behind_an_edge_of_ours_has_to_be_said():
    server_config(hello, settings_for("unused", http_host=EVERYWHERE, http_behind_tls=True))


@pytest.mark.parametrize(
    ("trusted", "seen"), [((), "127.0.0.1"), (("127.0.0.1",), "203.0.113.7")]
)
async def test_only_a_trusted_edge_tells_us_where_a_call_came_from(trusted, seen):
    settings = settings_for("unused", http_port=free_port(), http_trusted_proxies=trusted)
    async with serving(settings) as port, httpx.AsyncClient() as client:
        told = {"X-Forwarded-For": "203.0.113.7"}
        answer = await client.get(f"http://127.0.0.1:{port}/", headers=told)
    assert answer.text == seen


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_who_does_not_come_to_the_point_is_hung_up_on(monkeypatch, said):
    monkeypatch.setattr(http_server, "HEADERS_WITHIN_S", 0.2)
    async with serving(settings_for("unused", http_port=free_port())) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_who_takes_time_for_the_body_alone_is_waited_for(monkeypatch):
    monkeypatch.setattr(http_server, "HEADERS_WITHIN_S", 0.2)
    async with serving(settings_for("unused", http_port=free_port())) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
        await asyncio.sleep(0.4)
        writer.write(b"x")
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")
        writer.close()
