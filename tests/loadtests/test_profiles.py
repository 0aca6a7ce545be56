"""Mixes and shapes are data: all of ours can be read, and a wrong one is refused."""

import pytest

from loadtests import profiles
from loadtests.journeys import JOURNEYS
from loadtests.judge import objectives


@pytest.mark.parametrize("name", profiles.names(profiles.MIXES))
def test_every_mix_of_ours_can_be_read(name):
    assert set(profiles.mix(name)) <= set(JOURNEYS)


@pytest.mark.parametrize("name", profiles.names(profiles.SHAPES))
def test_every_shape_of_ours_fills_the_run(name):
    segments = profiles.shape(name).segments(10.0, 60.0)

    assert sum(segment.length_s for segment in segments) == pytest.approx(60.0)


def test_the_journeys_that_a_mix_may_name_are_those_that_there_are():
    assert set(profiles.JOURNEYS) == set(JOURNEYS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("about: x\njourneys: {buying: 1}", "journeys.buying is no journey"),
        ("about: x\njourneys: {escrow: many}", "write a number"),
        ("about: x\njourneys: {escrow: 0}", "no weight above 0"),
        ("about: x", "names none"),
        ("- 1", "about"),
        ("about: [", "cannot be read"),
    ],
)
def test_a_wrong_mix_is_refused_with_what_to_write(tmp_path, text, says):
    path = tmp_path / "mine.yaml"
    path.write_text(text)

    with pytest.raises(profiles.ProfileWrong, match=says):
        profiles.mix(str(path))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("about: x\nload: [{part: 0.5, from: 1, to: 1}]", "not 1 together"),
        ("about: x\nload: [{part: 1, from: -1, to: 1}]", "write a number"),
        ("about: x\nload: 3", "no list"),
        (
            "about: x\nload: [{part: 1, from: 1, to: 1}]\ntrouble: [{at: 0.5, do: shout}]",
            "none of faults",
        ),
        (
            "about: x\nload: [{part: 1, from: 1, to: 1}]\ntrouble: [{at: 2, do: kill}]",
            "takes at",
        ),
    ],
)
def test_a_wrong_shape_is_refused_with_what_to_write(tmp_path, text, says):
    path = tmp_path / "mine.yaml"
    path.write_text(text)

    with pytest.raises(profiles.ProfileWrong, match=says):
        profiles.shape(str(path))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("requests: {p42_ms: 3}", "p42_ms is no figure"),
        ("requests: {p99_ms: soon}", "write a number"),
        ("speed: 3", "speed is none of"),
        ("drain_s: .inf", "write a number"),
        ("", "write a mapping"),
    ],
)
def test_wrong_objectives_are_refused_with_what_to_write(tmp_path, text, says):
    path = tmp_path / "mine.yaml"
    path.write_text(text)

    with pytest.raises(profiles.ProfileWrong, match=says):
        objectives(path)


def test_a_name_that_nobody_knows_is_answered_with_those_that_there_are():
    with pytest.raises(profiles.ProfileWrong, match="brown_out"):
        profiles.shape("brownout")
