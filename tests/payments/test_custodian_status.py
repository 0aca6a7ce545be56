"""News of a transaction may come in any order, twice or not at all; the furthest counts."""

from hypothesis import given
from hypothesis import strategies as st

from toolkit.payments.custodian_status import FINAL, Status, merged, read

STATUSES = st.sampled_from(Status)
HISTORIES = st.lists(STATUSES, max_size=12)


@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_order_of_the_news_makes_no_difference(heard, random):
    shuffled = [*heard]
    random.shuffle(shuffled)

    assert merged(*shuffled) is merged(*heard)


@given(HISTORIES, HISTORIES)
def test_it_makes_no_difference_how_the_news_is_put_together(first, second):
    assert merged(merged(*first), merged(*second)) is merged(*first, *second)


@given(HISTORIES)
def test_hearing_everything_twice_changes_nothing(heard):
    assert merged(*heard, *heard) is merged(*heard)


@given(HISTORIES, STATUSES)
def test_what_was_final_stays_final(heard, late):
    if merged(*heard).is_final:
        assert merged(*heard, late).is_final


@given(HISTORIES)
def test_only_a_final_word_makes_it_final(heard):
    assert merged(*heard).is_final == bool(FINAL & set(heard))


@given(HISTORIES)
def test_money_that_moved_has_moved_whatever_else_is_said(heard):
    assert merged(*heard, Status.COMPLETE) is Status.COMPLETE


@given(st.text())
def test_a_word_that_we_do_not_know_is_never_final(word):
    if word not in set(Status):
        assert not read(word).is_final
