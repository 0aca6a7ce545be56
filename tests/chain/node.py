"""A node that speaks JSON-RPC in process, with a few troubles on demand."""

from contextlib import contextmanager
from re import sub

from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import BlockNotFound, TransactionFailed, ValidationError
from eth_utils.exceptions import ValidationError as EvmRefused
from hexbytes import HexBytes

from toolkit.core.errors import Unavailable
from toolkit.infra.chain.rpc import NodeError

REVERTED = 3


class Node:
    """Answers what the adapters call; `mines` is whether all is in a block at once."""

    def __init__(self):
        self.chain = EthereumTester(PyEVMBackend())
        self.unheard, self.published = [], []
        self.mines = True
        self.pool, self.offered = {}, {}

    def give(self, address, wei=10**20):
        rich = self.chain.get_accounts()[0]
        self.chain.send_transaction(
            {"from": rich, "to": address, "value": wei, "gas": 21_000}
        )

    @contextmanager
    def kept(self):
        """Lend the chain, and put it back as it was."""
        snapshot = self.chain.take_snapshot()
        self.published.clear()
        try:
            yield self
        finally:
            self.chain.revert_to_snapshot(snapshot)
            self.unheard, self.published = [], []
            self.pool, self.offered, self.mines = {}, {}, True

    def mine(self, blocks=1):
        """Put what waits into a block: of one account and nonce, who offers the most."""
        for raw in self.pool.values():
            self.chain.send_raw_transaction(raw)
        self.pool.clear()
        self.chain.mine_blocks(blocks)

    async def __call__(self, method, params):
        name = sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", method)
        answer = getattr(self, f"on_{name}")(*params)
        if method in self.unheard:
            self.unheard.remove(method)
            raise Unavailable("the node: its answer is lost")
        return answer

    async def made(self, account, what, *arguments):
        """Make a contract, and answer where it is."""
        tx_hash = await account.send(None, what.deployment(*arguments))
        return self.chain.get_transaction_receipt(tx_hash)["contract_address"]

    async def time(self):
        return self.chain.get_block_by_number("latest")["timestamp"]

    async def go_to(self, moment_s):
        """Let the next block be of a later moment."""
        self.chain.time_travel(moment_s)
        self.mine()

    async def step(self):
        self.mine()

    def on_eth_chain_id(self):
        return hex(self.chain.backend.chain.chain_id)

    def on_eth_block_number(self):
        return hex(self.chain.get_block_by_number("latest")["number"])

    def on_eth_get_transaction_count(self, address, block):
        return hex(self.chain.get_nonce(address, block))

    def on_eth_get_block_by_number(self, block, _full):
        found = self.chain.get_block_by_number(block)
        return {"baseFeePerGas": hex(found["base_fee_per_gas"])}

    def on_eth_max_priority_fee_per_gas(self):
        return hex(10**9)

    def on_eth_estimate_gas(self, call):
        return hex(self._tried(self.chain.estimate_gas, call))

    def on_eth_call(self, call, _block):
        given = {"from": self.chain.get_accounts()[0], "gas": 5_000_000, **call}
        return self._tried(self.chain.call, given)

    def on_eth_send_raw_transaction(self, raw):
        sender = Account.recover_transaction(raw)
        fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
        place = (sender, fields["nonce"])
        if fields["nonce"] < self.chain.get_nonce(sender, "latest"):
            raise NodeError(-32000, "nonce too low")
        if self.pool.get(place) == raw:
            raise NodeError(-32000, "already known")
        offered = fields["maxFeePerGas"]
        if place in self.pool and offered * 10 < self.offered[place] * 11:
            raise NodeError(-32000, "replacement transaction underpriced")
        self.published.append(raw)
        self.pool[place] = raw
        self.offered[place] = offered
        if self.mines:
            self.mine()
        return "0x"

    def on_eth_get_logs(self, asked):
        latest = int(self.on_eth_block_number(), 16)
        last = asked["toBlock"]
        found = self.chain.get_logs(
            from_block=int(asked["fromBlock"], 16),
            to_block=latest if last == "latest" else int(last, 16),
            address=asked["address"],
            topics=[t for t in asked["topics"] if t] if asked["topics"][0] else None,
        )
        wanted = asked["topics"]
        return [
            {
                "topics": [t.lower() for t in log["topics"]],
                "data": log["data"],
                "transactionHash": log["transaction_hash"],
                "blockNumber": hex(log["block_number"]),
                "logIndex": hex(log["log_index"]),
            }
            for log in found
            if all(
                want in (None, have)
                for want, have in zip(wanted, log["topics"], strict=False)
            )
        ]

    def _tried(self, ask, call):
        try:
            return ask(call)
        except (TransactionFailed, ValidationError, EvmRefused, BlockNotFound) as no:
            raise NodeError(REVERTED, f"execution reverted: {no}") from no
