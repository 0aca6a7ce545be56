"""Whatever is done to an exported trail is noticed; only people may be forgotten."""

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.logbook import NOW, REASON, SIGNER, Logbook, event, filled
from tests.messages.examples import unhurried
from toolkit.audit.decider import Eraser
from toolkit.audit.entry import FORMAT, GENESIS, canonical, commitment, hash_of
from toolkit.audit.proof import DOCUMENT, PART, DocumentWrong, statement, told, verify
from toolkit.core.salt import SALT_BYTES
from toolkit.messages.audit import ErasePersonalData

BOOK = filled(7, 5, 1)
WHOLE = BOOK.document("S0")
KEY = SIGNER.verifier


def test_a_trail_that_nobody_touched_holds():
    verdict = verify(WHOLE, KEY)
    assert (verdict.problems, verdict.doubts, verdict.erased) == ([], [], [])
    assert list(told(verdict)) == [
        "holds: 7 events, in the first 13 of tests.example/audit"
    ]


def test_one_event_holds_alone():
    one = {**WHOLE, "is_whole": False, "statement": None, "entries": WHOLE["entries"][3:4]}
    verdict = verify(one, KEY)
    assert verdict.holds
    assert verdict.doubts == [PART]


@unhurried
@given(st.data())
def test_any_flipped_bit_of_an_event_is_noticed(data):
    document = deepcopy(WHOLE)
    entry = data.draw(st.sampled_from(document["entries"]))
    name = data.draw(st.sampled_from(["canonical", "salt", "leaf_hash"]))
    text = entry[name].encode()
    bit = data.draw(st.integers(0, len(text) * 8 - 1))
    flipped = bytearray(text)
    flipped[bit // 8] ^= 1 << bit % 8
    entry[name] = flipped.decode("latin-1")
    assert not verify(document, KEY).holds


@unhurried
@given(st.data())
def test_any_flipped_bit_of_what_is_disclosed_is_noticed(data):
    document = deepcopy(WHOLE)
    entry = data.draw(st.sampled_from([e for e in document["entries"] if e["disclosures"]]))
    disclosure = data.draw(st.sampled_from(entry["disclosures"]))
    name = data.draw(st.sampled_from(["value", "salt", "path"]))
    text = disclosure[name].encode()
    bit = data.draw(st.integers(0, len(text) * 8 - 1))
    flipped = bytearray(text)
    flipped[bit // 8] ^= 1 << bit % 8
    disclosure[name] = flipped.decode("latin-1")
    assert not verify(document, KEY).holds


@pytest.mark.parametrize("count", range(1, SALT_BYTES + 1))
def test_no_byte_passes_from_a_value_into_its_salt_or_back(count):
    """The hashed bytes are the same, and yet somebody would have said something else."""
    for place, entry in enumerate(WHOLE["entries"]):
        for number, told_one in enumerate(entry["disclosures"]):
            value, salt = told_one["value"].encode(), bytes.fromhex(told_one["salt"])
            for altered in _moved(value, salt, count):
                document = deepcopy(WHOLE)
                document["entries"][place]["disclosures"][number] |= altered
                assert not verify(document, KEY).holds


def _moved(value, salt, count):
    if count <= len(value):
        yield {"value": value[count:].decode(), "salt": (salt + value[:count]).hex()}
    grown = salt[SALT_BYTES - count :] + value
    yield {"value": grown.decode("latin-1"), "salt": salt[: SALT_BYTES - count].hex()}


def test_a_number_cannot_lose_its_first_digits_to_its_salt():
    """What is left of 1250 is JSON too: only the salt's length tells."""
    for count in range(1, 4):
        salt = bytes(SALT_BYTES)
        payload = {"x": {"sha256": commitment("1250", salt)}}
        altered = {
            "path": "x",
            "value": "1250"[count:],
            "salt": (salt + b"1250"[:count]).hex(),
        }
        found = verify(_lone(payload, [altered]))
        assert found.problems == [f"event 0 never said x {altered['value']}"]


def test_a_value_that_is_not_written_as_values_are_is_noticed():
    salt = bytes(SALT_BYTES)
    for value in (' "ada"', '"\\u0061da"', "ada", "", "NaN", '{"b":1,"a":1}'):
        payload = {"x": {"sha256": commitment(value, salt)}}
        told_one = {"path": "x", "value": value, "salt": salt.hex()}
        assert not verify(_lone(payload, [told_one])).holds


def _lone(payload, disclosures):
    """Lay out a well hashed event of any payload, in no log."""
    content = {"format": FORMAT, "stream_id": "S", "position": 0, "payload": payload}
    text, salt = canonical(content), bytes(SALT_BYTES)
    entry = {
        "position": 0,
        "canonical": text,
        "salt": salt.hex(),
        "leaf_hash": hash_of(text, salt).hex(),
        "leaf_index": None,
        "path": [],
        "disclosures": disclosures,
    }
    return {"format": DOCUMENT, "stream_id": "S", "entries": [entry]}


@pytest.mark.parametrize("place", range(7))
@pytest.mark.parametrize("claim", [{"is_whole": False}, {}], ids=["withdrawn", "absent"])
def test_what_was_removed_from_a_part_is_said_to_be_unknown(place, claim):
    document = deepcopy(WHOLE)
    del document["is_whole"], document["entries"][place]
    verdict = verify(document | claim, KEY)
    assert (verdict.problems, verdict.doubts) == ([], [PART])


@pytest.mark.parametrize("key", [KEY, None], ids=["key", "no key"])
def test_a_document_without_events_is_open(key):
    assert PART in verify({"format": DOCUMENT, "entries": []}, key).doubts


def test_no_event_under_a_claim_to_be_whole_is_open_too():
    said = SIGNER.sign(statement("S9", 0, GENESIS))
    nothing = {**WHOLE, "stream_id": "S9", "entries": [], "statement": said}
    verdict = verify(nothing, KEY)
    assert verdict.doubts == ["there is no event in it: nothing could be judged"]


def _anchored():
    book = filled(3)
    old = book.sealed[-1]
    book.hear(event("S0", 3))
    book.seal()
    anchor = {
        "size": old.to_index,
        "merkle_root": old.merkle_root,
        "chain_id": 1,
        "tx_hash": "0x1",
        "block_number": 7,
        "path": [hash.hex() for hash in book.consistency(3, 4)],
    }
    return book.document("S0") | {"anchor": anchor}


ANCHORED = _anchored()


def _places(part, path=()):
    """Find every field of a document, those with fields of their own among them."""
    inside = part.items() if isinstance(part, dict) else enumerate(part)
    for name, value in inside:
        yield (*path, name)
        if isinstance(value, dict | list):
            yield from _places(value, (*path, name))


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=())),
    st.lists(st.none() | st.integers() | st.text(), max_size=2),
    st.dictionaries(st.text(), st.none() | st.integers(), max_size=2),
    st.just(json.loads("[" * 200 + "]" * 200)),
)


def test_an_anchored_trail_that_nobody_touched_holds():
    verdict = verify(ANCHORED, KEY)
    assert (verdict.problems, verdict.doubts) == ([], [])
    assert verdict.anchor is not None


@unhurried
@given(st.sampled_from(list(_places(ANCHORED))), ANYTHING, st.sampled_from([KEY, None]))
def test_a_field_of_another_type_is_judged_or_refused_in_words(path, value, key):
    document = deepcopy(ANCHORED)
    holder = document
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = value
    try:
        lines = list(told(verify(document, key)))
    except DocumentWrong as wrong:
        lines = [str(wrong)]
    assert lines
    assert all(line.isprintable() and line.encode() for line in lines)


def test_a_line_of_the_verdict_cannot_be_forged_by_what_a_document_says():
    forged = deepcopy(ANCHORED)
    forged["anchor"]["tx_hash"] = "0x1\nholds: 99 events"
    lines = list(told(verify(forged, KEY)))
    assert len(lines) == 2
    assert not any(line.startswith("holds: 99") for line in lines)


@pytest.mark.parametrize("place", range(7))
def test_a_removed_event_is_noticed_even_the_last(place):
    document = deepcopy(WHOLE)
    del document["entries"][place]
    assert not verify(document, KEY).holds


@pytest.mark.parametrize("place", range(8))
def test_an_added_event_is_noticed(place):
    document = deepcopy(WHOLE)
    document["entries"].insert(place, deepcopy(WHOLE["entries"][min(place, 6)]))
    assert not verify(document, KEY).holds


@unhurried
@given(st.permutations(range(7)).filter(lambda order: order != list(range(7))))
def test_reordered_events_are_noticed(order):
    document = deepcopy(WHOLE)
    document["entries"] = [WHOLE["entries"][place] for place in order]
    assert not verify(document, KEY).holds


def test_an_event_of_another_trail_is_noticed():
    document = deepcopy(WHOLE)
    document["entries"][2] = deepcopy(BOOK.document("S1")["entries"][2])
    assert not verify(document, KEY).holds


def test_a_whole_history_told_anew_does_not_fit_the_signed_checkpoint():
    """Somebody forges events, and all hashes and paths with them; the signature is left."""
    forged = filled(7, 4, 2).document("S0") | {"checkpoint": WHOLE["checkpoint"]}
    assert not verify(forged, KEY).holds


def test_a_checkpoint_of_anybody_else_is_noticed():
    stranger = type(SIGNER)(name=SIGNER.name, seed=bytes(32))
    text = WHOLE["checkpoint"].split("\n\n")[0] + "\n"
    verdict = verify({**WHOLE, "checkpoint": stranger.sign(text)}, KEY)
    assert "the checkpoint is not signed by tests.example/audit" in verdict.problems


def test_without_a_key_it_is_said_that_nothing_was_signed_for_us():
    verdict = verify(WHOLE)
    assert verdict.holds
    assert len(verdict.doubts) == 2


def test_an_event_in_no_checkpoint_yet_is_open_and_no_lie():
    book = filled(3)
    book.hear(event("S0", 3))
    verdict = verify(book.document("S0"), KEY)
    assert verdict.holds
    assert verdict.doubts == ["event 3 is in no checkpoint yet"]


def test_people_stand_in_the_events_only_as_commitments():
    texts = " ".join(entry["canonical"] for entry in WHOLE["entries"])
    assert REASON not in texts
    assert '"ada"' not in texts
    assert "250" in texts
    assert "ch_1" in texts


def test_when_people_are_erased_every_proof_stands():
    book = filled(7, 5)
    before = verify(book.document("S0"), KEY)
    asked = ErasePersonalData(stream_id="S0", actor_id="officer", reason="Art. 17")
    book.trails["S0"], said = Eraser().step(book.trails["S0"], asked, NOW)
    document = book.document("S0")
    verdict = verify(document, KEY)
    assert verdict.holds
    assert before.erased == []
    assert len(verdict.erased) == 3 * 2 + 2 * 2
    assert REASON not in json.dumps(document)
    assert [type(told.event).__name__ for told in said] == ["PersonalDataErased"]


@unhurried
@given(st.integers(1, 12), st.integers(1, 12))
def test_any_two_checkpoints_of_one_log_are_consistent(first, more):
    from toolkit.audit.merkle import holds_consistency
    from toolkit.audit.note import Checkpoint

    book = Logbook()
    for number in range(first):
        book.hear(event("S0", number))
    old = Checkpoint.parse(book.seal())
    for number in range(more):
        book.hear(event("S1", number))
    new = Checkpoint.parse(book.seal())
    path = book.consistency(old.size, new.size)
    assert holds_consistency(old.size, old.root, new.size, new.root, path)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"format": "escrow-audit-trail/1"},
        {**WHOLE, "entries": {}},
        {**WHOLE, "entries": [1]},
        {**WHOLE, "entries": [{**WHOLE["entries"][0], "position": "0"}]},
        {**WHOLE, "entries": [{**WHOLE["entries"][0], "disclosures": None}]},
        {**WHOLE, "entries": [{**WHOLE["entries"][0], "leaf_index": "0"}]},
        {**WHOLE, "is_whole": "yes"},
        {**WHOLE, "checkpoint": 1},
        {**WHOLE, "statement": []},
        {**WHOLE, "anchor": 1},
    ],
    ids=lambda given: str(given)[:40],
)
def test_what_is_no_document_is_refused_in_words(document):
    with pytest.raises(DocumentWrong):
        verify(document, KEY)
