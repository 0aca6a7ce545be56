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
run_folder = "out/studies/inspection_window"

# %%
from sims import notebook

run = notebook.load_study(run_folder)
notebook.stylesheet()

# %%
notebook.study_banner(run)

# %% [markdown]
# ## What is compared

# %%
scenarios = notebook.scenarios(run)
scenarios

# %% [markdown]
# ## How much money is held?
#
# The mean of all replications at the end of each day. The first day is like any other: stories that were
# going on were drawn.

# %%
notebook.held_by_card(run)

# %%
notebook.held_on_chain(run)

# %% [markdown]
# ## How much own money is needed at once?
#
# For refunds that the card provider's balance does not cover yet, and for chargebacks after the seller was
# paid. What one escrow lacks is never taken from another.

# %%
notebook.own_money(run)

# %% [markdown]
# ## What was asked
#
# Scenarios are compared replication by replication, with the same chances: the difference is known far
# better than either mean.

# %%
notebook.figures(run)

# %% [markdown]
# ## What it does to all other amounts

# %%
notebook.money(run)

# %%
notebook.counts(run)

# %% [markdown]
# ## What the figures rest on

# %%
notebook.how_sure(run)

# %% [markdown]
# ## Verdict

# %%
notebook.study_verdict(run)

# %%
assert notebook.shows_every_scenario(scenarios, run), "a scenario is not shown"
assert notebook.means_are_the_results(run), "a mean is not that of the results"
assert notebook.days_are_the_results(run), "a day's end is not the result's"

# %%
notebook.study_confirmed(run)
