"""The API's page and its OpenAPI document, written from what the application answers.

    python -m tests.gateway.page

writes `docs/api.md` and `docs/api/openapi.json`; a test compares both with what is kept.
"""

import asyncio
import json
from pathlib import Path

from tests.gateway.examples import EXAMPLES
from tests.gateway.worlds import House
from toolkit.gateway.access import ACCESS
from toolkit.gateway.tokens import Role

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT, PAGE = DOCS / "api" / "openapi.json", DOCS / "api.md"
INTRODUCTION = """# API

Written by `make api` from [openapi.json](api/openapi.json) and from requests that were run;
a test fails when this page, the document and the application differ.

{description}

A token goes into `Authorization: Bearer …`. A command needs an `Idempotency-Key` that you
choose: the same request under the same key is done once, and answered the same to the byte.
Somebody else's escrow is answered as one that does not exist (404).

## Who may call what

| route | {roles} | nobody in particular |
|---|{dashes}|---|
"""


def document():
    """The OpenAPI document as it is committed."""
    return json.dumps(House().app.openapi(), indent=1, ensure_ascii=False) + "\n"


async def page():
    """The page as it is committed."""
    described = House().app.openapi()
    head = INTRODUCTION.format(
        description=described["info"]["description"],
        roles=" | ".join(Role),
        dashes="|".join([":-:"] * len(Role)),
    )
    sections = [await _section(described, *name) for name in ACCESS if name[0] != "HEAD"]
    return head + "".join(_row(*name) for name in ACCESS) + "\n" + "\n".join(sections)


def _row(method, path):
    allowed = ACCESS[method, path]
    marks = ["x" if allowed and role in allowed else "" for role in Role]
    return f"| `{method} {path}` | {' | '.join(marks)} | {'' if allowed else 'x'} |\n"


async def _section(described, method, path):
    operation = described["paths"][path][method.lower()]
    allowed = ACCESS[method, path]
    who = ", ".join(sorted(allowed)) if allowed else "anybody"
    answers = "".join(
        f"| {status} | {_words(answer)} |\n"
        for status, answer in sorted(operation["responses"].items())
    )
    return f"""## `{method} {path}`

{operation["description"]}

Who: {who}.{_headers(operation)}

| answer | |
|---|---|
{answers}
{await _example(method, path)}
"""


def _words(answer):
    kinds = ", ".join(f"`{kind}`" for kind in answer.get("content", ()))
    return f"{answer['description']}: {kinds}" if kinds else answer["description"]


def _headers(operation):
    wanted = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "header"]
    return f" Headers: {', '.join(f'`{name}`' for name in wanted)}." if wanted else ""


def _written(body):
    """Show a form as it is sent, and everything else as JSON."""
    return body.decode() if isinstance(body, bytes) else json.dumps(body)


async def _example(method, path):
    """Ask, and show the question and the answer."""
    example = EXAMPLES[method, path]
    answer = await House().ask(
        method,
        example.path,
        example.who,
        key="a-key-of-yours",
        body=example.body,
        headers=example.headers,
    )
    lines = [f"{method} {example.path}"]
    if example.role:
        lines.append(f"Authorization: Bearer <token of {example.subject}, {example.role}>")
    if method == "POST" and example.role in set(Role) - {Role.CONTRACTS}:
        lines.append("Idempotency-Key: a-key-of-yours")
    lines += [f"{name}: {value}" for name, value in example.headers.items()]
    if example.body is not None:
        lines += ["", _written(example.body)]
    lines += ["", f"{answer.status_code} {answer.headers['content-type']}"]
    lines += [json.dumps(answer.json(), indent=1)]
    return "```http\n" + "\n".join(lines) + "\n```\n"


def main():
    DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_text(document(), encoding="utf-8")
    PAGE.write_text(asyncio.run(page()), encoding="utf-8")


if __name__ == "__main__":
    main()
