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
run_folder = "out/load"
baseline_folder = ""
prediction_file = ""

# %%
from loadtests import notebook

run = notebook.load(run_folder, baseline_folder, prediction_file)
notebook.stylesheet()

# %%
notebook.banner(run)

# %% [markdown]
# ## What was asked, and what came of it
#
# Latency counts from when a request was meant to be sent. A promise that could not be measured is broken.

# %%
promises = notebook.promises(run)
promises

# %% [markdown]
# ## Is every cent there?

# %%
notebook.money(run)

# %% [markdown]
# ## How long did a request take?

# %%
notebook.latency_over_time(run)

# %%
notebook.percentile_curve(run)

# %% [markdown]
# ## How long did people wait for what they had asked for?

# %%
notebook.flows(run)

# %% [markdown]
# ## What did each stage do?
#
# Lag is what was said and the read models have not heard. Where it rises to the end, the rate is too high.

# %%
notebook.throughput(run)

# %%
notebook.lag(run)

# %%
notebook.stages(run)

# %% [markdown]
# ## Where is the knee?

# %%
notebook.saturation(run)

# %% [markdown]
# ## Has it changed?

# %%
notebook.comparison(run)

# %% [markdown]
# ## Had the simulator said so?

# %%
notebook.prediction(run)

# %%
assert notebook.verdict_follows(run), "the verdict is not what its promises say"
assert notebook.every_sample_is_counted(run), "a sample is in no line of the table"
assert notebook.errors_are_the_samples(run), "a failure is in no line of the table"

# %%
notebook.confirmed(run)
