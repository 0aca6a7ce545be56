"""A small schema registry that speaks Confluent's API, for runs without a real one.

It keeps Protobuf schemas in memory, gives equal schemas equal ids, and refuses a version
that readers or writers of its neighbours could not live with. A schema is the base64 text
of its `FileDescriptorProto`, which is what Confluent's own client registers.

`python -m toolkit.infra.registry --port 8081` serves it on loopback.
"""

from __future__ import annotations

import argparse
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from toolkit.infra.registry_store import Reference, Refused, Registry, Schema, Version

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"


class Answer(JSONResponse):
    media_type = MEDIA_TYPE


class NamedReference(BaseModel):
    name: str
    subject: str
    version: int


class SchemaBody(BaseModel):
    text: str = Field(alias="schema")
    type: str = Field(default="AVRO", alias="schemaType")
    references: list[NamedReference] = []

    def schema_of(self) -> Schema:
        return Schema(
            type=self.type,
            text=self.text,
            references=tuple(
                Reference(name=r.name, subject=r.subject, version=r.version)
                for r in self.references
            ),
        )


class LevelBody(BaseModel):
    compatibility: str


def application(registry: Registry) -> FastAPI:
    """Serve this registry."""
    app = FastAPI(title="Schema registry", default_response_class=Answer)
    app.add_exception_handler(Refused, _refusal)
    _serve_subjects(app, registry)
    _serve_schemas(app, registry)
    _serve_levels(app, registry)
    return app


async def _refusal(_: Request, refused: Exception) -> Answer:
    assert isinstance(refused, Refused)
    return Answer(
        {"error_code": refused.code, "message": str(refused)}, status_code=refused.status
    )


def _serve_subjects(app: FastAPI, registry: Registry) -> None:
    # A subject may be a file's name, hence the path; the longer routes come first.

    @app.get("/subjects")
    async def subjects() -> list[str]:
        return sorted(registry.subjects)

    @app.get("/subjects/{subject:path}/versions/{number}")
    async def version(subject: str, number: str) -> dict[str, Any]:
        return _version(registry.version(subject, number))

    @app.get("/subjects/{subject:path}/versions")
    async def versions(subject: str) -> list[int]:
        return [version.number for version in registry.versions(subject)]

    @app.post("/subjects/{subject:path}/versions")
    async def register(subject: str, body: SchemaBody) -> dict[str, Any]:
        return _version(registry.register(subject, body.schema_of()))

    @app.post("/subjects/{subject:path}")
    async def lookup(subject: str, body: SchemaBody) -> dict[str, Any]:
        return _version(registry.lookup(subject, body.schema_of()))


def _serve_schemas(app: FastAPI, registry: Registry) -> None:
    @app.get("/schemas/types")
    async def types() -> list[str]:
        return ["PROTOBUF"]

    @app.get("/schemas/ids/{id}/versions")
    async def versions_of(id: int) -> list[dict[str, Any]]:
        return registry.versions_of(id)

    @app.get("/schemas/ids/{id}")
    async def schema(id: int) -> dict[str, Any]:
        return _schema(registry.schema(id))

    @app.post("/compatibility/subjects/{subject:path}/versions/{number}")
    async def compatible(subject: str, number: str, body: SchemaBody) -> dict[str, Any]:
        against = registry.version(subject, number)
        problems = registry.problems(subject, body.schema_of(), [against])
        return {"is_compatible": not problems, "messages": problems}


def _serve_levels(app: FastAPI, registry: Registry) -> None:
    @app.get("/config")
    async def level() -> dict[str, str]:
        return {"compatibilityLevel": registry.level()}

    @app.put("/config")
    async def set_level(body: LevelBody) -> dict[str, str]:
        registry.set_level(body.compatibility)
        return {"compatibility": body.compatibility}

    @app.get("/config/{subject:path}")
    async def level_of(subject: str) -> dict[str, str]:
        return {"compatibilityLevel": registry.own_level(subject)}

    @app.put("/config/{subject:path}")
    async def set_level_of(subject: str, body: LevelBody) -> dict[str, str]:
        registry.set_level(body.compatibility, subject)
        return {"compatibility": body.compatibility}


def _version(version: Version) -> dict[str, Any]:
    place = {"subject": version.subject, "version": version.number, "id": version.id}
    return {**place, **_schema(version.schema)}


def _schema(schema: Schema) -> dict[str, Any]:
    answer: dict[str, Any] = {"schemaType": schema.type, "schema": schema.text}
    if schema.references:
        answer["references"] = [
            {"name": r.name, "subject": r.subject, "version": r.version}
            for r in schema.references
        ]
    return answer


def main() -> None:
    """Serve an empty registry on loopback until we are stopped."""
    parser = argparse.ArgumentParser(description="A schema registry in memory.")
    parser.add_argument("--port", type=int, default=8081)
    port: int = parser.parse_args().port
    uvicorn.run(application(Registry()), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
