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
run_folder = "out/violation"

# %%
from sims import notebook

run = notebook.load_violation(run_folder)
notebook.stylesheet()

# %%
notebook.violation_banner(run)

# %% [markdown]
# ## To see it again

# %%
notebook.reproducing(run)

# %% [markdown]
# ## Who said what when?
#
# The story of the escrows that the broken laws name; of everybody, where they name nobody. Crosses are
# trouble of any kind that struck meanwhile, a lane for each kind; a dotted line is a moment at which
# a law was seen to be broken.

# %%
notebook.violation_picture(run)

# %%
notebook.concerned(run)

# %%
timeline = notebook.violation_timeline(run)
timeline

# %%
assert notebook.is_in_order(timeline), "the story is not in the order of time"
assert notebook.shows_every_line(timeline, run), "a line is not shown"
assert notebook.says_how_to_see_it_again(run), "the command plays another history"

# %%
notebook.violation_confirmed(run)
