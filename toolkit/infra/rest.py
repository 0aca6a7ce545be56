"""A provider's REST API over HTTP: what came back, and whether anything was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from toolkit.core.errors import Unavailable, Unreached

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; a body that is no JSON is kept as text."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class HttpProvider:
    """One provider's API. Retries are not its business."""

    name: str
    client: httpx.AsyncClient
    body_is: Literal["json", "data"] = "json"  # or a form's

    async def call(
        self, method: str, path: str, params: Mapping[str, Any] | None = None
    ) -> Reply:
        place = "params" if method == "GET" else self.body_is
        sent: dict[str, Any] = {place: params} if params else {}
        try:
            answer = await self.client.request(method, path, **sent)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as closed:
            what = f"{self.name} is not reached: {type(closed).__name__}"
            raise Unreached(what) from closed
        except httpx.HTTPError as silence:
            what = f"{self.name} does not answer: {type(silence).__name__}"
            raise Unavailable(what) from silence
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(status=answer.status_code, headers=headers, body=body_of(answer))


def body_of(answer: httpx.Response) -> Any:
    """Read an answer's JSON, or its text where it is none."""
    try:
        return answer.json()
    except ValueError:
        return answer.text
