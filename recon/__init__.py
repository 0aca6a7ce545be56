"""Do the books agree: one day's escrow events against the exports of Stripe, the custodian and the bank."""
