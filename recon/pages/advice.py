"""What a finance analyst does next about a discrepancy of each code."""

from __future__ import annotations

NEXT_STEP = {
    "MISSING_AT_PROVIDER": (
        "Search the provider for the reference. If it never happened, have payments"
        " reverse the booking; else ask the provider why the export lacks it."
    ),
    "MISSING_IN_LEDGER": (
        "Ask payments whose money this is. Book it to its escrow, or send it back."
    ),
    "AMOUNT_MISMATCH": (
        "Compare both records. Have payments book the difference, or claim it from the"
        " provider."
    ),
    "CURRENCY_MISMATCH": (
        "Freeze the escrow. Have payments find out which currency was asked for, then"
        " correct the booking or return the money."
    ),
    "DUPLICATE_AT_PROVIDER": (
        "Refund or recall the second movement after making sure that the payer meant one."
    ),
    "DUPLICATE_EVENT": (
        "Have payments void the further event; check that nothing was paid out on its"
        " strength."
    ),
    "STATUS_MISMATCH": (
        "Ask the provider for the final status. Correct the booking before anybody is"
        " paid, or paid again."
    ),
    "UNCONFIRMED_BEYOND_SLA": (
        "Have treasury look at the transaction: speed it up, or replace it under the"
        " same reference."
    ),
    "FEE_VARIANCE": (
        "Hold the fee against the provider's price list. Book the difference to own"
        " funds, or claim it."
    ),
    "REFUND_NOT_CLAWED_BACK": (
        "Reverse the transfer to the seller, or make the escrow good from own funds today."
    ),
    "CHARGEBACK_UNBOOKED": (
        "Have disputes open the chargeback on the escrow and mind the deadline for"
        " evidence."
    ),
    "WRONG_RAIL": "Ask risk why the threshold was passed by; leave the decision on file.",
    "WRONG_TOKEN": (
        "Treat the deposit as not received. Freeze the escrow and tell the buyer."
    ),
    "WRONG_DESTINATION": (
        "Stop further payouts to the address, tell security, and ask the custodian to"
        " recall."
    ),
    "NEGATIVE_ESCROW_BALANCE": (
        "Make the escrow good from own funds today; then find out which payout was one"
        " too many."
    ),
    "OVERDUE_TRANSITION": (
        "Have the escrow team find the lost timer and move the escrow on."
    ),
    "ILLEGAL_TRANSITION": (
        "Stop payouts of this escrow until engineering has explained the event."
    ),
    "SEQUENCE_GAP": (
        "Have the platform team recover the missing event, then run the day again."
    ),
    "ARITHMETIC_BREAK": (
        "Send the row to the provider and ask for a corrected export; run the day again."
    ),
    "UNKNOWN_CATEGORY": (
        "Ask the provider what the category means; have the rules extended before it is"
        " booked."
    ),
    "PROVIDER_RESTATEMENT": (
        "Ask the provider why it changed; reopen the signed day if its figures no"
        " longer hold."
    ),
    "BALANCE_PROOF_BREAK": (
        "Export all files of the account again. If it stays, ask the provider which of"
        " its figures is right."
    ),
    "PAYOUT_NOT_DEPOSITED": (
        "Ask the bank for the end-to-end id. If it is unknown there, have Stripe trace"
        " the payout."
    ),
    "DEPOSIT_UNEXPLAINED": "Ask the bank who sent it; keep it apart until that is known.",
    "SAFEGUARDING_SHORTFALL": (
        "Make it good from own funds today, and report it to the person responsible for"
        " client money."
    ),
    "SAFEGUARDING_EXCESS": (
        "Find out whose it is. Own money leaves the client account today."
    ),
    "AMBIGUOUS": "Look at the candidates and decide which booking the row belongs to.",
    "SOURCE_MISSING": "Export the file, add it to the manifest, and run the day again.",
    "SOURCE_CORRUPT": "Export or transfer the file again, and run the day again.",
}
UNKNOWN = "Ask finance operations; no step is known for this code."


def next_step(code: str) -> str:
    """One or two plain sentences."""
    return NEXT_STEP.get(code, UNKNOWN)
