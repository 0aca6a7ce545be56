# pragma version 0.4.3
# pragma evm-version paris
"""
A dollar token of tests, with a blacklist, and on demand with manners that tokens have.
"""

interface Escrow:
    def withdraw(token: address): nonpayable
    def withdraw_for(token: address, payee: address): nonpayable
    def fund(deal: bytes32): nonpayable

balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
blacklisted: public(HashMap[address, bool])
fee: public(uint256)
comes_back: public(bool)
victim: public(address)
deal: public(bytes32)
tries: public(uint256)
successes: public(uint256)


@external
def mint(to: address, amount: uint256):
    self.balanceOf[to] += amount


@external
def blacklist(who: address, blacklisted: bool):
    self.blacklisted[who] = blacklisted


@external
def take(fee: uint256):
    self.fee = fee


@external
def come_back(victim: address, deal: bytes32):
    self.comes_back = True
    self.victim = victim
    self.deal = deal


@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    return True


@external
def transfer(to: address, amount: uint256) -> bool:
    self._move(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    self.allowance[owner][msg.sender] -= amount
    self._move(owner, to, amount)
    return True


@internal
def _move(owner: address, to: address, amount: uint256):
    assert not self.blacklisted[owner] and not self.blacklisted[to], "blacklisted"
    self.balanceOf[owner] -= amount
    self.balanceOf[to] += amount - self.fee
    if self.comes_back:
        # A hostile token calls whoever pays with it, before that payment is over.
        for data: Bytes[100] in [
            abi_encode(self, method_id=method_id("withdraw(address)")),
            abi_encode(self, to, method_id=method_id("withdraw_for(address,address)")),
            abi_encode(self.deal, method_id=method_id("fund(bytes32)")),
        ]:
            self.tries += 1
            success: bool = raw_call(self.victim, data, revert_on_failure=False)
            if success:
                self.successes += 1
