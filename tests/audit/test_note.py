"""Checkpoints are notes as C2SP writes them, and nobody signs in another's name."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.logbook import SIGNER
from tests.messages.examples import unhurried
from toolkit.audit.note import Checkpoint, NoteWrong, Signer, Verifier

# The example of C2SP's signed-note, made by somebody else's hand.
VKEY = "example.com/foo+530d903c+AaYjOgSWrdInpdzAUkt/7X0v7eBFkaDQA+kVvPzcPVWE"
CHECKPOINT = Checkpoint(
    origin=SIGNER.name, size=4_711, root=bytes(range(32)), chain_head=bytes(32)
)


def test_a_checkpoint_is_written_line_by_line_as_the_specification_says():
    assert CHECKPOINT.text == (
        "tests.example/audit\n4711\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
        "chain AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    )


def test_a_note_ends_in_an_empty_line_and_a_signature():
    text, signature = SIGNER.sign(CHECKPOINT.text).split("\n\n")
    assert f"{text}\n" == CHECKPOINT.text
    assert signature.startswith(f"\N{EM DASH} {SIGNER.name} ")
    assert signature.endswith("\n")


def test_a_checkpoint_is_read_as_it_was_written():
    note = SIGNER.sign(CHECKPOINT.text)
    assert Checkpoint.parse(note) == CHECKPOINT
    assert SIGNER.verifier.holds(note)


def test_a_key_is_written_and_read_as_text():
    assert Verifier.parse(SIGNER.verifier.text) == SIGNER.verifier


@unhurried
@given(st.data())
def test_any_changed_character_of_a_note_is_noticed(data):
    note = SIGNER.sign(CHECKPOINT.text)
    place = data.draw(st.integers(0, len(note) - 1))
    other = data.draw(st.sampled_from("A b\n+0").filter(lambda c: c != note[place]))
    changed = f"{note[:place]}{other}{note[place + 1 :]}"
    with suppress(NoteWrong):  # so is what cannot even be read
        assert not SIGNER.verifier.holds(changed)


def test_another_key_of_the_same_name_signs_nothing_of_ours():
    impostor = Signer(name=SIGNER.name, seed=bytes(32))
    assert not SIGNER.verifier.holds(impostor.sign(CHECKPOINT.text))


@pytest.mark.parametrize(
    "text",
    ["", "name", "a b+00000000+AA==", f"{SIGNER.verifier.text}A", "x+530d903c+AaYj"],
)
def test_what_is_no_key_is_refused_in_words(text):
    with pytest.raises(NoteWrong):
        Verifier.parse(text)
