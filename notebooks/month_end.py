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
history_folder = "reconciliation"
month = "2026-11"

# %%
from recon import notebook

days = notebook.load_month(history_folder, month)
notebook.stylesheet()

# %%
notebook.month_banner(days)

# %% [markdown]
# ## What the month is made of
#
# One run a day, the one that counts. A day without a run or with incomplete inputs is not reconciled,
# whatever the days around it say.

# %%
notebook.month_scope(days)

# %%
calendar = notebook.calendar(days)
calendar

# %% [markdown]
# ## Do the balances roll forward?
#
# What each account opened the month with, all that moved, and what it closed with. Each day has to open
# with what the day before closed with; where it does not, or where a day is missing, the gap is shown.

# %%
roll_forward = notebook.month_roll_forward(days)
roll_forward

# %%
notebook.gaps_between_days(days)

# %%
notebook.balances_by_day(days)

# %%
notebook.month_three_way(days)

# %% [markdown]
# ## Was client money whole on every day?
#
# Held less owed to escrows less own funds. Anything but zero needs an explanation on the day itself:
# a shortfall is made good, an excess is withdrawn.

# %%
notebook.safeguarding_trend(days)

# %%
notebook.safeguarding_days(days)

# %% [markdown]
# ## Do we settle more than we find?

# %%
notebook.open_trend(days)

# %%
open_items = notebook.open_items(days)
open_items

# %% [markdown]
# ## How old is what is open?

# %%
notebook.ageing(days.runs[-1])

# %%
notebook.largest(days.runs[-1])

# %%
notebook.oldest(days.runs[-1])

# %% [markdown]
# ## What keeps coming back?
#
# A break that comes back has a cause that nobody has mended. Each mark is a day on which a code was
# found anew; what was carried along does not count again.

# %%
notebook.recurrence(days)

# %%
notebook.recurring(days)

# %% [markdown]
# ## What is carried into the next month?
#
# Signs are the provider's: money in is positive, money out negative. The difference is what is there
# less what should be there.

# %%
notebook.carried_items(days)

# %% [markdown]
# ## Sign-off

# %%
notebook.month_sign_off(days)

# %%
assert notebook.shows_every_day(calendar, days), "a day is not shown"
assert notebook.days_say_what_they_state(days), "a day's discrepancies are not its summary's"
assert notebook.is_month_rolled_forward(roll_forward), "a balance does not follow"
assert notebook.are_items_rolled_forward(open_items, days), "open items do not add up"

# %%
notebook.month_confirmed(days)
