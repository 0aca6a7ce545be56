# pragma version 0.4.3
# pragma evm-version paris
"""
Keeps the roots of one audit log, each once, and in one line that cannot fork.

Only its keeper writes. A statement goes on where the last one ended, so the chain itself
refuses a second history; the same intent again is refused too, so a keeper that does not
know whether its transaction went through may simply send it again.
"""

event Anchored:
    intent: indexed(bytes32)
    root: bytes32
    from_index: uint256
    to_index: uint256

struct Anchor:
    root: bytes32
    to_index: uint256
    block_number: uint256

KEEPER: public(immutable(address))
size: public(uint256)
anchors: public(HashMap[bytes32, Anchor])


@deploy
def __init__(keeper: address):
    assert keeper != empty(address), "no keeper"
    KEEPER = keeper


@external
def anchor(intent: bytes32, root: bytes32, from_index: uint256, to_index: uint256):
    assert msg.sender == KEEPER, "not the keeper"
    assert self.anchors[intent].to_index == 0, "anchored already"
    assert from_index == self.size, "not where the log ended"
    assert to_index > from_index, "nothing new"
    self.size = to_index
    self.anchors[intent] = Anchor(root=root, to_index=to_index, block_number=block.number)
    log Anchored(intent=intent, root=root, from_index=from_index, to_index=to_index)
