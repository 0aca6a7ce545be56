import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_RECONCILED: _ClassVar[Verdict]
    VERDICT_EXCEPTIONS: _ClassVar[Verdict]
    VERDICT_INCOMPLETE: _ClassVar[Verdict]

class Severity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEVERITY_UNSPECIFIED: _ClassVar[Severity]
    SEVERITY_LOW: _ClassVar[Severity]
    SEVERITY_MEDIUM: _ClassVar[Severity]
    SEVERITY_HIGH: _ClassVar[Severity]
    SEVERITY_CRITICAL: _ClassVar[Severity]
VERDICT_UNSPECIFIED: Verdict
VERDICT_RECONCILED: Verdict
VERDICT_EXCEPTIONS: Verdict
VERDICT_INCOMPLETE: Verdict
SEVERITY_UNSPECIFIED: Severity
SEVERITY_LOW: Severity
SEVERITY_MEDIUM: Severity
SEVERITY_HIGH: Severity
SEVERITY_CRITICAL: Severity

class DiscrepancyTotal(_message.Message):
    __slots__ = ("code", "count", "difference_minor", "currency")
    CODE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_MINOR_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    code: str
    count: int
    difference_minor: int
    currency: str
    def __init__(self, code: _Optional[str] = ..., count: _Optional[int] = ..., difference_minor: _Optional[int] = ..., currency: _Optional[str] = ...) -> None: ...

class ReconciliationCompleted(_message.Message):
    __slots__ = ("business_date", "run_id", "verdict", "totals")
    BUSINESS_DATE_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    business_date: str
    run_id: str
    verdict: Verdict
    totals: _containers.RepeatedCompositeFieldContainer[DiscrepancyTotal]
    def __init__(self, business_date: _Optional[str] = ..., run_id: _Optional[str] = ..., verdict: _Optional[_Union[Verdict, str]] = ..., totals: _Optional[_Iterable[_Union[DiscrepancyTotal, _Mapping]]] = ...) -> None: ...

class DiscrepancyDetected(_message.Message):
    __slots__ = ("business_date", "discrepancy_id", "code", "severity", "subject", "provider_ref", "expected_minor", "actual_minor", "currency", "first_seen")
    BUSINESS_DATE_FIELD_NUMBER: _ClassVar[int]
    DISCREPANCY_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_MINOR_FIELD_NUMBER: _ClassVar[int]
    ACTUAL_MINOR_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_FIELD_NUMBER: _ClassVar[int]
    business_date: str
    discrepancy_id: str
    code: str
    severity: Severity
    subject: str
    provider_ref: str
    expected_minor: int
    actual_minor: int
    currency: str
    first_seen: _timestamp_pb2.Timestamp
    def __init__(self, business_date: _Optional[str] = ..., discrepancy_id: _Optional[str] = ..., code: _Optional[str] = ..., severity: _Optional[_Union[Severity, str]] = ..., subject: _Optional[str] = ..., provider_ref: _Optional[str] = ..., expected_minor: _Optional[int] = ..., actual_minor: _Optional[int] = ..., currency: _Optional[str] = ..., first_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class DiscrepancyResolved(_message.Message):
    __slots__ = ("business_date", "discrepancy_id", "code", "severity", "subject", "provider_ref", "expected_minor", "actual_minor", "currency", "first_seen", "resolution", "actor_id")
    BUSINESS_DATE_FIELD_NUMBER: _ClassVar[int]
    DISCREPANCY_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_MINOR_FIELD_NUMBER: _ClassVar[int]
    ACTUAL_MINOR_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    business_date: str
    discrepancy_id: str
    code: str
    severity: Severity
    subject: str
    provider_ref: str
    expected_minor: int
    actual_minor: int
    currency: str
    first_seen: _timestamp_pb2.Timestamp
    resolution: str
    actor_id: str
    def __init__(self, business_date: _Optional[str] = ..., discrepancy_id: _Optional[str] = ..., code: _Optional[str] = ..., severity: _Optional[_Union[Severity, str]] = ..., subject: _Optional[str] = ..., provider_ref: _Optional[str] = ..., expected_minor: _Optional[int] = ..., actual_minor: _Optional[int] = ..., currency: _Optional[str] = ..., first_seen: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., resolution: _Optional[str] = ..., actor_id: _Optional[str] = ...) -> None: ...
