"""Gets the programs: from this machine, from Debian's packages, from Maven Central."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

Tell = Callable[[str], None]

VERSIONS: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("versions.toml").read_text(encoding="utf-8")
)
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
MAVEN_WITHIN_S, APT_WITHIN_S = 600.0, 300.0
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>services</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_{scala}</artifactId>
      <version>{version}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId>
      <version>{log4j}</version>
    </dependency>
  </dependencies>
</project>
"""
APICURIO = "io.apicurio:apicurio-registry-app:{version}:tar.gz:all"


class Missing(Exception):  # noqa: N818 - says what happened
    """A program cannot be had here; the message says why, and what to do."""


def java() -> Path:
    """Find a Java that is new enough."""
    wanted = VERSIONS["java"]["version_min"]
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin" if home else None)
    if found is None:
        raise Missing(f"no Java: install Java {wanted} (Debian: openjdk-17-jre-headless)")
    said = _said([found, "-version"])
    number = re.search(r'version "(\d+)', said)
    if number is None or int(number[1]) < wanted:
        raise Missing(
            f"{found} is not Java {wanted} or newer: set JAVA_HOME to one that is"
        )
    return Path(found)


def kafka(cache: Path, tell: Tell) -> Path:
    """Answer the folder of Kafka's jars."""
    pins = VERSIONS["kafka"]
    folder = cache / f"kafka-{pins['version']}"
    if not folder.exists():
        tell(f"fetching Apache Kafka {pins['version']} from Maven Central")
        _from_maven(cache, folder, POM.format(**pins))
    return folder


def registry(cache: Path, tell: Tell) -> Path:
    """Answer the jar of Apicurio Registry, beside which its libraries lie."""
    version = VERSIONS["registry"]["version"]
    folder = cache / f"apicurio-{version}"
    if not folder.exists():
        tell(f"fetching Apicurio Registry {version} from Maven Central (110 MB)")
        half = _emptied(folder)
        half.mkdir(parents=True)
        _maven(
            *("dependency:copy", f"-Dartifact={APICURIO.format(version=version)}"),
            f"-DoutputDirectory={half.absolute()}",
        )
        bundle = next(half.glob("*.tar.gz"))
        with tarfile.open(bundle) as archive:
            archive.extractall(half, filter="data")
        bundle.unlink()
        half.rename(folder)
    return next(folder.glob("*-runner.jar"))


def postgres(tell: Tell) -> Path:
    """Answer the folder of PostgreSQL's programs."""
    wanted = VERSIONS["postgres"]["version_min"]
    if _installed_postgres(wanted) is None:
        _from_debian("postgresql", tell)
    found = _installed_postgres(wanted)
    if found is None:
        raise Missing(f"no PostgreSQL {wanted} or newer: install Debian's `postgresql`")
    return found


def redis(tell: Tell) -> Path:
    """Answer the Redis server's program."""
    if shutil.which("redis-server") is None:
        _from_debian("redis-server", tell)
    found = shutil.which("redis-server")
    if found is None:
        raise Missing("no Redis: install Debian's `redis-server`")
    return Path(found)


def _installed_postgres(version_min: int) -> Path | None:
    """The newest of Debian's, or what is on the PATH."""
    folders = [p for p in DEBIAN_POSTGRES.glob("*/bin") if (p / "postgres").exists()]
    on_path = shutil.which("postgres")
    folders += [Path(on_path).resolve().parent] if on_path else []
    for folder in sorted(folders, key=_postgres_version, reverse=True):
        if _postgres_version(folder) >= version_min:
            return folder
    return None


def _postgres_version(folder: Path) -> int:
    number = re.search(r"\d+", _said([str(folder / "postgres"), "--version"]))
    return int(number[0]) if number else 0


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def _from_debian(package: str, tell: Tell) -> None:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise Missing(f"install `{package}`: it is not on this machine, and only root may")
    tell(f"installing Debian's {package}")
    # A package of a server would start it, on the standard port: ours is started by us.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", package]
    for command in (install, ["apt-get", "update", "-q"], install):
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                env=environment,
                timeout=APT_WITHIN_S,
            )
        except subprocess.TimeoutExpired as late:
            raise Missing(f"{' '.join(command)} did not end in {APT_WITHIN_S} s") from late
        if done.returncode == 0 and command is install:
            return
    raise Missing(f"{' '.join(install)} failed: {_last_line(done.stderr)}")


def _from_maven(cache: Path, folder: Path, pom: str) -> None:
    """Let Maven resolve a project's dependencies, with theirs, into a folder."""
    project = cache / f"{folder.name}.pom"
    project.mkdir(parents=True, exist_ok=True)
    (project / "pom.xml").write_text(pom)
    half = _emptied(folder)
    _maven(
        *("--file", str(project / "pom.xml"), "dependency:copy-dependencies"),
        *("-DincludeScope=runtime", f"-DoutputDirectory={half.absolute()}"),
    )
    half.rename(folder)
    shutil.rmtree(project)


def _emptied(folder: Path) -> Path:
    """Answer where a folder is filled, so that a half-filled one is never used."""
    half = folder.with_name(f"{folder.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    return half


def _maven(*arguments: str) -> None:
    if shutil.which("mvn") is None:
        raise Missing("no Maven: install it (Debian: maven)")
    command = ["mvn", "--quiet", "--batch-mode", "-Dstyle.color=never", *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=MAVEN_WITHIN_S
        )
    except subprocess.TimeoutExpired as late:
        raise Missing(f"Maven did not fetch it in {MAVEN_WITHIN_S} s") from late
    if done.returncode:
        raise Missing(f"Maven cannot fetch it: {_first_error(done.stdout)}")


def _first_error(said: str) -> str:
    return next((line for line in said.splitlines() if "ERROR" in line), said[-300:])


def _last_line(said: str) -> str:
    return (said.strip().splitlines() or ["no reason given"])[-1]
