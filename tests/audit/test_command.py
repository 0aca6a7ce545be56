"""Whoever verifies has a file, a key and Python; each end has its exit status and words."""

import json
from copy import deepcopy

import pytest

from tests.audit.logbook import SIGNER, filled
from toolkit.__main__ import main
from toolkit.operations.ends import DONE, REFUSED, USAGE, WAITING

DOCUMENT = filled(4, 2).document("S0")
KEY = SIGNER.verifier.text


def run(tmp_path, document, *more):
    file = tmp_path / "trail.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return main(["audit", "verify", str(file), *more])


def test_a_trail_that_holds_ends_in_zero(tmp_path, capsys):
    assert run(tmp_path, DOCUMENT, "--key", KEY) == DONE
    told = "holds: 4 events, in the first 6 of tests.example/audit\n"
    assert capsys.readouterr().out == told


def test_the_key_may_be_in_a_file(tmp_path):
    place = tmp_path / "log.key"
    place.write_text(f"{KEY}\n")
    assert run(tmp_path, DOCUMENT, "--key", str(place)) == DONE


def test_what_cannot_be_said_for_sure_ends_in_one(tmp_path, capsys):
    assert run(tmp_path, DOCUMENT) == WAITING
    assert "open: nobody's key was given" in capsys.readouterr().out


def test_a_changed_amount_ends_in_two_and_is_named(tmp_path, capsys):
    changed = deepcopy(DOCUMENT)
    entry = changed["entries"][1]
    entry["canonical"] = entry["canonical"].replace("25000", "35000")
    assert run(tmp_path, changed, "--key", KEY) == REFUSED
    assert "does not hold: event 1 was changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[]", "{}", pytest.param('{"a": ' * 2_000, id="deep")],
)
def test_what_is_no_document_ends_in_usage(tmp_path, capsys, text):
    assert run(tmp_path, text, "--key", KEY) == USAGE
    assert "is no document of a trail" in capsys.readouterr().err


@pytest.mark.parametrize("key", [(), ("--key", KEY)], ids=["no key", "key"])
def test_a_part_of_a_trail_or_nothing_of_it_ends_in_one(tmp_path, capsys, key):
    part = deepcopy(DOCUMENT)
    del part["is_whole"], part["entries"][1]
    for document in (part, {"format": DOCUMENT["format"], "entries": []}):
        assert run(tmp_path, document, *key) == WAITING
        assert "open: only a part of the trail" in capsys.readouterr().out


def test_an_event_removed_from_what_claims_to_be_whole_ends_in_two(tmp_path):
    less = deepcopy(DOCUMENT)
    del less["entries"][1]
    assert run(tmp_path, less, "--key", KEY) == REFUSED


def test_a_text_for_a_number_ends_in_usage(tmp_path, capsys):
    changed = deepcopy(DOCUMENT)
    changed["entries"][1]["leaf_index"] = "1"
    assert run(tmp_path, changed, "--key", KEY) == USAGE
    assert "leaf_index is no whole number, but '1'" in capsys.readouterr().err


def test_a_missing_file_and_a_missing_key_are_told_apart(tmp_path, capsys):
    assert main(["audit", "verify", str(tmp_path / "none.json")]) == USAGE
    assert "none.json cannot be read" in capsys.readouterr().err
    assert run(tmp_path, DOCUMENT, "--key", "nobody") == USAGE
    assert "--key: nobody is neither a key nor a file" in capsys.readouterr().err
