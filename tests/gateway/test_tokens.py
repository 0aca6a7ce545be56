"""A token that is not exactly right is no token at all."""

import base64
import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.worlds import (
    AUDIENCE,
    ISSUER,
    KEYS,
    NOW,
    HandClock,
    claims,
    public_set,
    signer,
    token,
)
from toolkit.gateway.tokens import Actor, Role, TokenRefused, Tokens, read_keys

NOW_S = int(NOW.timestamp())
TOKENS = Tokens(ISSUER, AUDIENCE, KEYS, HandClock())
GOOD = token("ada", "buyer")
PUBLIC_PEM = (
    signer("k1").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
)


def part(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def unsigned(header):
    return f"{part(header)}.{part(claims('ada', 'admin'))}."


def spliced(header=None, payload=None):
    """The good token with a part exchanged and its signature kept."""
    parts = GOOD.split(".")
    return ".".join((header or parts[0], payload or parts[1], parts[2]))


def confused(algorithm):
    """Signed with the public key as if it were a shared secret."""
    head = part({"alg": algorithm, "typ": "at+jwt", "kid": "k1"})
    body = part(claims("ada", "admin"))
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = mac.sign(f"{head}.{body}".encode(), PUBLIC_PEM)
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def by_another_key(**header):
    theirs = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    headers = {"typ": "at+jwt", "kid": "k1", **header}
    return jwt.encode(claims("ada"), theirs, algorithm="RS256", headers=headers)


def unsigned_text(header):
    return f"{part(header)}.{part(claims('ada', 'admin'))}."


def twice_said():
    """Rightly signed, but it names two subjects."""
    body = json.dumps(claims("ada")).replace("{", '{"sub": "root", ', 1)
    header = {"typ": "at+jwt", "kid": "k1"}
    return jwt.PyJWS().encode(body.encode(), signer("k1"), "ES256", headers=header)


CORPUS = {
    "nothing": "",
    "no token": "hello",
    "two parts": "a.b",
    "four parts": GOOD + ".x",
    "alg none": unsigned({"alg": "none", "typ": "at+jwt", "kid": "k1"}),
    "alg None": unsigned({"alg": "None", "typ": "at+jwt", "kid": "k1"}),
    "no alg": unsigned({"typ": "at+jwt", "kid": "k1"}),
    "the public key as a secret": confused("HS256"),
    "another algorithm than its key's": by_another_key(),
    "an embedded key": by_another_key(jwk=public_set("k2")["keys"][0]),
    "an address for the key": by_another_key(jku="https://evil.example/keys"),
    "unknown kid": token("ada", headers={"kid": "k9"}),
    "kid as a path": token("ada", headers={"kid": "../../../etc/passwd"}),
    "another kid than it was signed with": token("ada", headers={"kid": "k2"}),
    "no kid": jwt.encode(claims("ada"), signer("k1"), "ES256", headers={"typ": "at+jwt"}),
    "an id token": token("ada", headers={"typ": "JWT"}),
    "an unknown extension": token("ada", headers={"crit": ["exp"]}),
    "an exchanged header": spliced(header=part({"alg": "ES256", "typ": "at+jwt"})),
    "an exchanged payload": spliced(payload=part(claims("ada", "admin"))),
    "a payload that is no object": spliced(payload=part("[]")),
    "the payload twice": spliced(payload=part('{"sub":"ada","sub":"root"}')),
    "no signature": GOOD.rpartition(".")[0] + ".",
    "wrong issuer": token("ada", iss="https://evil.example"),
    "issuers in a list": token("ada", iss=[ISSUER]),
    "wrong audience": token("ada", aud="another-api"),
    "no audience": token("ada", aud=None),
    "no subject": token(None),
    "subject with a control character": token("ada\x00"),
    "subject with a slash": token("ada/bob"),
    "an endless subject": token("a" * 129),
    "roles in a text": token("ada", roles="admin"),
    "expired": token("ada", exp=NOW_S - 30),
    "expiry as a text": token("ada", exp="9999999999"),
    "expiry that is no number": token("ada", exp=float("nan")),
    "expiry that is true": token("ada", exp=True),
    "not valid yet": token("ada", nbf=NOW_S + 31),
    "issued in the future": token("ada", iat=NOW_S + 31),
    "a claim twice": twice_said(),
    "a header twice": unsigned_text(
        '{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"k1"}'
    ),
    "a detached payload": token("ada", headers={"b64": False, "crit": ["b64"]}),
    "a chain of certificates": by_another_key(x5c=["MIIB"], x5u="https://evil.example"),
    "kid as a query": token("ada", headers={"kid": "k1' or '1'='1"}),
    "kid as a list": spliced(header=part({"alg": "ES256", "typ": "at+jwt", "kid": ["k1"]})),
    "cut short": GOOD[:-40],
    "a payload without end": spliced(payload=part("[" * 3_000)),
    "oversize": token("ada", note="x" * 9_000),
}


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS)
async def test_a_token_that_was_tampered_with_opens_nothing(house, text):
    answer = await house.ask(
        "GET", "/api/projections/escrow/E1", {"Authorization": f"Bearer {text}"}
    )
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@given(st.integers(0, len(GOOD) - 1), st.sampled_from("Aa0-_.z"))
def test_no_single_character_of_a_token_may_be_changed(position, letter):
    changed = GOOD[:position] + letter + GOOD[position + 1 :]
    try:
        actor = TOKENS.actor_of(changed)
    except TokenRefused:
        return
    # The last letter of a part may carry bits that no decoder reads.
    assert actor == TOKENS.actor_of(GOOD)


@given(st.text(max_size=200))
def test_any_text_is_refused_and_nothing_worse(text):
    with pytest.raises(TokenRefused):
        TOKENS.actor_of(text)


def test_a_good_token_says_who_and_as_what():
    assert TOKENS.actor_of(GOOD) == Actor(id="ada", roles=frozenset({Role.BUYER}))


def test_an_old_and_a_new_key_serve_side_by_side():
    assert TOKENS.actor_of(token("ada", kid="k2")).id == "ada"


def test_a_key_that_was_withdrawn_serves_no_more():
    left = Tokens(ISSUER, AUDIENCE, read_keys(public_set("k2")), HandClock())
    with pytest.raises(TokenRefused):
        left.actor_of(GOOD)


def test_a_token_that_was_seen_still_expires():
    clock = HandClock()
    tokens = Tokens(ISSUER, AUDIENCE, KEYS, clock)
    assert tokens.actor_of(GOOD)
    clock.at += timedelta(minutes=6)
    with pytest.raises(TokenRefused, match="expired"):
        tokens.actor_of(GOOD)


def test_a_token_that_was_seen_goes_with_its_key():
    keys = dict(KEYS)
    tokens = Tokens(ISSUER, AUDIENCE, keys, HandClock())
    assert tokens.actor_of(GOOD)
    del keys["k1"]
    with pytest.raises(TokenRefused, match="not known"):
        tokens.actor_of(GOOD)


@pytest.mark.parametrize(("late_s", "is_good"), [(29, True), (30, False)])
def test_a_token_outlives_its_expiry_by_the_leeway_and_no_longer(late_s, is_good):
    text = token("ada", exp=NOW_S - late_s)
    if is_good:
        assert TOKENS.actor_of(text)
    else:
        with pytest.raises(TokenRefused, match="expired"):
            TOKENS.actor_of(text)


def test_the_leeway_is_never_more_than_a_minute():
    with pytest.raises(ValueError, match="leeway"):
        Tokens(ISSUER, AUDIENCE, KEYS, HandClock(), leeway=timedelta(seconds=61))


@pytest.mark.parametrize(
    "document",
    [
        {"keys": []},
        {"keys": [{"kty": "oct", "k": part("secret"), "kid": "k1", "alg": "HS256"}]},
        {"keys": [{**public_set("k1")["keys"][0], "kid": "k1", "alg": "ES384"}]},
        {"keys": [{k: v for k, v in public_set("k1")["keys"][0].items() if k != "kid"}]},
    ],
    ids=["empty", "a shared secret", "an algorithm not allowed", "no kid"],
)
def test_a_key_set_that_could_not_be_trusted_stops_the_start(document):
    with pytest.raises(ValueError, match="key"):
        read_keys(document)
