"""The tree is that of RFC 6962, and its proofs hold for what is so and nothing else."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.messages.examples import unhurried
from toolkit.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    complete_subtrees,
    consistency_path,
    holds_consistency,
    holds_inclusion,
    inclusion_path,
    leaf_hash,
    look_in,
    nodes_between,
    nodes_of,
)

# The vectors of Certificate Transparency: what the leaves say, and the root after each.
VECTORS = {
    "": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "00": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "10": "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "2021": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "3031": "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "40414243": "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "5051525354555657": "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "606162636465666768696a6b6c6d6e6f": (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    ),
}
SIZES = st.integers(1, 130)


def leaves(size, salt=b""):
    return [sha256(salt + bytes([n])).digest() for n in range(size)]


def grown(hashes):
    frontier = Frontier()
    for hash in hashes:
        frontier = frontier.append(hash)
    return frontier


def test_the_roots_are_those_of_the_published_vectors():
    frontier = Frontier()
    for content, root in VECTORS.items():
        frontier = frontier.append(leaf_hash(bytes.fromhex(content)))
        assert frontier.root().hex() == root


def test_a_tree_without_leaves_has_the_root_of_nothing():
    assert Frontier().root() == EMPTY_ROOT


@unhurried
@given(SIZES, st.data())
def test_a_leaf_that_is_there_can_be_proven(size, data):
    hashes, index = leaves(size), data.draw(st.integers(0, size - 1))
    path = inclusion_path(index, size, look_in(hashes))
    assert holds_inclusion(hashes[index], index, size, path, grown(hashes).root())


@unhurried
@given(SIZES, st.data())
def test_no_proof_holds_for_another_leaf_place_path_or_root(size, data):
    hashes, index = leaves(size), data.draw(st.integers(0, size - 1))
    path, root = inclusion_path(index, size, look_in(hashes)), grown(hashes).root()
    leaf, stranger = hashes[index], sha256(b"stranger").digest()
    other = data.draw(st.integers(0, size + 1).filter(lambda place: place != index))
    assert not holds_inclusion(stranger, index, size, path, root)
    assert not holds_inclusion(leaf, other, size, path, root)
    assert not holds_inclusion(leaf, index, size, path, stranger)
    assert not holds_inclusion(leaf, index, size, [*path, stranger], root)
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        bent = [*path[:place], stranger, *path[place + 1 :]]
        assert not holds_inclusion(leaf, index, size, bent, root)
        assert not holds_inclusion(leaf, index, size, path[:-1], root)


@unhurried
@given(SIZES, st.data())
def test_a_tree_that_only_grew_is_consistent_with_every_earlier_one(new, data):
    old, hashes = data.draw(st.integers(1, new)), leaves(new)
    path = consistency_path(old, new, look_in(hashes))
    roots = grown(hashes[:old]).root(), grown(hashes).root()
    assert holds_consistency(old, roots[0], new, roots[1], path)


@unhurried
@given(SIZES, st.data())
def test_a_fork_has_no_proof_of_consistency(new, data):
    """Somebody rewrote one leaf of the past, and proves whatever their own tree can."""
    old = data.draw(st.integers(1, new))
    hashes, changed = leaves(new), data.draw(st.integers(0, old - 1))
    forked = [*hashes[:changed], sha256(b"fork").digest(), *hashes[changed + 1 :]]
    before, after = grown(hashes[:old]).root(), grown(forked).root()
    for tree in (hashes, forked):
        path = consistency_path(old, new, look_in(tree))
        assert not holds_consistency(old, before, new, after, path)


@unhurried
@given(SIZES, st.data())
def test_a_proof_needs_only_the_roots_of_complete_subtrees(new, data):
    hashes = leaves(new)
    kept, frontier = {}, Frontier()
    for hash in hashes:
        kept.update(frontier.completed(hash))
        frontier = frontier.append(hash)
    index, old = data.draw(st.integers(0, new - 1)), data.draw(st.integers(1, new))
    for wanted, path in (
        (nodes_of(index, new), lambda look: inclusion_path(index, new, look)),
        (nodes_between(old, new), lambda look: consistency_path(old, new, look)),
    ):
        few = {node: kept[node] for node in wanted}
        assert path(lambda level, place, few=few: few[level, place]) == path(
            look_in(hashes)
        )
    assert frontier.peaks == tuple(kept[node] for node in complete_subtrees(0, new))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_leaf_that_is_not_there_has_no_proof(index, size):
    with pytest.raises(ValueError, match="has no leaf"):
        inclusion_path(index, size, look_in([]))
