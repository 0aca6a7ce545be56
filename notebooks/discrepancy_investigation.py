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
discrepancy_id = "dsc_"
run_folder = "out/run"
inputs_folder = "in/run"
state_file = ""
history_folder = ""

# %%
from recon import notebook

given = (discrepancy_id, run_folder, inputs_folder, state_file, history_folder)
case = notebook.load_case(*given)
notebook.stylesheet()

# %%
notebook.case_banner(case)

# %% [markdown]
# ## What is wrong?
#
# Expected is what we booked or computed, actual what is there; the difference is actual less expected.

# %%
notebook.case_facts(case)

# %% [markdown]
# ## What is to be done?

# %%
notebook.what_to_do(case)

# %% [markdown]
# ## What happened?
#
# All that our events and the providers' files say of it, in the order of time. What one side says and
# the other does not is what the investigation is about.

# %%
notebook.timeline_picture(case)

# %%
notebook.timeline(case)

# %% [markdown]
# ## What was matched?

# %%
notebook.case_pairs(case)

# %% [markdown]
# ## What came nearest, and why is it not the same?
#
# A record is matched by an identifier or not at all. For what stands alone, the nearest record of the
# other side is shown with every condition that it fails.

# %%
notebook.failed_gates(case)

# %% [markdown]
# ## How did it go from day to day?

# %%
notebook.case_days(case)

# %%
notebook.case_settled(case)

# %% [markdown]
# ## What does this rest on?

# %%
notebook.case_evidence(case)

# %% [markdown]
# ## Decision

# %%
notebook.case_sign_off(case)

# %%
assert notebook.tells_what_the_run_found(case), "the story's findings are not the run's"
assert notebook.pairs_are_the_runs(case), "a pair is not one of the run's"
assert notebook.differences_follow(case), "a difference is not actual less expected"

# %%
notebook.case_confirmed(case)
