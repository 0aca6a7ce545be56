"""Ids that are derived are those that the standard library would derive."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from toolkit.core.message import named


@given(st.uuids(), st.text())
def test_a_name_has_the_uuid_of_the_standard(namespace: UUID, name: str):
    assert named(namespace, name) == uuid5(namespace, name)
    assert named(namespace, name).version == 5
    assert hash(named(namespace, name)) == hash(uuid5(namespace, name))
