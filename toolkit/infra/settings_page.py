"""Settings as people read them: what a process would use, and the page about them all."""

from __future__ import annotations

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from toolkit.infra.settings import PREFIX, Settings

HEADING = """# Settings

Every process reads these from its environment. A value may also be in the file that
`ESCROW_<NAME>_FILE` names, or in one called `escrow_<name>` in the folder `ESCROW_SECRETS`.
`python -m toolkit settings` prints what a process would use, without secrets;
`python -m toolkit settings --reference` prints this page.

| name | default | meaning |
|---|---|---|"""


def shown(settings: Settings) -> dict[str, str | None]:
    """Show every setting to whoever operates us; of a secret, only that it is set."""
    return {
        f"{PREFIX}{name.upper()}": _shown(getattr(settings, name))
        for name in Settings.model_fields
    }


def reference() -> str:
    """Write a page about every setting: name, default, meaning, in Markdown."""
    rows = [
        f"| `{PREFIX}{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join([HEADING, *rows]) + "\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**must be set**"
    return "" if field.default in (None, (), {}) else f"`{field.default}`"


def _shown(value: object) -> str | None:
    match value:
        case None:
            return None
        case SecretStr():
            return "set, not shown" if value.get_secret_value() else "set, but empty"
        case tuple():
            return ", ".join(_shown(part) or "" for part in value)
        case dict():
            return ", ".join(f"{key}: {_shown(part)}" for key, part in value.items())
        case _:
            return str(value)
