"""Chains to test against: one in process, and anvil where it can be had."""

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from toolkit.infra.chain.rpc import Rpc
from toolkit.infra.processes import free_port

KEY = "11" * 32  # the account's, on chains that nobody else has


class Clock:
    def __init__(self):
        self.at = datetime(2027, 1, 1, tzinfo=UTC)

    def now(self):
        return self.at

    async def sleep(self, delay):
        self.at += delay

    def advance(self, **parts):
        self.at += timedelta(**parts)


@pytest.fixture
def clock():
    return Clock()


@dataclass
class Anvil:
    """A node of other hands, over HTTP."""

    rpc: Rpc

    async def give(self, address):
        await self.rpc("anvil_setBalance", [address, hex(10**20)])

    async def made(self, account, what, *arguments):
        tx_hash, receipt = await account.send(None, what.deployment(*arguments)), None
        while receipt is None:
            receipt = await self.rpc("eth_getTransactionReceipt", [tx_hash])
        return receipt["contractAddress"]

    async def time(self):
        block = await self.rpc("eth_getBlockByNumber", ["latest", False])
        return int(block["timestamp"], 16)

    async def go_to(self, moment_s):
        await self.rpc("evm_setNextBlockTimestamp", [moment_s])
        await self.step()

    async def step(self):
        await self.rpc("evm_mine", [])


@contextmanager
def anvil(*more):
    """Run anvil, which `ANVIL` names or the path has; skip by name where neither does."""
    program = os.environ.get("ANVIL") or shutil.which("anvil")
    if program is None:
        pytest.skip(
            "anvil is not here: npm install @foundry-rs/anvil, and name it in ANVIL"
        )
    port = free_port()
    command = [program, "--port", str(port), "--silent", *more]
    process = subprocess.Popen(command)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                httpx.post(url, json={"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"})
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)
