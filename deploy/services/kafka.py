"""Apache Kafka in KRaft mode: one broker, or three that replicate, without ZooKeeper."""

from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from uuid import uuid4

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.services.server import STARTS_WITHIN_S, Server, tail
from toolkit.infra.processes import free_port

LOOPBACK = "127.0.0.1"
LOOK_EVERY_S = 0.2
# Small and quick to start: these brokers serve tests and a developer, on a few cores.
JVM = ("-Xms256m", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
LOGGING = """
rootLogger.level = INFO
rootLogger.appenderRef.stdout.ref = STDOUT
appender.stdout.type = Console
appender.stdout.name = STDOUT
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{ISO8601} %p %c{1} %m%n
"""


def brokers(
    java: Path, jars: Path, directory: Path, logs: Path, count: int
) -> list[Server]:
    """Lay out the brokers, each a controller too, and format their storage."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "log4j2.properties").write_text(LOGGING)
    ports = [(free_port(), free_port()) for _ in range(count)]
    voters = ",".join(
        f"{node}@{LOOPBACK}:{controller}"
        for node, (_, controller) in enumerate(ports, start=1)
    )
    cluster = base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
    made, files = [], []
    for node, (port, controller) in enumerate(ports, start=1):
        home = directory / f"kafka-{node}"
        home.mkdir(parents=True, exist_ok=True)
        properties = home / "server.properties"
        listening = f"PLAINTEXT://{LOOPBACK}:{port}"
        controlling = f"CONTROLLER://{LOOPBACK}:{controller}"
        own = {
            "node.id": node,
            "controller.quorum.voters": voters,
            "listeners": f"{listening},{controlling}",
            "advertised.listeners": listening,
            "log.dirs": home / "data",
        }
        settings = {**own, **_settings(count)}
        properties.write_text("".join(f"{n}={v}\n" for n, v in settings.items()))
        files.append(properties)
        logging = f"-Dlog4j2.configurationFile={directory / 'log4j2.properties'}"
        made.append(
            Server(
                name=f"kafka-{node}",
                command=(
                    *(str(java), *JVM, logging, "-cp", f"{jars}/*"),
                    *("kafka.Kafka", str(properties)),
                ),
                address=f"{LOOPBACK}:{port}",
                log=str(logs / f"kafka-{node}.log"),
            )
        )
    tool = [str(java), *JVM, "-cp", f"{jars}/*", "kafka.tools.StorageTool"]
    with ThreadPoolExecutor(count) as together:
        list(together.map(partial(_format, tool, cluster), files))
    return made


def await_brokers(servers: Sequence[Server]) -> None:
    """Wait until every broker that runs is known to its cluster."""
    running = [server for server in servers if server.is_running]
    addresses = {server.address for server in running}
    deadline = time.monotonic() + STARTS_WITHIN_S
    client = AdminClient({"bootstrap.servers": ",".join(addresses), "log_level": 0})
    while True:
        try:
            known = client.list_topics(timeout=2.0).brokers.values()
            if addresses <= {f"{b.host}:{b.port}" for b in known}:
                return
        except KafkaException:
            pass
        ended = [server for server in running if not server.is_running]
        if ended or time.monotonic() > deadline:
            late = (ended or running)[0]
            raise RuntimeError(f"{late.name} did not start; {late.log} ends:\n{tail(late)}")
        time.sleep(LOOK_EVERY_S)


def _settings(count: int) -> dict[str, object]:
    """Say what is the same for each of so many brokers."""
    safe = min(count, 2)  # so many must have a record before it is confirmed
    return {
        "process.roles": "broker,controller",
        "controller.listener.names": "CONTROLLER",
        "auto.create.topics.enable": "false",
        "default.replication.factor": count,
        "min.insync.replicas": safe,
        "offsets.topic.num.partitions": 4,
        "offsets.topic.replication.factor": count,
        "transaction.state.log.num.partitions": 4,
        "transaction.state.log.replication.factor": count,
        "transaction.state.log.min.isr": safe,
        "share.coordinator.state.topic.replication.factor": count,
        "share.coordinator.state.topic.min.isr": safe,
        "group.initial.rebalance.delay.ms": 0,  # nobody else is going to join
        "group.consumer.session.timeout.ms": 6_000,
        "group.consumer.min.session.timeout.ms": 6_000,
        "group.consumer.heartbeat.interval.ms": 1_000,
        "group.consumer.min.heartbeat.interval.ms": 1_000,
    }


def _format(tool: list[str], cluster: str, properties: Path) -> None:
    command = [*tool, "format", "--cluster-id", cluster, "--config", str(properties)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise RuntimeError(f"Kafka's storage cannot be made: {done.stdout}{done.stderr}")
