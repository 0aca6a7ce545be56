"""How many seeds it takes to catch each planted bug: `python -m tests.sims.mutants`."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from statistics import median

from sims.search.trial import drawn, judged
from tests.sims.mutants import MUTANTS, planted

NAMED = {mutant.__name__: mutant for mutant in MUTANTS}
SEEDS_MAX = 500


def caught(name: str, seeds_max: int = SEEDS_MAX) -> tuple[str, int | None, str]:
    """Search as anybody would, seed after seed; answer the first that breaks a law."""
    with planted(NAMED[name]):
        for seed in range(1, seeds_max + 1):
            if broken := judged(drawn(seed), is_hasty=True).broken:
                return name, seed, broken[0]
    return name, None, "never"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.sims.mutants", description=__doc__
    )
    parser.add_argument("--seeds", type=int, default=SEEDS_MAX, help="at most, for each")
    parser.add_argument("--only", nargs="*", choices=sorted(NAMED), help="these bugs")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    names = asked.only or list(NAMED)
    seeds: list[int] = []
    with ProcessPoolExecutor(asked.workers) as pool:
        for name, seed, why in pool.map(caught, names, [asked.seeds] * len(names)):
            print(f"{seed or '-':>5}  {name:<45} {why[:90]}", flush=True)
            seeds += [seed] if seed else []
    for seed in sorted(set(seeds)):  # what breaks without a bug catches nothing
        if broken := judged(drawn(seed)).broken:
            print(f"seed {seed} is broken as it is: {broken[0]}")
            return 1
    count = f"{len(seeds)}/{len(names)} caught within {asked.seeds} seeds"
    print(f"{count}, median seed {median(seeds) if seeds else '-'}")
    return 0 if len(seeds) == len(names) else 1


if __name__ == "__main__":
    sys.exit(main())
