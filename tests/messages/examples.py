"""Examples of every message, drawn by Hypothesis."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from toolkit.core.message import Envelope
from toolkit.core.money import Currency, Money
from toolkit.messages.shape import Arity, shape
from toolkit.messages.topics import RECORDS

# Cores are shared, and compiling a record at its first use is no slowness.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INT64 = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TIMES = st.integers(-(2**40), 2**40).map(
    lambda milliseconds: EPOCH + timedelta(milliseconds=milliseconds, microseconds=1)
)
MONEY = st.builds(Money, st.integers(0, 2**63 - 1), st.sampled_from(Currency))


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Draw values of a field's kind."""
    known = {str: TEXTS, int: INT64, bool: st.booleans(), datetime: TIMES, Money: MONEY}
    if kind in known:
        return known[kind]
    return records(kind) if hasattr(kind, "__dataclass_fields__") else st.sampled_from(kind)


def records(cls: type) -> st.SearchStrategy[Any]:
    """Draw records of this type, field by field."""
    wrap = {
        Arity.REQUIRED: lambda kind: kind,
        Arity.OPTIONAL: lambda kind: st.none() | kind,
        Arity.REPEATED: lambda kind: st.lists(kind, max_size=3).map(tuple),
    }
    return st.builds(
        cls, **{field.name: wrap[field.arity](values(field.kind)) for field in shape(cls)}
    )


MESSAGES = st.sampled_from(RECORDS).flatmap(records)
ENVELOPES = st.builds(
    Envelope,
    id=st.uuids(),
    message=MESSAGES,
    occurred_at=TIMES,
    correlation_id=st.uuids(),
    causation_id=st.none() | st.uuids(),
    version=st.none() | st.integers(1, 2**63 - 1),
    traceparent=st.none()
    | st.just("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
)
