# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% tags=["parameters"]
run_folder = "out/run"
history_folder = ""

# %%
from recon import notebook

run = notebook.load(run_folder)
days = notebook.days_before(run, history_folder)
notebook.stylesheet()

# %%
notebook.banner(run)

# %% [markdown]
# ## What was compared
#
# Our own events of the day, held against the exports of Stripe, the custodian and the bank.

# %%
notebook.scope(run)

# %%
inputs = notebook.inputs(run)
inputs

# %%
notebook.control_totals(run)

# %%
quarantine = notebook.quarantine(run)
quarantine

# %% [markdown]
# ## Do the balances tie out?
#
# Each account on its own first: what it opened with, what moved, what it closed with. A difference
# is taken apart below until nothing is left, or until it is plain what nobody can explain yet.

# %%
roll_forward = notebook.roll_forward(run)
roll_forward

# %%
notebook.itemised(run)

# %% [markdown]
# ## Does what we hold equal what we owe?
#
# Client money is safe when each rail holds exactly what the escrows are owed plus what is our own.
# Escrows in debt are left out: nobody's money pays for another's.

# %%
safeguarding = notebook.safeguarding(run)
safeguarding

# %%
notebook.held_against_owed(run)

# %%
bridge = notebook.bridge(run)
bridge

# %%
notebook.safeguarding_trend(days)

# %% [markdown]
# ## Do all three sides say the same?
#
# What we booked, what the provider moved, and what arrived at the bank or on chain. A difference is timing,
# a discrepancy with its name, or it is left over; what is left over nobody has explained.

# %%
three_way = notebook.three_way(run)
three_way

# %%
made_of = notebook.made_of(run)
made_of

# %%
notebook.conversions(run)

# %% [markdown]
# ## How much was matched?
#
# A booking is matched by an identifier or not at all; amounts never decide, and no row is used twice.

# %%
notebook.confirmed_shares(run)

# %%
notebook.match_rates(run)

# %%
notebook.pairs(run)

# %% [markdown]
# ## What does not agree?
#
# Signs are the provider's: money in is positive, money out negative. The difference is what is there
# less what should be there. The gravest and oldest come first.

# %%
discrepancies = notebook.discrepancies(run)
notebook.findings(discrepancies)

# %%
notebook.how_many_are_new(run)

# %%
notebook.by_code(run)

# %% [markdown]
# ## What would be booked?
#
# A proposal for what is new, and the reverse of it for what is resolved. Nothing is posted: whoever keeps
# the books decides, and changes accounts in the chart.

# %%
journal = notebook.journal(run)
journal

# %% [markdown]
# ## How old is what is open?

# %%
notebook.escalations(run)

# %%
notebook.ageing(run)

# %%
notebook.largest(run)

# %%
notebook.oldest(run)

# %%
notebook.open_trend(days)

# %%
notebook.settled(run)

# %% [markdown]
# ## What is in transit?
#
# Timing, not breaks: one side is there, the other is still on its way and within its time.

# %%
in_transit = notebook.in_transit(run)
in_transit

# %% [markdown]
# ## Which controls hold?
#
# Each question is asked of the whole day. What does not hold leads to its discrepancies above.

# %%
controls = notebook.controls(run)
controls

# %%
notebook.evidence_holds(run)

# %% [markdown]
# ## What is handed out?
#
# The figures are the same in all of them. `python -m recon investigate ID` makes the page of one
# discrepancy or escrow: its timeline, its matches, and the candidates that came nearest.

# %%
notebook.exports(run)

# %% [markdown]
# ### All files of this run

# %%
notebook.files(run)

# %% [markdown]
# ## Sign-off

# %%
notebook.sign_off(run)

# %%
found = notebook.totals(discrepancies, ("Code", "Rail", "Currency"), "Difference")
assert found == notebook.stated_discrepancies(run), "discrepancies are not the summary's"
assert notebook.verdict_of(discrepancies) == run.summary["verdict"], "another verdict follows"
assert notebook.shows_every_hash(inputs, run), "an input is not shown"
assert notebook.are_all_controlled(controls, run), "a discrepancy is under no control"

# %%
assert notebook.shows_quarantine(quarantine, run), "a row in quarantine is not shown"
assert notebook.is_balanced(journal), "a proposed entry does not balance"
assert notebook.ties_follow(three_way, made_of), "a three-way tie does not follow"

# %%
waiting = notebook.totals(in_transit, ("Kind", "Rail", "Currency"), "Amount")
assert waiting == notebook.stated_in_transit(run), "items in transit are not the summary's"
assert notebook.is_rolled_forward(roll_forward), "a balance does not follow"
assert notebook.is_held_against_owed(safeguarding), "what is held and owed does not add up"
assert notebook.are_bridged(bridge), "a difference is not the sum of its parts"

# %%
notebook.confirmed(run)
