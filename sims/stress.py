"""The STRESS-DES checklist of a run, filled from its manifest: what a reviewer asks for.

Monks and others (2019) list what a report of a simulation must say so that somebody else
can judge and repeat it. Everything here is taken from the manifest, or is true of every
run of its kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Manifest = Mapping[str, Any]

HEAD = """# STRESS-DES: {title}

The checklist "Strengthening the Reporting of Empirical Simulation Studies" for
discrete-event simulation, filled from `manifest.json` beside it.
"""

SHARED: Mapping[str, str] = {
    "5.1 Software": (
        "Python {python}; SimPy {packages[simpy]}, NumPy {packages[numpy]}, SciPy"
        " {packages[scipy]}, pandas {packages[pandas]}, PyArrow {packages[pyarrow]}. The"
        " code is that of commit `{commit}`."
    ),
    "6.1 Model sharing": (
        "The whole model is the repository at commit `{commit}`. The same command with the"
        " same file and seed {seed} gives the same results."
    ),
}

LIFECYCLE: Mapping[str, str] = {
    "1.1 Purpose": "{asked}",
    "1.2 Outputs": "{outputs}. All measures are in {results}.",
    "1.3 Aims of experimentation": (
        "Compare {names}. Each is compared with the first, replication by replication."
    ),
    "2.1 Overview": (
        "A contract opens an escrow; the buyer pays, is late or never pays; the seller"
        " delivers or does not; the buyer releases, is silent until the inspection is over,"
        " or disputes; banks take payments back. Money moves by card or on chain."
    ),
    "2.2 Logic of the base model": (
        "The deciders of the escrow and payments services as in production, without broker,"
        " database and relay; the card provider, the custodian and the screening vendors"
        " are the stateful models that also answer over HTTP in tests."
    ),
    "2.3 Logic of scenarios": "{scenarios}",
    "2.4 Algorithms": (
        "Double entry of every movement (`toolkit/payments/ledger.py`); measures from"
        " events alone (`sims/studies/measures.py`)."
    ),
    "2.5.1 Entities": "Escrows, each with a buyer, a seller and a bank.",
    "2.5.2 Activities": (
        "Paying, delivering, judging, disputing, arbitrating, charging back; calls to"
        " providers."
    ),
    "2.5.3 Resources": (
        "None is scarce: at this resolution nobody waits for a server. Capacity is another"
        " study (`python -m sims capacity`)."
    ),
    "2.5.4 Queues": "None, for the same reason.",
    "2.5.5 Entry and exit": (
        "Contracts arrive from 07:00 to 22:00 UTC; escrows leave released, refunded or"
        " cancelled, and those of sanctioned wallets stay frozen."
    ),
    "3.1 Data sources": (
        "The habits of people in `sims/world/habits.py` are assumptions, not measurements;"
        " fees are those of the card provider's public price list as the sandbox has them."
    ),
    "3.2 Input parameters": (
        "{question[escrows_per_day]:g} contracts a day in the mean; whatever a scenario"
        " does not name is as in `sims/world/habits.py`. The whole file is in the manifest."
    ),
    "3.3 Preprocessing": "None.",
    "3.4 Assumptions": (
        "Stories do not influence each other. Buyers whom the provider's page told of an"
        " error do not come back. What one escrow lacks is not covered by another's money."
        " A lost chargeback is written off when it is lost."
    ),
    "4.1 Initialisation": (
        "Steady state: contracts of the past are drawn like those of the present, each with"
        " a story of {question[stories]} that were played from the beginning, and those are"
        " kept that are still going on (M/G/∞ with the day's shape)."
    ),
    "4.2 Run length": (
        "{question[lasts_days]} days from {question[first_day]}; the measures are of these"
        " days alone."
    ),
    "4.3 Estimation": (
        "{replications} independent replications of each scenario, the same chances in all"
        " scenarios; 95 % intervals of means and of paired differences by Student's t."
    ),
    "5.2 Random sampling": (
        "Mersenne Twister (CPython's `random`), a stream for each entity and purpose, named"
        " and seeded from {seed}."
    ),
    "5.3 Model execution": (
        "SimPy's events in the order of time, and of their making where times are equal."
    ),
    "5.4 System": "Results do not depend on the machine or on the number of processes.",
}

CAPACITY: Mapping[str, str] = {
    "1.1 Purpose": "{asked}",
    "1.2 Outputs": "{outputs}. All measures are in {results}.",
    "1.3 Aims of experimentation": (
        "Find the smallest plan for each of the rates {rates} messages a second, and what"
        " the death of one consumer of each stage does to it."
    ),
    "2.1 Overview": "Messages pass these stages one after the other: {stages}.",
    "2.2 Logic of the base model": (
        "Keys are spread over partitions and partitions over consumers; a consumer handles"
        " what has arrived in batches, one batch after the other. Workers share one queue."
    ),
    "2.3 Logic of scenarios": (
        "The plan grows at its bottleneck until the upper end of the quantile's interval"
        " keeps the objective."
    ),
    "2.4 Algorithms": "Recursions of departures (Lindley's for batches of one), no events.",
    "2.5.1 Entities": "Messages, each with a key.",
    "2.5.2 Activities": "Handling a batch: a part of its own, and one for each message.",
    "2.5.3 Resources": "Consumers and workers, as the plan says.",
    "2.5.4 Queues": "One a consumer, one a pool of workers; first come, first served.",
    "2.5.5 Entry and exit": "Poisson arrivals at the first stage; the last one's end.",
    "3.1 Data sources": "{profile}",
    "3.2 Input parameters": "The whole file is in the manifest.",
    "3.3 Preprocessing": "None.",
    "3.4 Assumptions": (
        "Service times are gamma distributed around their mean. Stages do not share"
        " processors. Keys are alive for the whole run."
    ),
    "4.1 Initialisation": "Empty; the warm-up is cut by MSER-5 in every run.",
    "4.2 Run length": "{question[messages_per_run]:,} messages a run.",
    "4.3 Estimation": (
        "5 to 40 runs until the half-width is within {question[precision]:.0%} of the"
        " quantile; quantiles of all runs together, intervals by the jackknife."
    ),
    "5.2 Random sampling": (
        "NumPy's PCG64, a stream for each stage and purpose, named and seeded from {seed};"
        " plans are compared on the same arrivals."
    ),
    "5.3 Model execution": "One run after the other; their order changes nothing.",
    "5.4 System": "Results do not depend on the machine.",
}
KINDS = {"lifecycle study": LIFECYCLE, "capacity study": CAPACITY}


def stress(manifest: Manifest) -> str:
    """Fill the checklist of the run's kind."""
    kind = manifest["kind"]
    words = {**manifest, **_words(manifest)}
    items = {**KINDS[kind], **SHARED}
    text = HEAD.format(title=kind)
    for name in sorted(items):
        text += f"\n## {name}\n\n{items[name].format_map(words)}\n"
    return text


def _words(manifest: Manifest) -> dict[str, str]:
    question = manifest["question"]
    words = {
        "asked": " ".join(str(question["question"]).split()),
        "outputs": "; ".join(manifest["measures"].values()),
        "results": ", ".join(f"`{name}`" for name in manifest["results"]),
    }
    if manifest["kind"] == "lifecycle study":
        scenarios = question["scenarios"]
        words["names"] = ", ".join(f"“{name}”" for name in scenarios)
        words["scenarios"] = "\n".join(
            f"- {name}: {changed(given)}" for name, given in scenarios.items()
        )
        return words
    words["rates"] = ", ".join(f"{rate:g}" for rate in manifest["rates_per_s"])
    words["stages"] = ", ".join(stage["name"] for stage in question["stages"])
    words["profile"] = manifest["profile"] or (
        "The times of service stand in the file; nobody measured them here."
    )
    return words


def changed(scenario: Mapping[str, Any]) -> str:
    usual = {"growth": 1.0, "funding_hours": 72.0, "inspection_days": 7.0}
    told = [
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in scenario.items()
        if value and value != usual.get(name)
    ]
    return "; ".join(told) or "as things are"
