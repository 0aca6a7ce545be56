"""What is sealed opens where it belongs, with its own key, and nowhere else."""

from __future__ import annotations

import base64
import json
import stat
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.core.sealing import KeyGone, Unreadable
from toolkit.infra.sealing import Keyring, KeyringWrong, add_key, new_key, seal, unseal

places = st.text(max_size=40)


@given(st.text(), places)
def test_what_was_sealed_for_a_place_is_read_there(text, place):
    key = new_key()
    assert unseal(key, place, seal(key, place, text)) == text


@given(st.text(), places, places)
def test_a_value_that_is_moved_to_another_row_does_not_open(text, place, other):
    key = new_key()
    if place == other:
        return
    with pytest.raises(Unreadable):
        unseal(key, other, seal(key, place, text))


@given(st.text(), st.data())
def test_one_flipped_bit_is_noticed(text, data):
    key = new_key()
    raw = bytearray(base64.b64decode(seal(key, "here", text)[2:]))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        unseal(key, "here", "1." + base64.b64encode(raw).decode())


@pytest.mark.parametrize("stored", ["", "plain text", "2.AAAA", "1.***", "1.", "1.AAAA"])
def test_what_was_never_sealed_does_not_pass_for_it(stored):
    with pytest.raises(Unreadable, match="here"):
        unseal(new_key(), "here", stored)


def test_equal_texts_do_not_look_equal():
    key = new_key()
    assert seal(key, "here", "same") != seal(key, "here", "same")


async def test_an_old_master_key_opens_what_it_wrapped_and_the_newest_wraps(tmp_path):
    path = tmp_path / "keys.json"
    add_key(path, "2026-10")
    old = await Keyring.read(path).wrap(b"k" * 32, "ann")
    add_key(path, "2026-11")
    keyring = Keyring.read(path)
    assert await keyring.unwrap(old, "ann") == b"k" * 32
    assert (await keyring.wrap(b"k" * 32, "ann")).master == "2026-11"
    with pytest.raises(Unreadable):
        await keyring.unwrap(old, "bob")
    with pytest.raises(KeyGone, match="2020"):
        await keyring.unwrap(replace(old, master="2020"), "ann")


def test_only_its_owner_reads_the_file_of_keys(tmp_path):
    add_key(tmp_path / "keys.json", "one")
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_a_key_is_never_replaced_by_another_of_its_name(tmp_path):
    path = tmp_path / "keys.json"
    add_key(path, "one")
    before = path.read_bytes()
    with pytest.raises(KeyringWrong, match="has a key one"):
        add_key(path, "one")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "7", '{"a": 1}', '{"a": "***"}', '{"a": "AAAA"}', "null"]
)
def test_a_file_that_is_no_keyring_says_so(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(KeyringWrong, match=r"keys\.json"):
        Keyring.read(path)


def test_a_missing_keyring_is_named(tmp_path):
    with pytest.raises(KeyringWrong, match=r"nowhere\.json cannot be read"):
        Keyring.read(tmp_path / "nowhere.json")


def test_a_keyring_is_plain_json_that_a_backup_can_hold(tmp_path):
    add_key(tmp_path / "keys.json", "one")
    assert [*json.loads((tmp_path / "keys.json").read_text())] == ["one"]
