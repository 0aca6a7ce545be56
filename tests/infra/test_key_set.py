"""Keys come and go at the identity provider, and we notice without being started again."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.gateway.worlds import AUDIENCE, ISSUER, HandClock, public_set, token
from toolkit.gateway.tokens import TokenRefused, Tokens, read_keys
from toolkit.infra.key_set import KeySet, key_set
from toolkit.infra.settings import SettingsWrong


class Provider:
    """An identity provider whose keys we turn, and the hands of its clock."""

    def __init__(self, *kids):
        self.published, self.asked, self.now_s, self.is_down = public_set(*kids), 0, 0.0, 0

    async def look(self):
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_down:
            raise OSError("no answer")
        return self.published

    async def tokens(self):
        keys = KeySet(
            self.look, read_keys, every_s=300, again_s=10, now_s=lambda: self.now_s
        )
        await keys.load()
        return Tokens(ISSUER, AUDIENCE, keys, HandClock(), look_again=keys.look_again)


async def test_a_new_key_is_found_the_first_time_it_is_used():
    provider = Provider("k1")
    tokens = await provider.tokens()
    provider.published, provider.now_s = public_set("k1", "k2"), 11
    assert (await tokens.caller_of(token("ada", kid="k2"))).id == "ada"
    assert provider.asked == 2


async def test_unknown_keys_do_not_make_us_ask_without_end():
    provider = Provider("k1")
    tokens = await provider.tokens()
    for second in range(100):
        provider.now_s = second
        with pytest.raises(TokenRefused, match="not known"):
            await tokens.caller_of(token("ada", headers={"kid": f"k{second + 7}"}))
    assert provider.asked <= 11


async def test_those_who_wait_for_a_new_key_wait_together():
    provider = Provider("k1")
    tokens = await provider.tokens()
    provider.published, provider.now_s = public_set("k2"), 11
    callers = [tokens.caller_of(token(f"ada{n}", kid="k2")) for n in range(20)]
    assert len(await asyncio.gather(*callers)) == 20
    assert provider.asked == 2


async def test_a_key_that_was_withdrawn_is_forgotten_at_the_next_look():
    provider = Provider("k1", "k2")
    tokens, text = await provider.tokens(), token("ada", kid="k2")
    assert await tokens.caller_of(text)
    provider.published, provider.now_s = public_set("k1"), 301
    await tokens.caller_of(text)  # the look begins beside this one
    await asyncio.sleep(0.01)
    with pytest.raises(TokenRefused, match="not known"):
        await tokens.caller_of(text)


async def test_a_provider_that_is_down_takes_nobody_along_for_a_day():
    provider = Provider("k1")
    tokens, text = await provider.tokens(), token("ada")
    provider.is_down = True
    for hours in range(24):
        provider.now_s = hours * 3_600.0
        assert await tokens.caller_of(text)
        await asyncio.sleep(0)
    provider.now_s = 86_401.0
    with pytest.raises(TokenRefused):
        await tokens.caller_of(text)


async def test_a_set_that_came_to_grief_does_not_replace_a_good_one():
    provider = Provider("k1")
    tokens = await provider.tokens()
    provider.published, provider.now_s = {"keys": []}, 301
    for _ in range(3):
        assert await tokens.caller_of(token("ada"))
        await asyncio.sleep(0.01)


async def test_keys_in_a_file_are_read_again(tmp_path):
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(public_set("k1")))
    keys = key_set(str(file), read_keys)
    keys._again_s = 0
    await keys.load()
    file.write_text(json.dumps(public_set("k2")))
    assert await keys.look_again()
    assert set(keys) == {"k2"}


async def test_keys_at_an_address_are_read():
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(public_set("k1")).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever).start()
        keys = key_set(f"http://127.0.0.1:{server.server_port}/keys", read_keys)
        await keys.load()
        server.shutdown()
    assert set(keys) == {"k1"}


async def test_keys_that_anybody_on_the_way_could_exchange_are_refused():
    with pytest.raises(SettingsWrong, match="not https"):
        key_set("http://identity.example/keys", read_keys)


@pytest.mark.parametrize("text", [None, "[]", "{", '{"keys": []}', " " * 70_000])
async def test_a_gateway_without_usable_keys_does_not_start(tmp_path, text):
    file = tmp_path / "keys.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsWrong, match="ESCROW_JWT_KEYS"):
        await key_set(str(file), read_keys).load()
