"""Whatever is done to an exported trail is noticed; only people may be forgotten."""

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.logbook import NOW, REASON, SIGNER, Logbook, event, filled
from tests.messages.examples import unhurried
from toolkit.audit.decider import Eraser
from toolkit.audit.proof import DocumentWrong, told, verify
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
    assert verdict.doubts == []


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
        {**WHOLE, "anchor": 1},
    ],
    ids=lambda given: str(given)[:40],
)
def test_what_is_no_document_is_refused_in_words(document):
    with pytest.raises(DocumentWrong):
        verify(document, KEY)
