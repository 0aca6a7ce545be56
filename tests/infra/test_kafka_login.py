"""A real broker that asks for a login and speaks TLS lets in whom our settings describe."""

import asyncio
import logging
import signal
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.services.stack import running
from tests.servers import started
from toolkit.assembly import kafka_of
from toolkit.infra.kafka_ends import BrokerEnds
from toolkit.infra.processes import free_port
from toolkit.infra.settings import Settings

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.xdist_group("broker")]
USER, PASSWORD = "escrow", "0ddc0ffee5ec2e7"
LOOPBACK = "127.0.0.1"
DOOR = """
listeners={listeners},GUARDED://{address}
advertised.listeners={open},GUARDED://{address}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_SSL
listener.name.guarded.ssl.keystore.type=PEM
listener.name.guarded.ssl.keystore.location={identity}
listener.name.guarded.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.guarded.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


def authority(name):
    """Make somebody who signs certificates: a key, and the certificate of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key, certificate(name, key, name, key, is_authority=True)


def certificate(name, key, issuer, signing_key, *, is_authority=False):
    def named(text):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    places = x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))])
    made = x509.CertificateBuilder().subject_name(named(name)).issuer_name(named(issuer))
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1))
    made = made.not_valid_after(now + timedelta(hours=1))
    made = made.add_extension(places, critical=False)
    constraint = x509.BasicConstraints(ca=is_authority, path_length=None)
    return made.add_extension(constraint, critical=True).sign(signing_key, hashes.SHA256())


def pem(written):
    return written.public_bytes(serialization.Encoding.PEM)


def private(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.fixture(scope="module")
def guarded(folder_of_servers):
    """The settings of whoever may come in by a listener with TLS and a login."""
    folder = folder_of_servers / "guarded"
    with running(folder, ["kafka"], 1, print) as stack:
        open_door = started(stack, "kafka").servers["kafka-1"].address
        signing_key, signer = authority("the house")
        key = ec.generate_private_key(ec.SECP256R1())
        ours = certificate("kafka-1", key, "the house", signing_key)
        (folder / "identity.pem").write_bytes(private(key) + pem(ours))
        (folder / "ca.pem").write_bytes(pem(signer))
        (folder / "stranger.pem").write_bytes(pem(authority("a stranger")[1]))
        address = f"{LOOPBACK}:{free_port()}"
        add_door(stack, open_door, address, folder / "identity.pem")
        admit(open_door)
        yield {
            "kafka_bootstrap": address,
            "kafka_security_protocol": "SASL_SSL",
            "kafka_ca": folder / "ca.pem",
            "kafka_sasl_mechanism": "SCRAM-SHA-512",
            "kafka_user": USER,
            "kafka_password": PASSWORD,
        }


def add_door(stack, open_door, address, identity):
    """Start the broker again with one more listener."""
    stack.strike("kafka-1", signal.SIGKILL)
    properties = stack.directory / "kafka" / "kafka-1" / "server.properties"
    written = properties.read_text()
    [listeners] = [x[10:] for x in written.splitlines() if x.startswith("listeners=")]
    door = DOOR.format(
        listeners=listeners,
        address=address,
        open=f"PLAINTEXT://{open_door}",
        identity=identity,
    )
    properties.write_text(written + door)
    stack.revive("kafka-1")


def admit(open_door):
    mechanism = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4_096)
    login = UserScramCredentialUpsertion(USER, mechanism, PASSWORD.encode())
    admin = AdminClient({"bootstrap.servers": open_door})
    for answer in admin.alter_user_scram_credentials([login]).values():
        answer.result(20)


def settings(**given):
    told = {
        "postgres_dsn": "postgresql://nowhere",
        "registry_url": "http://nowhere",
        "jwt_issuer": "issuer",
        "jwt_audience": "audience",
        "jwt_keys": "keys.json",
        "archive_root": "archive",
    }
    return Settings(**told, **given)


async def test_whoever_has_the_login_is_let_in_and_it_is_never_written(guarded, caplog):
    kafka = kafka_of(settings(**guarded)) | {"debug": "all"}
    with caplog.at_level(logging.DEBUG):
        client = Producer(kafka, logger=logging.getLogger("client"))
        brokers = await asyncio.to_thread(client.list_topics, timeout=20.0)
        client.poll(0.2)  # hands over what it has to log
    assert brokers.brokers
    assert "SCRAM-SHA-512" in caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize(
    "change",
    [
        {"kafka_password": "another"},
        {"kafka_security_protocol": "SASL_PLAINTEXT", "kafka_ca": None},
        {"kafka_ca": "stranger.pem"},
    ],
    ids=["a wrong password", "no TLS", "a broker that a stranger vouches for"],
)
async def test_whoever_is_not_known_or_does_not_know_the_broker_stays_outside(
    guarded, change
):
    if change.get("kafka_ca"):
        change = {"kafka_ca": guarded["kafka_ca"].with_name("stranger.pem")}
    kafka = kafka_of(settings(**{**guarded, **change}))
    assert not await BrokerEnds(kafka, within_s=3.0).answers()
