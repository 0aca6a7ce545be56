# pragma version 0.4.3
# pragma evm-version paris
"""
Holds the money of deals between a buyer and a seller, and pays it out by milestones.

What can be claimed is booked to its payee and fetched by `withdraw`, so nobody's wallet can
hold up anybody else's money. A release above the threshold takes signatures of several
approvers and then waits for the time lock, in which the arbiter may still open a dispute.
The guardian may pause what moves money forward, and never what brings it back: a refund
after the deadline, a dispute's end and a withdrawal go on.
"""

from ethereum.ercs import IERC20

MILESTONES_MAX: constant(uint256) = 16
APPROVERS_MAX: constant(uint256) = 8
LOCK_MAX: constant(uint256) = 30 * 86400
HALF_ORDER: constant(uint256) = (
    57896044618658097711785492504343953926418782139537452191302581570759080747168
)

DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
APPROVAL_TYPE: constant(bytes32) = keccak256(
    "Approval(bytes32 deal,uint256 milestone,address payee,uint256 amount)"
)
NAME: constant(bytes32) = keccak256("MilestoneEscrow")
VERSION: constant(bytes32) = keccak256("1")

flag State:
    OPEN
    FUNDED
    DISPUTED
    CLOSED

struct Milestone:
    payee: address
    amount: uint256
    released: bool
    releasable_at: uint256  # 0 until a large release is scheduled

struct Terms:
    payee: address
    amount: uint256

struct Deal:
    buyer: address
    seller: address
    arbiter: address
    token: address
    deadline: uint256
    held: uint256
    state: State

event DealCreated:
    deal: indexed(bytes32)
    buyer: indexed(address)
    seller: indexed(address)
    token: address
    total: uint256
    deadline: uint256

event Funded:
    deal: indexed(bytes32)
    payer: indexed(address)
    amount: uint256

event Approved:
    deal: indexed(bytes32)
    milestone: uint256
    approver: indexed(address)
    count: uint256

event Scheduled:
    deal: indexed(bytes32)
    milestone: uint256
    releasable_at: uint256

event Released:
    deal: indexed(bytes32)
    milestone: uint256
    payee: indexed(address)
    amount: uint256

event Refunded:
    deal: indexed(bytes32)
    buyer: indexed(address)
    amount: uint256

event Disputed:
    deal: indexed(bytes32)
    by: indexed(address)

event Resolved:
    deal: indexed(bytes32)
    buyer_amount: uint256
    seller_amount: uint256

event Withdrawn:
    payee: indexed(address)
    token: indexed(address)
    to: address
    amount: uint256

event PauseChanged:
    by: indexed(address)
    paused: bool

operator: public(immutable(address))  # who makes deals and asks for releases
guardian: public(immutable(address))
threshold: public(immutable(uint256))  # releases up to this amount need no approval
approvals_needed: public(immutable(uint256))
time_lock: public(immutable(uint256))

is_approver: public(HashMap[address, bool])
paused: public(bool)
deals: public(HashMap[bytes32, Deal])
milestones: HashMap[bytes32, DynArray[Milestone, MILESTONES_MAX]]
has_approved: public(HashMap[bytes32, HashMap[uint256, HashMap[address, bool]]])
approvals: public(HashMap[bytes32, HashMap[uint256, uint256]])
claimable: public(HashMap[address, HashMap[address, uint256]])  # token, payee


@deploy
def __init__(
    the_operator: address,
    the_guardian: address,
    approvers: DynArray[address, APPROVERS_MAX],
    needed: uint256,
    up_to: uint256,
    lock_seconds: uint256,
):
    assert the_operator != empty(address) and the_guardian != empty(address), "nobody"
    assert needed > 0 and needed <= len(approvers), "approvals"
    assert lock_seconds <= LOCK_MAX, "time lock"
    operator = the_operator
    guardian = the_guardian
    approvals_needed = needed
    threshold = up_to
    time_lock = lock_seconds
    for approver: address in approvers:
        assert approver != empty(address) and not self.is_approver[approver], "approver"
        self.is_approver[approver] = True


# What brings a deal on: only while nothing is paused.


@external
def create(
    deal: bytes32,
    buyer: address,
    seller: address,
    arbiter: address,
    token: address,
    terms: DynArray[Terms, MILESTONES_MAX],
    deadline: uint256,
):
    assert not self.paused, "paused"
    assert msg.sender == operator, "not the operator"
    assert self.deals[deal].state == empty(State), "known already"
    assert buyer != empty(address) and seller != empty(address), "nobody"
    assert arbiter != empty(address) and arbiter not in [buyer, seller], "arbiter"
    assert token.is_contract, "no token"
    assert deadline > block.timestamp, "deadline"
    assert len(terms) > 0, "no milestones"
    total: uint256 = 0
    for one: Terms in terms:
        assert one.payee != empty(address) and one.payee != self, "payee"
        assert one.amount > 0, "amount"
        total += one.amount
        self.milestones[deal].append(
            Milestone(payee=one.payee, amount=one.amount, released=False, releasable_at=0)
        )
    self.deals[deal] = Deal(
        buyer=buyer,
        seller=seller,
        arbiter=arbiter,
        token=token,
        deadline=deadline,
        held=0,
        state=State.OPEN,
    )
    log DealCreated(
        deal=deal, buyer=buyer, seller=seller, token=token, total=total, deadline=deadline
    )


@external
@nonreentrant
def fund(deal: bytes32):
    """
    Take the whole amount from the caller, who has allowed it. A token that brings less
    than it says is refused: nobody's due would be covered by another's money.
    """
    assert not self.paused, "paused"
    assert self.deals[deal].state == State.OPEN, "not open"
    assert block.timestamp < self.deals[deal].deadline, "too late"
    total: uint256 = 0
    for one: Milestone in self.milestones[deal]:
        total += one.amount
    token: IERC20 = IERC20(self.deals[deal].token)
    self.deals[deal].state = State.FUNDED
    self.deals[deal].held = total
    before: uint256 = staticcall token.balanceOf(self)
    assert extcall token.transferFrom(
        msg.sender, self, total, default_return_value=True
    ), "transfer"
    assert staticcall token.balanceOf(self) == before + total, "short"
    log Funded(deal=deal, payer=msg.sender, amount=total)


@external
def approve(deal: bytes32, milestone: uint256):
    assert self.is_approver[msg.sender], "not an approver"
    self._approve(deal, milestone, msg.sender)


@external
def approve_signed(
    deal: bytes32, milestone: uint256, approver: address, v: uint256, r: uint256, s: uint256
):
    """
    Count an approval that was signed elsewhere, as EIP-712 has it. The signature names the
    deal, the milestone, its payee and its amount, so it cannot serve for anything else.
    """
    assert self.is_approver[approver], "not an approver"
    assert s <= HALF_ORDER and (v == 27 or v == 28), "signature"
    assert ecrecover(self._digest(deal, milestone), v, r, s) == approver, "signature"
    self._approve(deal, milestone, approver)


@external
def schedule(deal: bytes32, milestone: uint256):
    """
    Start the time lock of a large release, once enough have approved it.
    """
    assert not self.paused, "paused"
    assert msg.sender == operator, "not the operator"
    one: Milestone = self._due(deal, milestone)
    assert one.amount > threshold, "not large"
    assert self.approvals[deal][milestone] >= approvals_needed, "approvals"
    assert one.releasable_at == 0, "scheduled already"
    releasable_at: uint256 = block.timestamp + time_lock
    self.milestones[deal][milestone].releasable_at = releasable_at
    log Scheduled(deal=deal, milestone=milestone, releasable_at=releasable_at)


@external
def release(deal: bytes32, milestone: uint256):
    """
    Book a milestone to its payee. A large one needs its approvals and its time.
    """
    assert not self.paused, "paused"
    assert msg.sender == operator, "not the operator"
    one: Milestone = self._due(deal, milestone)
    if one.amount > threshold:
        assert self.approvals[deal][milestone] >= approvals_needed, "approvals"
        assert one.releasable_at != 0 and block.timestamp >= one.releasable_at, "time lock"
    self.milestones[deal][milestone].released = True
    self._book(deal, one.payee, one.amount)
    log Released(deal=deal, milestone=milestone, payee=one.payee, amount=one.amount)
    if self.deals[deal].held == 0:
        self.deals[deal].state = State.CLOSED


@external
def dispute(deal: bytes32):
    """
    Stop all releases of a deal until its arbiter has decided.
    """
    kept: Deal = self.deals[deal]
    assert msg.sender in [kept.buyer, kept.seller, kept.arbiter], "not a party"
    assert kept.state == State.FUNDED, "not funded"
    self.deals[deal].state = State.DISPUTED
    log Disputed(deal=deal, by=msg.sender)


# What brings money back: no pause stops it.


@external
def refund(deal: bytes32):
    """
    Give the buyer what is left. Anybody may ask after the deadline; before it, the seller
    alone, whose money it would be. While a dispute is open its arbiter decides, but not
    for ever: after the deadline and the longest time lock, the buyer is not kept waiting.
    """
    kept: Deal = self.deals[deal]
    assert kept.state == State.FUNDED or kept.state == State.DISPUTED, "nothing held"
    if kept.state == State.DISPUTED:
        assert block.timestamp >= kept.deadline + LOCK_MAX, "in dispute"
    elif block.timestamp < kept.deadline:
        assert msg.sender == kept.seller, "before the deadline"
    self.deals[deal].state = State.CLOSED
    self._book(deal, kept.buyer, kept.held)
    log Refunded(deal=deal, buyer=kept.buyer, amount=kept.held)


@external
def resolve(deal: bytes32, seller_amount: uint256):
    """
    End a dispute: the seller gets so much, and the buyer the rest.
    """
    kept: Deal = self.deals[deal]
    assert msg.sender == kept.arbiter, "not the arbiter"
    assert kept.state == State.DISPUTED, "no dispute"
    assert seller_amount <= kept.held, "more than is held"
    self.deals[deal].state = State.CLOSED
    self._book(deal, kept.seller, seller_amount)
    self._book(deal, kept.buyer, kept.held - seller_amount)
    log Resolved(
        deal=deal, buyer_amount=kept.held - seller_amount, seller_amount=seller_amount
    )


@external
@nonreentrant
def withdraw(token: address):
    """
    Fetch what is booked to the caller. Where the token refuses, it stays claimable.
    """
    self._pay(token, msg.sender, msg.sender)


@external
@nonreentrant
def withdraw_to(token: address, to: address):
    """
    Fetch it to another wallet: of a payee whom the token has put on its blacklist.
    """
    assert to != empty(address) and to != self, "nobody"
    self._pay(token, msg.sender, to)


@external
@nonreentrant
def withdraw_for(token: address, payee: address):
    """
    Send a payee what is booked to them, at the caller's cost and to nobody else.
    """
    self._pay(token, payee, payee)


@external
def set_paused(paused: bool):
    assert msg.sender == guardian, "not the guardian"
    self.paused = paused
    log PauseChanged(by=msg.sender, paused=paused)


@external
@view
def milestone(deal: bytes32, number: uint256) -> Milestone:
    return self.milestones[deal][number]


@external
@view
def milestone_count(deal: bytes32) -> uint256:
    return len(self.milestones[deal])


@external
@view
def digest(deal: bytes32, milestone: uint256) -> bytes32:
    """
    Answer what an approver signs.
    """
    return self._digest(deal, milestone)


@internal
def _approve(deal: bytes32, milestone: uint256, approver: address):
    assert not self.paused, "paused"
    self._due(deal, milestone)
    assert not self.has_approved[deal][milestone][approver], "approved already"
    count: uint256 = self.approvals[deal][milestone] + 1
    self.has_approved[deal][milestone][approver] = True
    self.approvals[deal][milestone] = count
    log Approved(deal=deal, milestone=milestone, approver=approver, count=count)


@internal
@view
def _due(deal: bytes32, milestone: uint256) -> Milestone:
    assert self.deals[deal].state == State.FUNDED, "not funded"
    one: Milestone = self.milestones[deal][milestone]
    assert not one.released, "released already"
    return one


@internal
@view
def _digest(deal: bytes32, milestone: uint256) -> bytes32:
    one: Milestone = self.milestones[deal][milestone]
    domain: bytes32 = keccak256(
        abi_encode(DOMAIN_TYPE, NAME, VERSION, chain.id, self)
    )
    approval: bytes32 = keccak256(
        abi_encode(APPROVAL_TYPE, deal, milestone, one.payee, one.amount)
    )
    return keccak256(concat(b"\x19\x01", domain, approval))


@internal
def _book(deal: bytes32, payee: address, amount: uint256):
    token: address = self.deals[deal].token
    self.deals[deal].held -= amount
    self.claimable[token][payee] += amount


@internal
def _pay(token: address, payee: address, to: address):
    amount: uint256 = self.claimable[token][payee]
    assert amount > 0, "nothing to claim"
    self.claimable[token][payee] = 0
    assert extcall IERC20(token).transfer(to, amount, default_return_value=True), "transfer"
    log Withdrawn(payee=payee, token=token, to=to, amount=amount)
