"""Who is calling? Bearer tokens, read with as little trust as RFC 8725 asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.utils import base64url_decode

from toolkit.core.message import record
from toolkit.core.ports import Clock

# Asymmetric only: whoever can check a token must not be able to make one.
ALGORITHMS = frozenset({"ES256", "RS256", "PS256", "EdDSA"})
TYPES = frozenset(
    {"at+jwt", "application/at+jwt"}
)  # an access token, not any other (RFC 9068)
LEEWAY_MAX = timedelta(seconds=60)
LENGTH_MAX = 8_192
RSA_BITS_MIN = 2_048
SEEN_MAX = 4_096  # tokens, so at most 32 MiB
SUBJECT = re.compile(r"[A-Za-z0-9._:@|+-]{1,128}", re.ASCII)


class Role(StrEnum):
    BUYER = "buyer"
    SELLER = "seller"
    ADMIN = "admin"
    CONTRACTS = "contracts"


@record
class Actor:
    """Who acts, and as what."""

    id: str
    roles: frozenset[Role]


class TokenRefused(Exception):  # noqa: N818 - the name says what happened, not what it is
    """A token that does not say who is calling. The message is safe to show."""


class UnknownKey(TokenRefused):
    """A token of a key that is not known, or not known yet."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, for one algorithm and no other."""

    algorithm: str
    public: Any


def read_keys(document: Mapping[str, Any]) -> dict[str, Key]:
    """Read a JSON Web Key Set. Several keys at once are how an issuer rotates them."""
    keys: dict[str, Key] = {}
    for entry in document.get("keys", ()):
        if entry.get("use", "sig") != "sig":
            continue  # it encrypts, and is nobody's signature
        kid, key = entry.get("kid"), _read_key(entry)
        if not isinstance(kid, str) or kid in keys:
            raise ValueError(f"key {kid!r}: every key needs a kid, and one of its own")
        keys[kid] = key
    if not keys:
        raise ValueError("the key set is empty: nobody could ever call")
    return keys


def _read_key(entry: Mapping[str, Any]) -> Key:
    try:
        key = jwt.PyJWK.from_dict(dict(entry))
    except jwt.PyJWTError as error:
        raise ValueError(f"key {entry.get('kid')!r} cannot be read: {error}") from error
    if key.algorithm_name not in ALGORITHMS:
        raise ValueError(
            f"key {entry.get('kid')!r} is for {key.algorithm_name}, and cannot be used: "
            f"choose an algorithm of {', '.join(sorted(ALGORITHMS))}"
        )
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < RSA_BITS_MIN:
        raise ValueError(f"key {entry.get('kid')!r} is shorter than {RSA_BITS_MIN} bits")
    if not hasattr(key.key, "verify"):
        raise ValueError(f"key {entry.get('kid')!r} is a private key: publish the other")
    return Key(key.algorithm_name, key.key)


async def nothing_new() -> bool:
    """Look again for keys, where they never change."""
    return False


@record
class Verified:
    """A token whose signature was right, and the key it was right by."""

    kid: str
    key: Key
    claims: Mapping[str, Any]
    actor: Actor


@dataclass(frozen=True, slots=True)
class Tokens:
    """What one issuer's tokens must look like to be believed here."""

    issuer: str
    audience: str
    keys: Mapping[str, Key]  # by kid; asked at every token, so that it may change
    clock: Clock
    leeway: timedelta = timedelta(seconds=30)
    look_again: Callable[[], Awaitable[bool]] = nothing_new  # were there new keys?
    seen: dict[str, Verified] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not timedelta() <= self.leeway <= LEEWAY_MAX:
            raise ValueError(f"a leeway of {self.leeway} is more than {LEEWAY_MAX}")

    async def caller_of(self, token: str) -> Actor:
        """Answer who a token speaks for, also when its key was made a moment ago."""
        try:
            return self.actor_of(token)
        except UnknownKey:
            if not await self.look_again():
                raise
            return self.actor_of(token)

    def actor_of(self, token: str) -> Actor:
        """Answer who a token speaks for. Raises TokenRefused with the reason.

        A signature is checked once, the times at each use. A key that is withdrawn takes
        its tokens along.
        """
        known = self.seen.get(token)
        if known is None or self.keys.get(known.kid) is not known.key:
            known = self._verified(token)
            if len(self.seen) >= SEEN_MAX:
                self.seen.clear()
            self.seen[token] = known
        self._check_times(known.claims)
        return known.actor

    def _verified(self, token: str) -> Verified:
        if len(token) > LENGTH_MAX:
            raise TokenRefused("the token is too long")
        try:
            _refuse_twins(token)
            kid, key = self._key_of(jwt.get_unverified_header(token))
            claims = jwt.decode(
                token,
                key=key.public,
                algorithms=[key.algorithm],
                audience=self.audience,
                issuer=self.issuer,
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    "verify_exp": False,  # by our own clock, at each use
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError as error:
            raise TokenRefused(_said(error)) from error
        _check_types(claims)
        return Verified(kid=kid, key=key, claims=claims, actor=_actor(claims))

    def _key_of(self, header: Mapping[str, Any]) -> tuple[str, Key]:
        """Find the key by its id alone: a key or an address in the token is never used."""
        if str(header.get("typ", "")).lower() not in TYPES:
            raise TokenRefused("this is no access token: its typ must be at+jwt")
        kid = str(header.get("kid"))
        key = self.keys.get(kid)
        if key is None:
            raise UnknownKey("the token was signed with a key that is not known here")
        return kid, key

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now_s = self.clock.now().timestamp()
        leeway_s = self.leeway.total_seconds()
        if now_s >= claims["exp"] + leeway_s:
            raise TokenRefused("the token has expired: ask for a new one")
        if any(claims.get(name, 0) > now_s + leeway_s for name in ("nbf", "iat")):
            raise TokenRefused("the token is not valid yet: check the clocks")


def _refuse_twins(token: str) -> None:
    """Refuse a token that says a thing twice: two readers might believe different ones."""
    for part in token.split(".")[:2]:
        try:
            json.loads(base64url_decode(part), object_pairs_hook=_once_each)
        except (ValueError, RecursionError) as error:
            raise TokenRefused("the token cannot be read") from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise TokenRefused("the token says the same thing twice")
    return found


def _check_types(claims: Mapping[str, Any]) -> None:
    for name in ("exp", "nbf", "iat"):
        if name in claims and type(claims[name]) is not int:
            raise TokenRefused(f"{name} is no whole number of seconds")


def _actor(claims: Mapping[str, Any]) -> Actor:
    subject, roles = claims["sub"], claims.get("roles", [])
    if not isinstance(subject, str) or not SUBJECT.fullmatch(subject):
        raise TokenRefused("the token's subject is no id")
    if not isinstance(roles, list):
        raise TokenRefused("the token's roles are no list")
    return Actor(id=subject, roles=frozenset(r for r in Role if r.value in roles))


def _said(error: jwt.PyJWTError) -> str:
    """Say what is wrong without repeating anything of the token."""
    match error:
        case jwt.InvalidAudienceError():
            return "the token is meant for somebody else"
        case jwt.InvalidIssuerError():
            return "the token comes from an issuer that is not believed here"
        case jwt.MissingRequiredClaimError():
            return "the token lacks a claim: exp, iss, aud and sub are needed"
        case jwt.InvalidAlgorithmError():
            return "the token's algorithm is not the one of its key"
        case jwt.InvalidSignatureError():
            return "the token's signature is wrong"
        case _:
            return "the token cannot be read"
