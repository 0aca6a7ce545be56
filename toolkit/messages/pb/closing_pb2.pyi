import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from toolkit.messages.pb import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class VerificationType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERIFICATION_TYPE_UNSPECIFIED: _ClassVar[VerificationType]
    VERIFICATION_TYPE_TITLE_SEARCH: _ClassVar[VerificationType]
    VERIFICATION_TYPE_INSPECTION: _ClassVar[VerificationType]
    VERIFICATION_TYPE_APPRAISAL: _ClassVar[VerificationType]
    VERIFICATION_TYPE_LENDING: _ClassVar[VerificationType]

class Party(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PARTY_UNSPECIFIED: _ClassVar[Party]
    PARTY_BUYER: _ClassVar[Party]
    PARTY_SELLER: _ClassVar[Party]

class CancellationReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANCELLATION_REASON_UNSPECIFIED: _ClassVar[CancellationReason]
    CANCELLATION_REASON_EARNEST_UNPAID: _ClassVar[CancellationReason]
    CANCELLATION_REASON_MUTUAL_RELEASE: _ClassVar[CancellationReason]
    CANCELLATION_REASON_CONTINGENCY: _ClassVar[CancellationReason]
    CANCELLATION_REASON_BUYER_DEFAULT: _ClassVar[CancellationReason]
    CANCELLATION_REASON_SELLER_DEFAULT: _ClassVar[CancellationReason]
    CANCELLATION_REASON_DISPUTE: _ClassVar[CancellationReason]

class TransactionResolution(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSACTION_RESOLUTION_UNSPECIFIED: _ClassVar[TransactionResolution]
    TRANSACTION_RESOLUTION_RESUME: _ClassVar[TransactionResolution]
    TRANSACTION_RESOLUTION_CANCEL: _ClassVar[TransactionResolution]
VERIFICATION_TYPE_UNSPECIFIED: VerificationType
VERIFICATION_TYPE_TITLE_SEARCH: VerificationType
VERIFICATION_TYPE_INSPECTION: VerificationType
VERIFICATION_TYPE_APPRAISAL: VerificationType
VERIFICATION_TYPE_LENDING: VerificationType
PARTY_UNSPECIFIED: Party
PARTY_BUYER: Party
PARTY_SELLER: Party
CANCELLATION_REASON_UNSPECIFIED: CancellationReason
CANCELLATION_REASON_EARNEST_UNPAID: CancellationReason
CANCELLATION_REASON_MUTUAL_RELEASE: CancellationReason
CANCELLATION_REASON_CONTINGENCY: CancellationReason
CANCELLATION_REASON_BUYER_DEFAULT: CancellationReason
CANCELLATION_REASON_SELLER_DEFAULT: CancellationReason
CANCELLATION_REASON_DISPUTE: CancellationReason
TRANSACTION_RESOLUTION_UNSPECIFIED: TransactionResolution
TRANSACTION_RESOLUTION_RESUME: TransactionResolution
TRANSACTION_RESOLUTION_CANCEL: TransactionResolution

class Finding(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class VerificationReport(_message.Message):
    __slots__ = ("report_hash", "findings")
    REPORT_HASH_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    report_hash: str
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    def __init__(self, report_hash: _Optional[str] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ...) -> None: ...

class StatementLine(_message.Message):
    __slots__ = ("code", "payee_id", "amount")
    CODE_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    code: str
    payee_id: str
    amount: _money_pb2.Money
    def __init__(self, code: _Optional[str] = ..., payee_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class Distribution(_message.Message):
    __slots__ = ("code", "payee_id", "amount", "provider_ref")
    CODE_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    code: str
    payee_id: str
    amount: _money_pb2.Money
    provider_ref: str
    def __init__(self, code: _Optional[str] = ..., payee_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class Milestone(_message.Message):
    __slots__ = ("task_id", "type", "fee")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    FEE_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    type: VerificationType
    fee: _money_pb2.Money
    def __init__(self, task_id: _Optional[str] = ..., type: _Optional[_Union[VerificationType, str]] = ..., fee: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class InitiateTransaction(_message.Message):
    __slots__ = ("transaction_id", "buyer_id", "seller_id", "property_id", "price", "earnest_money", "closing_date")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    BUYER_ID_FIELD_NUMBER: _ClassVar[int]
    SELLER_ID_FIELD_NUMBER: _ClassVar[int]
    PROPERTY_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    EARNEST_MONEY_FIELD_NUMBER: _ClassVar[int]
    CLOSING_DATE_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    buyer_id: str
    seller_id: str
    property_id: str
    price: _money_pb2.Money
    earnest_money: _money_pb2.Money
    closing_date: str
    def __init__(self, transaction_id: _Optional[str] = ..., buyer_id: _Optional[str] = ..., seller_id: _Optional[str] = ..., property_id: _Optional[str] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., earnest_money: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., closing_date: _Optional[str] = ...) -> None: ...

class AssignVerification(_message.Message):
    __slots__ = ("transaction_id", "task_id", "type", "agent_id", "deadline", "actor_id")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    task_id: str
    type: VerificationType
    agent_id: str
    deadline: _timestamp_pb2.Timestamp
    actor_id: str
    def __init__(self, transaction_id: _Optional[str] = ..., task_id: _Optional[str] = ..., type: _Optional[_Union[VerificationType, str]] = ..., agent_id: _Optional[str] = ..., deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., actor_id: _Optional[str] = ...) -> None: ...

class SubmitVerification(_message.Message):
    __slots__ = ("transaction_id", "task_id", "report", "reason", "agent_id", "order_ref")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_REF_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    task_id: str
    report: VerificationReport
    reason: str
    agent_id: str
    order_ref: str
    def __init__(self, transaction_id: _Optional[str] = ..., task_id: _Optional[str] = ..., report: _Optional[_Union[VerificationReport, _Mapping]] = ..., reason: _Optional[str] = ..., agent_id: _Optional[str] = ..., order_ref: _Optional[str] = ...) -> None: ...

class EscalateVerification(_message.Message):
    __slots__ = ("transaction_id", "task_id", "deadline")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    task_id: str
    deadline: _timestamp_pb2.Timestamp
    def __init__(self, transaction_id: _Optional[str] = ..., task_id: _Optional[str] = ..., deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ExecuteSettlement(_message.Message):
    __slots__ = ("transaction_id", "lines", "approvals", "actor_id")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    APPROVALS_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    lines: _containers.RepeatedCompositeFieldContainer[StatementLine]
    approvals: _containers.RepeatedScalarFieldContainer[str]
    actor_id: str
    def __init__(self, transaction_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[StatementLine, _Mapping]]] = ..., approvals: _Optional[_Iterable[str]] = ..., actor_id: _Optional[str] = ...) -> None: ...

class DisburseSettlement(_message.Message):
    __slots__ = ("transaction_id", "settlement_id")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    settlement_id: str
    def __init__(self, transaction_id: _Optional[str] = ..., settlement_id: _Optional[str] = ...) -> None: ...

class RetryPayment(_message.Message):
    __slots__ = ("transaction_id", "payment_id", "actor_id")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    payment_id: str
    actor_id: str
    def __init__(self, transaction_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., actor_id: _Optional[str] = ...) -> None: ...

class RaiseTransactionDispute(_message.Message):
    __slots__ = ("transaction_id", "dispute_id", "actor_id", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    DISPUTE_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    dispute_id: str
    actor_id: str
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., dispute_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ResolveTransactionDispute(_message.Message):
    __slots__ = ("transaction_id", "dispute_id", "actor_id", "resolution", "earnest_money_to")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    DISPUTE_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    EARNEST_MONEY_TO_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    dispute_id: str
    actor_id: str
    resolution: TransactionResolution
    earnest_money_to: Party
    def __init__(self, transaction_id: _Optional[str] = ..., dispute_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., resolution: _Optional[_Union[TransactionResolution, str]] = ..., earnest_money_to: _Optional[_Union[Party, str]] = ...) -> None: ...

class CancelTransaction(_message.Message):
    __slots__ = ("transaction_id", "actor_id", "reason", "earnest_money_to", "consents")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EARNEST_MONEY_TO_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    actor_id: str
    reason: CancellationReason
    earnest_money_to: Party
    consents: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, transaction_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[_Union[CancellationReason, str]] = ..., earnest_money_to: _Optional[_Union[Party, str]] = ..., consents: _Optional[_Iterable[str]] = ...) -> None: ...

class PauseWallet(_message.Message):
    __slots__ = ("transaction_id", "actor_id", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    actor_id: str
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ResumeWallet(_message.Message):
    __slots__ = ("transaction_id", "actor_id", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    actor_id: str
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class TransactionInitiated(_message.Message):
    __slots__ = ("transaction_id", "wallet_id", "amount", "buyer_id", "seller_id", "property_id", "price", "closing_date", "earnest_by", "milestones")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    WALLET_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    BUYER_ID_FIELD_NUMBER: _ClassVar[int]
    SELLER_ID_FIELD_NUMBER: _ClassVar[int]
    PROPERTY_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    CLOSING_DATE_FIELD_NUMBER: _ClassVar[int]
    EARNEST_BY_FIELD_NUMBER: _ClassVar[int]
    MILESTONES_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    wallet_id: str
    amount: _money_pb2.Money
    buyer_id: str
    seller_id: str
    property_id: str
    price: _money_pb2.Money
    closing_date: str
    earnest_by: _timestamp_pb2.Timestamp
    milestones: _containers.RepeatedCompositeFieldContainer[Milestone]
    def __init__(self, transaction_id: _Optional[str] = ..., wallet_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., buyer_id: _Optional[str] = ..., seller_id: _Optional[str] = ..., property_id: _Optional[str] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., closing_date: _Optional[str] = ..., earnest_by: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., milestones: _Optional[_Iterable[_Union[Milestone, _Mapping]]] = ...) -> None: ...

class EarnestMoneyHeld(_message.Message):
    __slots__ = ("transaction_id", "wallet_id", "amount")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    WALLET_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    wallet_id: str
    amount: _money_pb2.Money
    def __init__(self, transaction_id: _Optional[str] = ..., wallet_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class VerificationAssigned(_message.Message):
    __slots__ = ("transaction_id", "task_id", "type", "agent_id", "deadline", "attempt")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    task_id: str
    type: VerificationType
    agent_id: str
    deadline: _timestamp_pb2.Timestamp
    attempt: int
    def __init__(self, transaction_id: _Optional[str] = ..., task_id: _Optional[str] = ..., type: _Optional[_Union[VerificationType, str]] = ..., agent_id: _Optional[str] = ..., deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attempt: _Optional[int] = ...) -> None: ...

class VerificationStarted(_message.Message):
    __slots__ = ("transaction_id", "task_id", "agent_id", "order_ref")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_REF_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    task_id: str
    agent_id: str
    order_ref: str
    def __init__(self, transaction_id: _Optional[str] = ..., task_id: _Optional[str] = ..., agent_id: _Optional[str] = ..., order_ref: _Optional[str] = ...) -> None: ...

class VerificationCompleted(_message.Message):
    __slots__ = ("transaction_id", "task_id", "type", "agent_id", "report")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    task_id: str
    type: VerificationType
    agent_id: str
    report: VerificationReport
    def __init__(self, transaction_id: _Optional[str] = ..., task_id: _Optional[str] = ..., type: _Optional[_Union[VerificationType, str]] = ..., agent_id: _Optional[str] = ..., report: _Optional[_Union[VerificationReport, _Mapping]] = ...) -> None: ...

class VerificationFailed(_message.Message):
    __slots__ = ("transaction_id", "task_id", "reason", "attempt", "report", "retry_at")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    RETRY_AT_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    task_id: str
    reason: str
    attempt: int
    report: VerificationReport
    retry_at: _timestamp_pb2.Timestamp
    def __init__(self, transaction_id: _Optional[str] = ..., task_id: _Optional[str] = ..., reason: _Optional[str] = ..., attempt: _Optional[int] = ..., report: _Optional[_Union[VerificationReport, _Mapping]] = ..., retry_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class VerificationEscalated(_message.Message):
    __slots__ = ("transaction_id", "task_id", "overdue_by_s")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_BY_S_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    task_id: str
    overdue_by_s: int
    def __init__(self, transaction_id: _Optional[str] = ..., task_id: _Optional[str] = ..., overdue_by_s: _Optional[int] = ...) -> None: ...

class ReadyToSettle(_message.Message):
    __slots__ = ("transaction_id",)
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    def __init__(self, transaction_id: _Optional[str] = ...) -> None: ...

class SettlementScheduled(_message.Message):
    __slots__ = ("transaction_id", "settlement_id", "locked_until", "statement_hash", "lines", "approvals")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    LOCKED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_HASH_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    APPROVALS_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    settlement_id: str
    locked_until: _timestamp_pb2.Timestamp
    statement_hash: str
    lines: _containers.RepeatedCompositeFieldContainer[StatementLine]
    approvals: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, transaction_id: _Optional[str] = ..., settlement_id: _Optional[str] = ..., locked_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., statement_hash: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[StatementLine, _Mapping]]] = ..., approvals: _Optional[_Iterable[str]] = ...) -> None: ...

class SettlementWithdrawn(_message.Message):
    __slots__ = ("transaction_id", "settlement_id", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    settlement_id: str
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., settlement_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class SettlementExecuted(_message.Message):
    __slots__ = ("transaction_id", "settlement_id", "statement_hash", "distributions")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_HASH_FIELD_NUMBER: _ClassVar[int]
    DISTRIBUTIONS_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    settlement_id: str
    statement_hash: str
    distributions: _containers.RepeatedCompositeFieldContainer[Distribution]
    def __init__(self, transaction_id: _Optional[str] = ..., settlement_id: _Optional[str] = ..., statement_hash: _Optional[str] = ..., distributions: _Optional[_Iterable[_Union[Distribution, _Mapping]]] = ...) -> None: ...

class SettlementFailed(_message.Message):
    __slots__ = ("transaction_id", "settlement_id", "statement_hash", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_HASH_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    settlement_id: str
    statement_hash: str
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., settlement_id: _Optional[str] = ..., statement_hash: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class TransactionDisputed(_message.Message):
    __slots__ = ("transaction_id", "dispute_id", "actor_id", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    DISPUTE_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    dispute_id: str
    actor_id: str
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., dispute_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class TransactionDisputeResolved(_message.Message):
    __slots__ = ("transaction_id", "dispute_id", "actor_id", "resolution", "earnest_money_to")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    DISPUTE_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    EARNEST_MONEY_TO_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    dispute_id: str
    actor_id: str
    resolution: TransactionResolution
    earnest_money_to: Party
    def __init__(self, transaction_id: _Optional[str] = ..., dispute_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., resolution: _Optional[_Union[TransactionResolution, str]] = ..., earnest_money_to: _Optional[_Union[Party, str]] = ...) -> None: ...

class TransactionCancelled(_message.Message):
    __slots__ = ("transaction_id", "reason", "earnest_money_to", "actor_id")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EARNEST_MONEY_TO_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    reason: CancellationReason
    earnest_money_to: Party
    actor_id: str
    def __init__(self, transaction_id: _Optional[str] = ..., reason: _Optional[_Union[CancellationReason, str]] = ..., earnest_money_to: _Optional[_Union[Party, str]] = ..., actor_id: _Optional[str] = ...) -> None: ...

class WalletPaused(_message.Message):
    __slots__ = ("transaction_id", "actor_id", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    actor_id: str
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class WalletResumed(_message.Message):
    __slots__ = ("transaction_id", "actor_id", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    actor_id: str
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class TransactionRefusedCommand(_message.Message):
    __slots__ = ("transaction_id", "command", "reason", "actor_id")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    command: str
    reason: str
    actor_id: str
    def __init__(self, transaction_id: _Optional[str] = ..., command: _Optional[str] = ..., reason: _Optional[str] = ..., actor_id: _Optional[str] = ...) -> None: ...

class AuditAnchored(_message.Message):
    __slots__ = ("transaction_id", "from_sequence", "to_sequence", "merkle_root", "chain_id", "tx_hash", "block_number")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TO_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    MERKLE_ROOT_FIELD_NUMBER: _ClassVar[int]
    CHAIN_ID_FIELD_NUMBER: _ClassVar[int]
    TX_HASH_FIELD_NUMBER: _ClassVar[int]
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    from_sequence: int
    to_sequence: int
    merkle_root: str
    chain_id: int
    tx_hash: str
    block_number: int
    def __init__(self, transaction_id: _Optional[str] = ..., from_sequence: _Optional[int] = ..., to_sequence: _Optional[int] = ..., merkle_root: _Optional[str] = ..., chain_id: _Optional[int] = ..., tx_hash: _Optional[str] = ..., block_number: _Optional[int] = ...) -> None: ...

class OrderVerification(_message.Message):
    __slots__ = ("transaction_id", "task_id", "type", "agent_id", "property_id", "deadline", "attempt", "price")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    PROPERTY_ID_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    task_id: str
    type: VerificationType
    agent_id: str
    property_id: str
    deadline: _timestamp_pb2.Timestamp
    attempt: int
    price: _money_pb2.Money
    def __init__(self, transaction_id: _Optional[str] = ..., task_id: _Optional[str] = ..., type: _Optional[_Union[VerificationType, str]] = ..., agent_id: _Optional[str] = ..., property_id: _Optional[str] = ..., deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attempt: _Optional[int] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class CollectVerification(_message.Message):
    __slots__ = ("transaction_id", "task_id", "type", "agent_id", "order_ref")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_REF_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    task_id: str
    type: VerificationType
    agent_id: str
    order_ref: str
    def __init__(self, transaction_id: _Optional[str] = ..., task_id: _Optional[str] = ..., type: _Optional[_Union[VerificationType, str]] = ..., agent_id: _Optional[str] = ..., order_ref: _Optional[str] = ...) -> None: ...
