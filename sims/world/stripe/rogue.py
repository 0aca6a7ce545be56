"""Movements that nobody asked for, as when somebody clicks in the dashboard by mistake."""

from __future__ import annotations

from sims.world.faults import ROGUE_MOVEMENT
from sims.world.stripe import payment_intents, transfers
from sims.world.stripe.books import Books
from sims.world.stripe.wire import Wire

AMOUNT_MIN_MINOR, AMOUNT_MAX_MINOR = 100, 500_000
STRANGER = "acct_1NobodyAskedFor00"


def move(books: Books) -> None:
    """Draw a charge or a transfer; nobody can send more than is there."""
    stream = books.dice.stream(f"{ROGUE_MOVEMENT}:what")
    amount_minor = stream.randint(AMOUNT_MIN_MINOR, AMOUNT_MAX_MINOR)
    wants_transfer = stream.random() < 0.5
    if wants_transfer and books.funds.available_minor["usd"] >= amount_minor:
        transfer(books, amount_minor, "usd", STRANGER)
    else:
        charge(books, amount_minor, "usd")


def charge(books: Books, amount_minor: int, currency: str) -> Wire:
    """A charge without metadata: nothing in it names an escrow."""
    asked = {"amount": amount_minor, "currency": currency, "confirm": True}
    return payment_intents.create(books, {**asked, "payment_method": "pm_card_mastercard"})


def transfer(books: Books, amount_minor: int, currency: str, destination: str) -> Wire:
    """A transfer from the available balance, tied to no charge."""
    asked = {"amount": amount_minor, "currency": currency, "destination": destination}
    return transfers.create(books, asked)
