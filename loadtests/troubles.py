"""What is done to the platform while it is driven: faults, sudden deaths, rebalances."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from loadtests.profiles import Deed
from loadtests.stand import Stand
from toolkit.infra.processes import ends_with_us


@dataclass(slots=True)
class Troubles:
    """Does deeds. What it started itself it ends."""

    stand: Stand
    tell: Callable[[str], None]
    joined: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def do(self, deed: Deed) -> None:
        match deed.do:
            case "faults":
                url = f"{self.stand.provider}/_sandbox/faults"
                asked = dict(deed.faults or {}) or {"plan": "calm"}
                httpx.post(url, json=asked, timeout=10.0).raise_for_status()
                self.tell(f"the provider: {deed.faults or 'well again'}")
            case "kill":
                pid = int((self._directory / f"{deed.service}.pid").read_text())
                os.kill(pid, signal.SIGKILL)
                self.tell(f"the {deed.service} service was killed")
            case "join":
                self.joined[deed.service] = self._second(deed.service)
                self.tell(f"a second {deed.service} service joins")
            case "leave":
                self._leave(deed.service)
                self.tell(f"the second {deed.service} service leaves")

    def end(self) -> None:
        for service in list(self.joined):
            self._leave(service)

    @property
    def _directory(self) -> Path:
        assert self.stand.env is not None, "a shape that does harm was refused before"
        return self.stand.env.parent

    def _second(self, service: str) -> subprocess.Popen[bytes]:
        env = str(self._directory / "platform.env")
        with (self._directory / f"{service}.second.log").open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "toolkit", "--env", env, "run", service),
                    *("--operations-port", "0"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=ends_with_us(),  # noqa: PLW1509 - one call of the kernel
            )

    def _leave(self, service: str) -> None:
        process = self.joined.pop(service, None)
        if process is not None:
            process.terminate()
            process.wait(30)
