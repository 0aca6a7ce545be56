"""A deal on an EVM of its own: people, their dollars, and the contract between them."""

from dataclasses import dataclass

from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.chain.evm import Deployed, Evm, address, compiled, product

DAY_S = 86_400
LOCK_S = 2 * DAY_S
THRESHOLD = 1_000
NEEDED = 2
LONGEST_LOCK_S = 30 * DAY_S
OPERATOR, GUARDIAN, BUYER, SELLER, ARBITER, STRANGER = map(address, range(0x101, 0x107))
PAYEES = (SELLER, address(0x201), address(0x202))
KEYS = [Account.from_key(number.to_bytes(32, "big")) for number in (11, 12, 13)]
APPROVERS = [key.address for key in KEYS]
OPEN, FUNDED, DISPUTED, CLOSED = 1, 2, 4, 8
ONE = b"\1" * 32


@dataclass
class House:
    """The contract and a token, with nothing in them yet."""

    evm: Evm
    coin: Deployed
    escrow: Deployed

    @classmethod
    def built(cls, fork="ParisVM"):
        evm = Evm(fork)
        coin = evm.deploy(compiled("Coin.vy"), sender=OPERATOR)
        escrow = evm.deploy(
            product("MilestoneEscrow"),
            *(OPERATOR, GUARDIAN, APPROVERS, NEEDED, THRESHOLD, LOCK_S),
            sender=OPERATOR,
        )
        return cls(evm, coin, escrow)

    def create(self, deal=ONE, terms=((SELLER, 400), (SELLER, 5_000)), days=30, **sent):
        deadline = self.evm.now_s + days * DAY_S
        self.escrow.create(
            *(deal, BUYER, SELLER, ARBITER, self.coin.address, list(terms), deadline),
            **{"sender": OPERATOR} | sent,
        )

    def fund(self, deal=ONE, *, payer=BUYER):
        total = sum(
            self.escrow.milestone(deal, number)[1]
            for number in range(self.escrow.milestone_count(deal))
        )
        self.coin.mint(payer, total)
        self.coin.approve(self.escrow.address, total, sender=payer)
        self.escrow.fund(deal, sender=payer)

    def funded(self, **terms):
        self.create(**terms)
        self.fund(terms.get("deal", ONE))
        return self

    def approve(self, milestone, count=NEEDED, deal=ONE):
        for approver in APPROVERS[:count]:
            self.escrow.approve(deal, milestone, sender=approver)

    def release(self, milestone, deal=ONE):
        self.escrow.release(deal, milestone, sender=OPERATOR)

    def state(self, deal=ONE):
        return self.escrow.deals(deal)[6]

    def held(self, deal=ONE):
        return self.escrow.deals(deal)[5]

    def claimable(self, payee):
        return self.escrow.claimable(self.coin.address, payee)

    def withdraw(self, payee):
        self.escrow.withdraw(self.coin.address, sender=payee)

    def signature(self, key, milestone, deal=ONE, **other):
        """Sign an approval as EIP-712 has it, by somebody else's library."""
        payee, amount, *_ = self.escrow.milestone(deal, milestone)
        domain = {
            "name": "MilestoneEscrow",
            "version": "1",
            "chainId": 31_337,
            "verifyingContract": self.escrow.address,
        }
        fields = [
            {"name": "deal", "type": "bytes32"},
            {"name": "milestone", "type": "uint256"},
            {"name": "payee", "type": "address"},
            {"name": "amount", "type": "uint256"},
        ]
        said = {"deal": deal, "milestone": milestone, "payee": payee, "amount": amount}
        message = encode_typed_data(domain | other, {"Approval": fields}, said)
        signed = key.sign_message(message)
        return signed.v, signed.r, signed.s
