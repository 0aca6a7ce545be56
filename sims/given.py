"""Files that people write: read as YAML, checked by field, refused in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0, le=10_000_000, strict=True)]


class UnclearError(ValueError):
    """The file does not ask what can be answered; the message says where."""


class Given(BaseModel):
    """A part of a file. What is not known is an error, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


File = TypeVar("File", bound=Given)


def read_as(shape: type[File], path: Path) -> File:
    """Read a file.

    Raises UnclearError with the file and the field.
    """
    return checked(shape, raw(path), path)


def raw(path: Path) -> Any:
    """Read what stands in a file.

    Raises UnclearError with the file.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnclearError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        raise UnclearError(f"{path}: no YAML in UTF-8: {error}") from error


def checked(shape: type[File], given: Any, path: Path) -> File:
    """Check what stands in a file.

    Raises UnclearError with the file and the field.
    """
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        wrong = (
            f"{'.'.join(map(str, each['loc'])) or 'the file'}: {each['msg']}"
            for each in error.errors()
        )
        raise UnclearError(f"{path}: {'; '.join(wrong)}") from error
