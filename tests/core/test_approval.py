"""Nobody approves what they proposed themselves, and nothing is approved too late."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.core.approval import Objection, Proposal, approve

AT = datetime(2026, 11, 19, 12, tzinfo=UTC)
PROPOSAL = Proposal(proposed_by="ada", proposed_at=AT)
NAMES = st.sampled_from(["ada", "Ada", " ada", "bob", "BOB ", "eve"])
MOMENTS = st.timedeltas(timedelta(0), timedelta(hours=48))


def test_another_person_approves_in_time():
    approved = approve(PROPOSAL, "bob", AT + timedelta(hours=1))
    assert approved.is_approved
    assert (approved.approved_by, approved.approved_at) == ("bob", AT + timedelta(hours=1))


@pytest.mark.parametrize("name", ["ada", "ADA", " ada "])
def test_nobody_approves_their_own_proposal(name):
    assert approve(PROPOSAL, name, AT) is Objection.SAME_PERSON


@pytest.mark.parametrize(("late", "counts"), [(-1, True), (0, False), (1, False)])
def test_a_proposal_is_good_for_a_day_and_no_longer(late, counts):
    answer = approve(PROPOSAL, "bob", PROPOSAL.expires_at + timedelta(microseconds=late))
    assert answer.is_approved if counts else answer is Objection.EXPIRED


def test_who_approved_it_may_say_so_again_at_any_time():
    approved = approve(PROPOSAL, "bob", AT)
    assert approve(approved, "bob", AT + timedelta(days=9)) == approved


def test_a_third_person_changes_nothing():
    approved = approve(PROPOSAL, "bob", AT)
    assert approve(approved, "eve", AT) is Objection.APPROVED


@given(st.lists(st.tuples(NAMES, MOMENTS)))
def test_whatever_is_tried_two_people_agreed_in_time(attempts):
    proposal = PROPOSAL
    for by, later in attempts:
        match approve(proposal, by, AT + later):
            case Proposal() as changed:
                proposal = changed
            case Objection():
                pass
    if proposal.is_approved:
        assert proposal.approved_by.strip().casefold() != "ada"
        assert proposal.approved_at < proposal.expires_at
