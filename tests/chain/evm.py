"""An EVM in process: contracts are called straight, and a state can be put back."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from eth.chains.base import MiningChain
from eth.consensus.noproof import NoProofConsensus
from eth.db.atomic import AtomicDB
from eth.vm import forks
from eth.vm.message import Message
from eth.vm.transaction_context import BaseTransactionContext
from eth_abi.abi import decode
from eth_utils.address import to_canonical_address, to_checksum_address
from eth_utils.crypto import keccak

from toolkit.infra.chain.contract import Artifact, artifact

GAS = 10_000_000
START_S = 1_800_000_000
ERROR = keccak(text="Error(string)")[:4]
GENESIS = {
    "difficulty": 0,
    "extra_data": b"",
    "gas_limit": 30_000_000,
    "nonce": bytes(8),
    "timestamp": START_S - 1,
}


class Reverted(Exception):  # noqa: N818 - says what happened
    """The contract refused; the reason is its own words."""


@cache
def compiled(path):
    """Compile a contract of the tests; those of the product are compiled already."""
    from vyper.compiler import compile_code

    source = Path(__file__).with_name(path)
    made = compile_code(source.read_text(), output_formats=["abi", "bytecode"])
    return Artifact(abi=made["abi"], bytecode=made["bytecode"])


def address(number):
    """Somebody's address."""
    return to_checksum_address(number.to_bytes(20, "big"))


@dataclass
class Evm:
    """One chain of one fork, without blocks: each call is a transaction of its own."""

    fork: str = "ParisVM"
    count: int = 0
    log: list = field(default_factory=list)

    def __post_init__(self):
        vm_class = getattr(forks, self.fork).configure(consensus_class=NoProofConsensus)
        chain = MiningChain.configure(
            __name__="Chain", vm_configuration=((0, vm_class),), chain_id=31_337
        ).from_genesis(AtomicDB(), GENESIS)
        self.state = chain.get_vm().state
        self.now_s = START_S

    @property
    def now_s(self):
        return self.state.execution_context._timestamp

    @now_s.setter
    def now_s(self, moment):
        self.state.execution_context._timestamp = moment

    def deploy(self, what, *arguments, sender):
        self.count += 1
        to = keccak(self.count.to_bytes(32, "big"))[-20:]
        code = bytes.fromhex(what.deployment(*arguments).removeprefix("0x"))
        made = self._run(
            Message(
                to=b"",
                sender=to_canonical_address(sender),
                value=0,
                data=b"",
                code=code,
                gas=GAS,
                create_address=to,
            )
        )
        assert made is not None
        return Deployed(self, to_checksum_address(to), what)

    def send(self, to, data, sender):
        where = to_canonical_address(to)
        return self._run(
            Message(
                to=where,
                sender=to_canonical_address(sender),
                value=0,
                data=data,
                code=self.state.get_code(where),
                gas=GAS,
            )
        )

    def snapshot(self):
        return self.state.snapshot(), self.now_s

    def put_back(self, snapshot):
        kept, self.now_s = snapshot
        self.state.revert(kept)

    def _run(self, message):
        context = BaseTransactionContext(gas_price=0, origin=message.sender)
        kind = self.state.computation_class
        apply = kind.apply_create_message if message.is_create else kind.apply_message
        before = self.state.snapshot()
        done = apply(self.state, message, context)
        if done.is_error:
            self.state.revert(before)
            raise Reverted(_reason(bytes(done.output)))
        self.gas_used = done.get_gas_used()
        return bytes(done.output)


@dataclass
class Deployed:
    """A contract on it; a method call is a transaction, and answers what it returns."""

    evm: Evm
    address: str
    what: Artifact

    def __getattr__(self, name):
        function = self.what.function(name)

        def call(*arguments, sender=None):
            data = bytes.fromhex(self.what.encoded(name, *arguments).removeprefix("0x"))
            output = self.evm.send(self.address, data, sender or address(1))
            kinds = [_kind(part) for part in function["outputs"]]
            values = decode(kinds, output) if kinds else ()
            return values[0] if len(values) == 1 else values

        return call


def _kind(part):
    if part["type"] != "tuple":
        return part["type"]
    return f"({','.join(_kind(each) for each in part['components'])})"


def _reason(output):
    if output[:4] == ERROR:
        (reason,) = decode(["string"], output[4:])
        return reason
    return output.hex() or "no reason"


def product(name):
    return artifact(name)
