"""Strings to pull in demos and tests; the platform never calls them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from sims.world.custodian import deposits, wire
from sims.world.custodian.books import USDC_CONTRACT, Books
from sims.world.custodian.errors import invalid, not_found
from sims.world.custodian.params import Params, address, base_units, text, whole
from sims.world.custodian.wallets import at_address
from sims.world.custodian.wire import Wire
from sims.world.faults import Faults, read_faults

if TYPE_CHECKING:
    from sims.world.custodian.model import CustodianModel


def perform(model: CustodianModel, method: str, path: str, params: Params) -> Wire:
    books = model.books
    match method, path.split("/")[2:]:
        case "GET", ["health"]:
            return {"status": "ok", "now": books.now().isoformat()}
        case "GET", ["statistics"]:
            return statistics(books)
        case "POST", ["deposits"]:
            return deposit(books, params)
        case "POST", ["blacklist"]:
            return blacklist(books, params)
        case "POST", ["gas"]:
            books.gas_wei = whole(params, "wei", 0, 0, 10**24)
            return {"gas_wei": books.gas_wei}
        case "POST", ["key"]:
            return {"key_id": model.keys.rotate(books.now())}
        case "POST", ["faults"]:
            return _set_faults(books, params)
        case "POST", ["faults", name, "next"]:
            return _strike_next(books, params, name)
    raise not_found("control", f"{method} {path}; see --help for them")


def deposit(books: Books, params: Params) -> Wire:
    """A buyer's wallet sends a token to one of our addresses."""
    to, source = address(params, "to"), address(params, "from")
    wallet = at_address(books, to)
    if wallet is None:
        raise not_found("wallet at", to)
    contract = text(params, "contract", USDC_CONTRACT)
    decimals = whole(params, "decimals", 6, 0, 18)
    token = books.token(text(params, "symbol", "USDC"), contract, decimals)
    units = base_units(params.get("amount"), token.decimals)
    row = deposits.arrive(books, wallet, token, units, source)
    return {"transaction": wire.transaction(row, token)}


def blacklist(books: Books, params: Params) -> Wire:
    """The token's issuer blocks an address, or with `blocked` false lets it go."""
    at = address(params, "address")
    if params.get("blocked", True) in (True, "true"):
        books.blacklisted.add(at)
    else:
        books.blacklisted.discard(at)
    return {"blacklisted": sorted(books.blacklisted)}


def statistics(books: Books) -> Wire:
    return {
        "objects": {
            name: getattr(books, name).added
            for name in ("wallets", "tokens", "transactions", "notifications")
        },
        "faults_struck": dict(sorted(books.dice.struck.items())),
        "webhooks": {**books.webhooks.tally, "queued": len(books.webhooks.queue)},
        "gas_wei": books.gas_wei,
    }


def _set_faults(books: Books, params: Params) -> Wire:
    """Replace the plan. `{"plan": "calm"}` heals everything."""
    try:
        books.dice.follow(read_faults(dict(params), "faults"))
    except ValueError as error:
        raise invalid(str(error)) from error
    return {"struck_so_far": dict(books.dice.struck)}


def _strike_next(books: Books, params: Params, name: str) -> Wire:
    """Let a fault strike the next `count` times, whatever its probability."""
    if name not in {item.name for item in fields(Faults) if item.default == 0.0}:
        raise invalid(f"no fault '{name}'")
    count = whole(params, "count", 1, 0, 1_000_000)
    books.dice.order(name, count)
    return {"fault": name, "will_strike": books.dice.ordered[name]}
