"""The classic formulas of queues and of Kafka's sizing, to stand beside what is simulated.

Rates are in messages a second, times in seconds. `M/G/1` and the like are Kendall's names:
arrivals, service, servers. Sources: Kleinrock, Queueing Systems I (1975), for the queues;
Kafka: The Definitive Guide for partitions.
"""

from __future__ import annotations

from math import ceil, inf, log


def utilisation(rate: float, service_s: float, servers: int = 1) -> float:
    """The share of time that a server is busy; at 1 and above a queue has no end."""
    return rate * service_s / servers


def mg1_wait_mean(rate: float, service_s: float, cv2: float) -> float:
    """Mean wait before service, by Pollaczek and Khinchine; `cv2` is variance / mean²."""
    busy = utilisation(rate, service_s)
    if busy >= 1:
        return inf
    return rate * service_s**2 * (1 + cv2) / (2 * (1 - busy))


def md1_wait_mean(rate: float, service_s: float) -> float:
    """Mean wait where every service takes the same time."""
    return mg1_wait_mean(rate, service_s, 0.0)


def mm1_wait_mean(rate: float, service_s: float) -> float:
    """Mean wait where the times of service are exponential."""
    return mg1_wait_mean(rate, service_s, 1.0)


def erlang_c(offered: float, servers: int) -> float:
    """The probability of waiting in M/M/c; `offered` is rate times service, in erlangs.

    Computed by Erlang B's recursion, which does not overflow.
    """
    if offered >= servers:
        return 1.0
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def mmc_wait_mean(rate: float, service_s: float, servers: int) -> float:
    """Mean wait of one queue that `servers` share."""
    if utilisation(rate, service_s, servers) >= 1:
        return inf
    spare = servers / service_s - rate
    return erlang_c(rate * service_s, servers) / spare


def mmc_wait_quantile(rate: float, service_s: float, servers: int, q: float) -> float:
    """The wait that a share `q` of M/M/c's customers does not exceed."""
    if utilisation(rate, service_s, servers) >= 1:
        return inf
    waits = erlang_c(rate * service_s, servers)
    if waits <= 1 - q:
        return 0.0
    return log(waits / (1 - q)) / (servers / service_s - rate)


def mginf_live(rate: float, lifetime_s: float) -> float:
    """How many are alive at once, whatever the law of their lifetimes: Little's law."""
    return rate * lifetime_s


def partitions_by_throughput(
    rate: float, produced_per_s: float, consumed_per_s: float
) -> int:
    """The guide's rule: max(t/p, t/c), by what one partition is given and handles a second.

    It knows nothing of how long anybody waits.
    """
    return max(ceil(rate / produced_per_s), ceil(rate / consumed_per_s), 1)


def servers_by_erlang_c(rate: float, service_s: float, q: float, within_s: float) -> int:
    """The fewest servers of one shared queue that keep a share `q` of waits within a time.

    Keyed partitions share nothing, so they need more; this shows how many more.
    """
    servers = max(1, ceil(rate * service_s))
    while mmc_wait_quantile(rate, service_s, servers, q) > within_s:
        servers += 1
    return servers
