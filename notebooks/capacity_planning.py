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
run_folder = "out/capacity"

# %%
from sims import notebook

run = notebook.load_capacity(run_folder)
notebook.stylesheet()

# %%
notebook.capacity_banner(run)

# %% [markdown]
# ## The question

# %%
notebook.question(run)

# %% [markdown]
# ## What is assumed
#
# The answer is as good as these numbers. Those that were measured say where; those that were not are
# somebody's guess.

# %%
notebook.load_assumed(run)

# %%
notebook.stages(run)

# %% [markdown]
# ## How much does each load need?
#
# For each rate the smallest plan that keeps the promise. A plan counts as enough only where the upper end
# of its interval keeps it too.

# %%
notebook.demand_curve(run)

# %%
demand = notebook.demand(run)
demand

# %% [markdown]
# ## How much headroom has the plan?
#
# The plan of the rate that was asked about, under more and more load.

# %%
notebook.load_carried(run)

# %%
notebook.headroom(run)

# %% [markdown]
# ## What if?
#
# One thing at a time is a fifth less and a fifth more, with the same arrivals. What moves the quantile
# most should be measured best.

# %%
notebook.tornado(run)

# %%
notebook.what_matters(run)

# %%
notebook.what_if(run)

# %% [markdown]
# ## And when one dies?

# %%
notebook.after_death(run)

# %% [markdown]
# ## What would the classic formulas have said?

# %%
notebook.classic(run)

# %% [markdown]
# ## Verdict

# %%
notebook.capacity_verdict(run)

# %%
assert notebook.shows_every_rate(demand, run), "a rate is not shown"
assert notebook.plan_is_the_curves(run), "the plan is not the one that was found"
assert notebook.intervals_hold_their_quantiles(run), "an interval misses its quantile"

# %%
notebook.capacity_confirmed(run)
