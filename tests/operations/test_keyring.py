"""The keyring's command makes a file once, and says what it needs."""

import json

from toolkit.__main__ import main


def test_a_keyring_begins_and_grows_and_never_loses_a_key(tmp_path, capsys):
    path = tmp_path / "keys.json"
    assert main(["keyring", "add", str(path), "--name", "one"]) == 0
    assert main(["keyring", "add", str(path), "--name", "two"]) == 0
    assert [*json.loads(path.read_text())] == ["one", "two"]
    assert main(["keyring", "add", str(path), "--name", "two"]) == 2
    assert "name the new one otherwise" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_named(tmp_path, capsys):
    assert main(["keyring", "add", str(tmp_path / "no" / "k.json"), "--name", "a"]) == 2
    assert "no/k" in capsys.readouterr().err
