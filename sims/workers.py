"""Where work that can be done at once is done: in processes here, or on a Ray cluster.

The work is the same function with the same arguments, and results come back in the order
of the jobs: who did them changes nothing.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from toolkit.core.message import record

LOOPBACK = "127.0.0.1"
Job = TypeVar("Job")
Result = TypeVar("Result")


class NoClusterError(RuntimeError):
    """There is no Ray to ask; the message says what to do."""


class Stopped(KeyboardInterrupt):
    """Somebody pressed Ctrl-C; the results there were by then, in order."""

    def __init__(self, so_far: Sequence[Any]) -> None:
        super().__init__()
        self.so_far = so_far


@record
class Workers:
    """Who works. With `is_cluster` so many as the cluster has; without it, processes."""

    processes: int = 2
    is_cluster: bool = False
    address: str | None = None  # of the cluster; none is one of this machine alone

    def results(
        self, work: Callable[[Job], Result], jobs: Sequence[Job]
    ) -> Iterable[Result]:
        """Do all jobs, and answer their results in order, each as soon as it may be."""
        if self.is_cluster:
            yield from _on_ray(work, jobs, self.address)
        elif self.processes == 1 or len(jobs) < 2:
            yield from map(work, jobs)
        else:
            # Forked ones would have the locks of a parent with threads, as pyarrow's.
            context = multiprocessing.get_context("forkserver")
            with ProcessPoolExecutor(self.processes, context, _quiet) as pool:
                try:
                    yield from pool.map(work, jobs)
                except (KeyboardInterrupt, GeneratorExit):
                    for child in multiprocessing.active_children():
                        child.terminate()  # nobody waits for what it is doing
                    raise

    def tracked(
        self,
        work: Callable[[Job], Result],
        jobs: Sequence[Job],
        console: Console,
        what: str,
    ) -> list[Result]:
        """Do all jobs, and show how far they are. Raises Stopped with what is done."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        times = (TimeElapsedColumn(), TimeRemainingColumn())
        with Progress(*columns, *times, console=console, transient=True) as progress:
            found = []
            done = progress.track(self.results(work, jobs), len(jobs), description=what)
            try:
                for each in done:
                    found.append(each)  # noqa: PERF402 - what is there when it is stopped
            except KeyboardInterrupt as stopped:
                raise Stopped(found) from stopped
            return found


def add_options(verb: argparse.ArgumentParser) -> None:
    """Let a command say who works."""
    verb.add_argument("--workers", type=_count, default=2, help="processes")
    verb.add_argument(
        "--cluster",
        nargs="?",
        const="",
        metavar="ADDRESS",
        help="work on Ray instead: on a cluster's address, or on this machine's cores",
    )


def chosen(asked: argparse.Namespace) -> Workers:
    """Read what a command was told."""
    return Workers(
        processes=asked.workers,
        is_cluster=asked.cluster is not None,
        address=asked.cluster or None,
    )


def _quiet() -> None:
    logging.disable(logging.CRITICAL)  # what fails shows in the results
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word


def _on_ray(
    work: Callable[[Job], Result], jobs: Sequence[Job], address: str | None
) -> Iterable[Result]:
    try:
        import ray  # noqa: PLC0415 - an extra that one machine does not need
    except ImportError as error:
        raise NoClusterError(
            "--cluster needs Ray: install the project with its extra `ray`, or leave "
            "--cluster out to work in processes"
        ) from error
    is_ours = not ray.is_initialized()
    if is_ours:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nobody else is told
        alone: dict[str, Any] = {"include_dashboard": False, "_node_ip_address": LOOPBACK}
        ray.init(address=address, log_to_driver=False, **({} if address else alone))
    try:
        remote: Any = ray.remote(work)
        waiting = [remote.remote(job) for job in jobs]
        for reference in waiting:
            yield ray.get(reference)
    finally:
        if is_ours:
            ray.shutdown()


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)
