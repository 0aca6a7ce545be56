"""What may differ from one deployment to another; read from the environment and files.

Every name starts with `ESCROW_`. A value may also be in the file that `ESCROW_<NAME>_FILE`
names, or in one called `escrow_<name>` in the folder `ESCROW_SECRETS`. A secret is a
`SecretStr`, and never printed.
"""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from toolkit.infra.clock import SystemClock
from toolkit.infra.crash_points import fuse

PREFIX = "ESCROW_"
USER_RULE = re.compile(r"[a-z0-9_]*\{kind\}[a-z0-9_]*", re.ASCII)
SASL = ("SASL_PLAINTEXT", "SASL_SSL")
HEX_64 = re.compile(r"[0-9a-fA-F]{64}")
ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


class SettingsWrong(Exception):  # noqa: N818 - says what happened
    """The settings cannot be used; the message names each and what to do."""


class Settings(BaseSettings):
    """Where everything is. Defaults suit the embedded profile on loopback."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, use_attribute_docstrings=True
    )

    postgres_dsn: SecretStr
    """Where the database is; of `migrate`, the owner's."""
    postgres_user: str | None = None
    """As whom a kind of connection logs in: `svc_{kind}`; absent, as the DSN says."""
    postgres_passwords: Annotated[dict[str, SecretStr], NoDecode] = {}
    """By kind of connection, a JSON object."""
    kafka_bootstrap: str
    """The brokers, separated by commas."""
    kafka_group_protocol: Literal["classic", "consumer"] = "classic"
    """`classic`, or `consumer` where the brokers know KIP-848."""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = (
        "PLAINTEXT"
    )
    """As the brokers' listener: `SASL_SSL` wherever others are on the network."""
    kafka_ca: Path | None = None
    """PEM of who signed the brokers' certificates; absent, whom the machine trusts."""
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    """How we say who we are; must be set with a protocol of SASL."""
    kafka_user: str | None = None
    """As whom we log in at the brokers."""
    kafka_password: SecretStr | None = None
    """Belongs to the user."""
    registry_url: str
    """Where the schema registry is."""
    jwt_issuer: str
    """Who issues access tokens."""
    jwt_audience: str
    """For whom they are issued: us."""
    jwt_keys: str
    """Where the issuer's public keys are: a file, or an https address."""
    keyring: Path | None = None
    """Master keys for people's details, by `python -m toolkit keyring add`; or none."""
    archive_root: Path
    """The folder of the event archive."""
    stripe_api_key: SecretStr | None = None
    """The key of the platform's account; `payments` does not start without it."""
    stripe_webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Separated by commas, as one is being replaced; `gateway` needs at least one."""
    stripe_url: str | None = None
    """A sandbox's address; absent, Stripe's own."""
    custodian_api_key: SecretStr | None = None
    """Absent, there is no custodian's rail."""
    custodian_entity_secret: SecretStr | None = None
    """64 hexadecimal digits; belongs to the key."""
    custodian_url: str | None = None
    """A sandbox's address; absent, Circle's own."""
    trm_api_key: SecretStr | None = None
    """Without both screening vendors no wallet is cleared."""
    trm_url: str | None = None
    """A sandbox's address; absent, TRM Labs' own."""
    chainalysis_api_key: SecretStr | None = None
    """Without both screening vendors no wallet is cleared."""
    chainalysis_url: str | None = None
    """A sandbox's address; absent, Chainalysis' own."""
    discord_bot_token: SecretStr | None = None
    """Absent, Discord is not connected."""
    discord_url: str | None = None
    """A sandbox's address; absent, Discord's own."""
    wallets_url: str | None = None
    """Where the wallets of closings are; absent, no money of theirs moves."""
    wallets_token: SecretStr | None = None
    """Belongs to the address."""
    agents_urls: Annotated[dict[str, str], NoDecode] = {}
    """A JSON object: each verification's agent, as `{"INSPECTION": "https://…"}`."""
    agents_tokens: Annotated[dict[str, SecretStr], NoDecode] = {}
    """A JSON object: what we show each agent, as `{"INSPECTION": "…"}`."""
    audit_signing_key: SecretStr | None = None
    """64 hexadecimal digits, an Ed25519 key; `audit` does not start without it."""
    audit_origin: str = "escrow-platform/audit"
    """The name of the log, with which its checkpoints are signed; never change it."""
    audit_verifier: str | None = None
    """The log's public key, as `audit key` prints it: the gateway verifies events by it."""
    audit_leaves_max: int = Field(default=1_000, ge=1, le=10_000)
    """So many events make a checkpoint."""
    audit_seal_within_s: float = Field(default=60.0, gt=0)
    """So long an event waits for a checkpoint, where there are fewer."""
    chain_url: SecretStr | None = None
    """A node's JSON-RPC; absent, no root goes on chain."""
    chain_key: SecretStr | None = None
    """64 hexadecimal digits: the account that pays for transactions, and no other uses."""
    chain_confirmations: int = Field(default=12, ge=1)
    """How many blocks make a transaction final."""
    anchor_contract: str | None = None
    """Where the contract `AuditAnchor` is; belongs to the node."""
    anchor_every_s: float = Field(default=3_600.0, gt=0)
    """How often a root goes on chain."""
    sendgrid_api_key: SecretStr | None = None
    """Absent, e-mail is not connected."""
    sendgrid_sender: str | None = None
    """The address that e-mail is sent from; belongs to the key."""
    sendgrid_webhook_keys: Annotated[tuple[str, ...], NoDecode] = ()
    """Public keys of its event webhook, base64, by commas; absent, none is believed."""
    sendgrid_url: str | None = None
    """A sandbox's address; absent, SendGrid's own."""
    twilio_account: str | None = None
    """The account's SID; absent, SMS is not connected."""
    twilio_auth_token: SecretStr | None = None
    """Belongs to the account; signs what Twilio reports, too."""
    twilio_sender: str | None = None
    """The number that SMS are sent from, as +15551234567."""
    twilio_url: str | None = None
    """A sandbox's address; absent, Twilio's own."""
    public_url: str | None = None
    """Where the gateway is for the world, `https://…`; absent, Twilio reports nothing."""
    webhook_key: SecretStr | None = None
    """64 hexadecimal digits, for endpoints' secrets; absent, webhooks are not connected."""
    webhook_allows_private: bool = False
    """For a receiver on loopback only: http, and addresses that are not public."""
    http_host: str = "127.0.0.1"
    """Where the gateway listens."""
    http_port: int = Field(default=8080, ge=1, le=65_535)
    """On which port."""
    http_certificate: Path | None = None
    """PEM, with its chain: then the gateway speaks TLS 1.3."""
    http_key: Path | None = None
    """PEM; belongs to the certificate."""
    http_behind_tls: bool = False
    """An edge in front ends TLS, so plain HTTP may be."""
    http_trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Whose `X-Forwarded-For` is believed; separated by commas."""
    rate_address_per_s: float = Field(default=200, gt=0)
    """Calls of one address; a burst is five seconds of it."""
    rate_person_per_s: float = Field(default=20, gt=0)
    """Calls of one person."""
    rate_service_per_s: float = Field(default=500, gt=0)
    """Calls of a service of ours."""
    redis_url: SecretStr | None = None
    """Where all gateways count calls together; absent, each by itself."""
    alone_up_to_minor: int = Field(default=10_000_00, ge=0)
    """What one admin decides alone, in cents of USD; above, two agree."""
    operations_host: str = "127.0.0.1"
    """Where `/metrics` and `/health` of every service are."""
    operations_port: int = Field(default=0, ge=0, le=65_535)
    """On which port; 0 is any, told in the log."""
    drain_s: float = Field(default=0.0, ge=0)
    """How long a process is not ready before it ends."""
    otlp_endpoint: str | None = None
    """Where traces go, `…/v1/traces`; absent, nowhere."""
    trace_ratio: float = Field(default=0.01, ge=0, le=1)
    """Which part of all traces is kept."""
    broker_keeps_bytes: int | None = None
    """What an embedded broker keeps of a partition."""
    poll_every_s: float = Field(default=60.0, gt=0)
    """How often providers are asked for webhooks that never came."""
    archive_every_s: float = Field(default=10.0, gt=0)
    """How often the archive closes a file."""
    clock_start_at: datetime | None = None
    """The beginning of a played day; absent, the machine's time."""
    clock_origin_s: float = 0.0
    """The machine's time at that beginning, in seconds since 1970."""
    clock_speed: float = Field(default=1.0, gt=0)
    """How many times as fast a played day goes."""
    crash_at: str | None = None
    """Fault tests only: the named point at which the process dies."""

    @field_validator(
        "stripe_webhook_secrets",
        "http_trusted_proxies",
        "sendgrid_webhook_keys",
        mode="before",
    )
    @classmethod
    def _split(cls, given: Any) -> Any:
        return tuple(given.split(",")) if isinstance(given, str) else given

    @field_validator("postgres_passwords", "agents_urls", "agents_tokens", mode="before")
    @classmethod
    def _parse(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        try:
            return json.loads(given)
        except ValueError:
            raise ValueError(
                'write a JSON object: {"escrow": "…", "reader": "…"}'
            ) from None

    @field_validator("postgres_user")
    @classmethod
    def _has_a_place_for_the_kind(cls, rule: str | None) -> str | None:
        if rule is not None and not USER_RULE.fullmatch(rule):
            raise ValueError("write lower case letters, digits, _ and {kind}: svc_{kind}")
        return rule

    def user_of(self, kind: str) -> str | None:
        """Say as whom a kind of connection logs in; None is whoever the DSN names."""
        return self.postgres_user and self.postgres_user.replace("{kind}", kind)

    @model_validator(mode="after")
    def _both_or_neither(self) -> Settings:
        key, secret = self.custodian_api_key, self.custodian_entity_secret
        if (key is None) != (secret is None):
            raise ValueError(
                "CUSTODIAN_API_KEY and CUSTODIAN_ENTITY_SECRET belong together: set both, "
                "or neither"
            )
        if secret is not None and not HEX_64.fullmatch(secret.get_secret_value()):
            raise ValueError("CUSTODIAN_ENTITY_SECRET must be 64 hexadecimal digits")
        return self

    @field_validator("audit_signing_key", "chain_key")
    @classmethod
    def _is_a_key(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and not HEX_64.fullmatch(given.get_secret_value()):
            raise ValueError("write 64 hexadecimal digits")
        return given

    @model_validator(mode="after")
    def _a_chain_is_whole(self) -> Settings:
        chain = (self.chain_url, self.chain_key, self.anchor_contract)
        if any(chain) and not all(chain):
            raise ValueError(
                "CHAIN_URL, CHAIN_KEY and ANCHOR_CONTRACT belong together: set all three, "
                "or none"
            )
        if self.anchor_contract and not ADDRESS.fullmatch(self.anchor_contract):
            raise ValueError("ANCHOR_CONTRACT is an address: 0x and 40 hexadecimal digits")
        return self

    @model_validator(mode="after")
    def _whole_or_absent(self) -> Settings:
        email = (self.sendgrid_api_key, self.sendgrid_sender)
        sms = (self.twilio_account, self.twilio_auth_token, self.twilio_sender)
        if any(email) and not all(email):
            raise ValueError("SENDGRID_API_KEY and SENDGRID_SENDER belong together")
        if any(sms) and not all(sms):
            raise ValueError(
                "TWILIO_ACCOUNT, TWILIO_AUTH_TOKEN and TWILIO_SENDER belong together"
            )
        key = self.webhook_key
        if key is not None and not HEX_64.fullmatch(key.get_secret_value()):
            raise ValueError("WEBHOOK_KEY must be 64 hexadecimal digits")
        return self

    @field_validator("kafka_ca")
    @classmethod
    def _is_there(cls, place: Path | None) -> Path | None:
        if place is not None and not place.is_file():
            raise ValueError(f"{place} is no file: name the PEM of who signed")
        return place

    @model_validator(mode="after")
    def _kafka_is_told_who_we_are(self) -> Settings:
        """A login that is not used would leave somebody thinking that it is."""
        login = (self.kafka_sasl_mechanism, self.kafka_user, self.kafka_password)
        if any(part is None for part in login) and self.kafka_security_protocol in SASL:
            raise ValueError(
                f"KAFKA_SECURITY_PROTOCOL {self.kafka_security_protocol} needs "
                "KAFKA_SASL_MECHANISM, KAFKA_USER and KAFKA_PASSWORD: set all three"
            )
        if any(login) and self.kafka_security_protocol not in SASL:
            raise ValueError(
                "KAFKA_SASL_MECHANISM, KAFKA_USER and KAFKA_PASSWORD are used with "
                "KAFKA_SECURITY_PROTOCOL SASL_SSL or SASL_PLAINTEXT: set it, or none of "
                "them"
            )
        if self.kafka_ca is not None and not self.kafka_security_protocol.endswith("SSL"):
            raise ValueError(
                "KAFKA_CA is used with KAFKA_SECURITY_PROTOCOL SSL or SASL_SSL: set it, "
                "or no KAFKA_CA"
            )
        return self

    @field_validator("crash_at")
    @classmethod
    def _is_a_crash_point(cls, given: str | None) -> str | None:
        if given is not None:
            fuse(given)
        return given

    @property
    def clock(self) -> SystemClock:
        return SystemClock(self.clock_start_at, self.clock_origin_s, self.clock_speed)


def read() -> Settings:
    """Read the settings, or say which are missing or wrong and what to do."""
    secrets = os.environ.get(f"{PREFIX}SECRETS")
    try:
        return Settings(_secrets_dir=secrets, **_from_files())  # type: ignore[call-arg, arg-type]
    except ValidationError as error:
        wrong = "\n".join(
            f"  {PREFIX}{'_'.join(str(part) for part in e['loc'][:1]).upper()}: {e['msg']}"
            for e in error.errors()
        )
        raise SettingsWrong(
            f"these settings are missing or wrong:\n{wrong}\n"
            "Set them in the environment, or start the embedded profile with "
            "`python -m toolkit embedded` and read its platform.env with --env."
        ) from None


def _from_files() -> dict[str, str]:
    """Read the settings whose value is in a file that `ESCROW_<NAME>_FILE` names."""
    found = {}
    for name in Settings.model_fields:
        variable = f"{PREFIX}{name.upper()}"
        place = os.environ.get(f"{variable}_FILE")
        if place is None:
            continue
        if variable in os.environ:
            raise SettingsWrong(f"{variable} and {variable}_FILE are both set: keep one")
        try:
            found[name] = Path(place).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise SettingsWrong(
                f"{variable}_FILE {place} cannot be read ({reason}): name a file that can"
            ) from None
    return found


def load(path: Path) -> None:
    """Put the settings of a file into the environment."""
    os.environ.update(
        {f"{PREFIX}{name.upper()}": value for name, value in kept(path).items()}
    )


def kept(path: Path) -> dict[str, str]:
    """Read the settings of a file: `NAME=` and a JSON string a line."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsWrong(
            f"--env {path} cannot be read ({error}); name the platform.env that the "
            "embedded profile wrote"
        ) from error
    found = {}
    for number, line in enumerate(lines, start=1):
        name, _, text = line.partition("=")
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if not name.startswith(PREFIX) or not isinstance(value, str):
            raise SettingsWrong(
                f'--env {path}, line {number}: write {PREFIX}NAME="value", in double quotes'
            )
        found[name.removeprefix(PREFIX).lower()] = value
    return found


def save(path: Path, values: dict[str, object]) -> None:
    """Write settings so that `load` reads them; nobody else may read the file."""
    lines = [
        f"{PREFIX}{name.upper()}={json.dumps(str(value))}" for name, value in values.items()
    ]
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")
