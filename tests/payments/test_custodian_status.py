"""Only a final word is acted on; all others, known or not, leave the question open."""

from hypothesis import given
from hypothesis import strategies as st

from toolkit.payments.custodian_status import Status, read

FINAL = {"CANCELLED", "DENIED", "FAILED", "COMPLETE"}


def test_four_words_are_final():
    assert {status.value for status in Status if status.is_final} == FINAL


@given(st.text() | st.sampled_from([status.value for status in Status]))
def test_no_other_word_is_final(word):
    assert read(word).is_final == (word in FINAL)
