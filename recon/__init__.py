"""Do the books agree: a day's events against what Stripe, custodian and bank report."""
