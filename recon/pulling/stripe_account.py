"""Read a Stripe account's balance transactions through the official SDK, page by page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import httpx
import stripe

from recon.faults import SourceMissingError, WrongUsageError

PAGE = 100  # the most that Stripe gives at once
RETRIES = 4  # only reads are made, so asking again changes nothing
TIMEOUT_S = 30.0
KEY = "RECON_STRIPE_API_KEY"
FILES = "https://files.stripe.com"
PAUSES_S = (0.2, 1, 2, 4, 8, *(15,) * 60)  # a report takes minutes when Stripe is busy
MAY_READ = "Balance transactions, Charges, Refunds, Disputes, Transfers and Payouts,\
 for the summary also Report runs and report types"

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StripeAccess:
    """Whom to ask, with which key, and for which sources. The key is never printed."""

    key: str = field(repr=False)
    url: str | None
    sources: frozenset[str]


def key_of(environment: Mapping[str, str]) -> str:
    """Read the key from the environment, or from the file that it names."""
    path = environment.get(f"{KEY}_FILE")
    try:
        text = Path(path).read_text(encoding="utf-8") if path else environment.get(KEY, "")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsageError(f"{KEY}_FILE {path} cannot be read") from error
    key = text.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise WrongUsageError(
            f"Stripe is asked with a key: set {KEY}, or {KEY}_FILE to the file that"
            f" holds it; a restricted key suffices that may read {MAY_READ}"
        )
    return key


@dataclass(frozen=True, slots=True)
class StripeAccount:
    """What the pull asks of Stripe; objects come as plain mappings."""

    client: stripe.StripeClient
    access: StripeAccess
    sleep: Callable[[float], None] = time.sleep

    @property
    def where(self) -> str:
        """Who is asked, for those who read of it."""
        return self.access.url or "api.stripe.com"

    def balance_transactions(
        self, start: datetime, stop: datetime, type: str | None = None
    ) -> Iterator[Object]:
        """Give what was created in `[start, stop)`, newest first, with its source."""
        created = {"gte": int(start.timestamp()), "lt": int(stop.timestamp())}
        asked: dict[str, Any] = {
            "limit": PAGE,
            "created": created,
            "expand": ["data.source"],
        }
        if type:
            asked["type"] = type
        while True:
            page = self._asked(self.client.v1.balance_transactions.list, asked)
            yield from page["data"]
            if not page["has_more"]:
                return
            asked["starting_after"] = page["data"][-1]["id"]

    def report(
        self, type: str, start: datetime, stop: datetime, columns: Sequence[str]
    ) -> bytes:
        """Have Stripe write a report of `[start, stop)`, wait, and give its bytes."""
        asked = {
            "report_type": type,
            "parameters": {
                "interval_start": int(start.timestamp()),
                "interval_end": int(stop.timestamp()),
                "timezone": "Etc/UTC",
                "columns": list(columns),
            },
        }
        runs = self.client.v1.reporting.report_runs
        run = self._asked(runs.create, asked)
        for pause_s in PAUSES_S:
            if run["status"] == "succeeded":
                return self._file(run["result"]["id"])
            if run["status"] == "failed":
                raise SourceMissingError(
                    f"Stripe at {self.where} could not write {type}: {run['error']};"
                    " nothing was written: collect again later"
                )
            self.sleep(pause_s)
            run = self._asked(runs.retrieve, run["id"])
        raise SourceMissingError(
            f"Stripe at {self.where} has not written {type} ({run['id']}) after"
            f" {sum(PAUSES_S) // 60:.0f} minutes; nothing was written: collect again later"
        )

    def _file(self, id: str) -> bytes:
        """Download a file; it lies at another host than the API."""
        url = f"{self.access.url or FILES}/v1/files/{id}/contents"
        try:
            answer = httpx.get(
                url,
                headers={"Authorization": f"Bearer {self.access.key}"},
                timeout=TIMEOUT_S,
            )
            answer.raise_for_status()
        except httpx.HTTPError as error:
            said = type(error).__name__
            raise SourceMissingError(
                f"the report at {url} cannot be downloaded ({said});"
                " nothing was written: collect again later"
            ) from error
        return answer.content

    def charge(self, id: str) -> Object:
        return self._asked(self.client.v1.charges.retrieve, id)

    def transfer(self, id: str) -> Object:
        return self._asked(self.client.v1.transfers.retrieve, id)

    def _asked(self, method: Callable[..., Any], *given: Any) -> Object:
        with self._explained():
            answer: Object = method(*given).to_dict()
        return answer

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Say of a refusal what to do. What Stripe says of a wrong key is not repeated."""
        try:
            yield
        except stripe.AuthenticationError as error:
            raise SourceMissingError(
                f"Stripe at {self.where} refuses the key; see that {KEY} or {KEY}_FILE"
                " holds a valid key of this account"
            ) from error
        except stripe.PermissionError as error:
            raise SourceMissingError(
                f"the key may not read what the pull needs at {self.where};"
                f" let it read {MAY_READ}"
            ) from error
        except stripe.APIConnectionError as error:
            raise SourceMissingError(
                f"Stripe at {self.where} does not answer; nothing was written:"
                " see the address and the network, and collect again"
            ) from error
        except stripe.StripeError as error:
            said = " ".join(str(error.user_message or type(error).__name__).split())
            raise SourceMissingError(
                f"Stripe at {self.where} answers with an error ({error.http_status}:"
                f" {said:.200}); nothing was written: collect again later"
            ) from error


@contextmanager
def opened(access: StripeAccess) -> Iterator[StripeAccount]:
    """Open a client for reads, which the SDK repeats where that helps."""
    http = stripe.HTTPXClient(timeout=TIMEOUT_S, allow_sync_methods=True)
    client = stripe.StripeClient(
        access.key,
        base_addresses=cast("Any", {"api": access.url} if access.url else {}),
        http_client=http,
        max_network_retries=RETRIES,
    )
    try:
        yield StripeAccount(client, access)
    finally:
        http.close()  # type: ignore[no-untyped-call]
