import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from toolkit.messages.pb import money_pb2 as _money_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Rail(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RAIL_UNSPECIFIED: _ClassVar[Rail]
    RAIL_STRIPE: _ClassVar[Rail]
    RAIL_CUSTODIAN: _ClassVar[Rail]

class ReleaseReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RELEASE_REASON_UNSPECIFIED: _ClassVar[ReleaseReason]
    RELEASE_REASON_BUYER: _ClassVar[ReleaseReason]
    RELEASE_REASON_AUTO_RELEASE: _ClassVar[ReleaseReason]

class CancelReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANCEL_REASON_UNSPECIFIED: _ClassVar[CancelReason]
    CANCEL_REASON_TIMEOUT: _ClassVar[CancelReason]
    CANCEL_REASON_BUYER: _ClassVar[CancelReason]
    CANCEL_REASON_SELLER: _ClassVar[CancelReason]
    CANCEL_REASON_ADMIN: _ClassVar[CancelReason]

class Resolution(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESOLUTION_UNSPECIFIED: _ClassVar[Resolution]
    RESOLUTION_RELEASE: _ClassVar[Resolution]
    RESOLUTION_REFUND: _ClassVar[Resolution]
    RESOLUTION_SPLIT: _ClassVar[Resolution]
    RESOLUTION_RESUME: _ClassVar[Resolution]
RAIL_UNSPECIFIED: Rail
RAIL_STRIPE: Rail
RAIL_CUSTODIAN: Rail
RELEASE_REASON_UNSPECIFIED: ReleaseReason
RELEASE_REASON_BUYER: ReleaseReason
RELEASE_REASON_AUTO_RELEASE: ReleaseReason
CANCEL_REASON_UNSPECIFIED: CancelReason
CANCEL_REASON_TIMEOUT: CancelReason
CANCEL_REASON_BUYER: CancelReason
CANCEL_REASON_SELLER: CancelReason
CANCEL_REASON_ADMIN: CancelReason
RESOLUTION_UNSPECIFIED: Resolution
RESOLUTION_RELEASE: Resolution
RESOLUTION_REFUND: Resolution
RESOLUTION_SPLIT: Resolution
RESOLUTION_RESUME: Resolution

class CreateEscrow(_message.Message):
    __slots__ = ("escrow_id", "contract_id", "buyer_id", "seller_id", "amount", "payee_account")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    BUYER_ID_FIELD_NUMBER: _ClassVar[int]
    SELLER_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    contract_id: str
    buyer_id: str
    seller_id: str
    amount: _money_pb2.Money
    payee_account: str
    def __init__(self, escrow_id: _Optional[str] = ..., contract_id: _Optional[str] = ..., buyer_id: _Optional[str] = ..., seller_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., payee_account: _Optional[str] = ...) -> None: ...

class MarkDelivered(_message.Message):
    __slots__ = ("escrow_id", "actor_id", "evidence")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    actor_id: str
    evidence: str
    def __init__(self, escrow_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., evidence: _Optional[str] = ...) -> None: ...

class ReleaseFunds(_message.Message):
    __slots__ = ("escrow_id", "actor_id", "reason")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    actor_id: str
    reason: ReleaseReason
    def __init__(self, escrow_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[_Union[ReleaseReason, str]] = ...) -> None: ...

class CancelEscrow(_message.Message):
    __slots__ = ("escrow_id", "actor_id", "reason")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    actor_id: str
    reason: CancelReason
    def __init__(self, escrow_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[_Union[CancelReason, str]] = ...) -> None: ...

class RaiseDispute(_message.Message):
    __slots__ = ("escrow_id", "dispute_id", "actor_id", "reason")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    DISPUTE_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    dispute_id: str
    actor_id: str
    reason: str
    def __init__(self, escrow_id: _Optional[str] = ..., dispute_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ResolveDispute(_message.Message):
    __slots__ = ("escrow_id", "dispute_id", "actor_id", "resolution", "seller_amount")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    DISPUTE_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    SELLER_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    dispute_id: str
    actor_id: str
    resolution: Resolution
    seller_amount: _money_pb2.Money
    def __init__(self, escrow_id: _Optional[str] = ..., dispute_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., resolution: _Optional[_Union[Resolution, str]] = ..., seller_amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class EscrowCreated(_message.Message):
    __slots__ = ("escrow_id", "contract_id", "buyer_id", "seller_id", "amount", "rail", "payee_account")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    BUYER_ID_FIELD_NUMBER: _ClassVar[int]
    SELLER_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    contract_id: str
    buyer_id: str
    seller_id: str
    amount: _money_pb2.Money
    rail: Rail
    payee_account: str
    def __init__(self, escrow_id: _Optional[str] = ..., contract_id: _Optional[str] = ..., buyer_id: _Optional[str] = ..., seller_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., rail: _Optional[_Union[Rail, str]] = ..., payee_account: _Optional[str] = ...) -> None: ...

class EscrowAwaitFunds(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "fund_by")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    FUND_BY_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    fund_by: _timestamp_pb2.Timestamp
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., fund_by: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EscrowFundsHeld(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "amount", "held_at", "provider_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    HELD_AT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    amount: _money_pb2.Money
    held_at: _timestamp_pb2.Timestamp
    provider_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., held_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class EscrowDelivered(_message.Message):
    __slots__ = ("escrow_id", "delivered_at", "auto_release_at")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_AT_FIELD_NUMBER: _ClassVar[int]
    AUTO_RELEASE_AT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    delivered_at: _timestamp_pb2.Timestamp
    auto_release_at: _timestamp_pb2.Timestamp
    def __init__(self, escrow_id: _Optional[str] = ..., delivered_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., auto_release_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EscrowReleased(_message.Message):
    __slots__ = ("escrow_id", "transfer_id", "amount", "released_at")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    RELEASED_AT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    transfer_id: str
    amount: _money_pb2.Money
    released_at: _timestamp_pb2.Timestamp
    def __init__(self, escrow_id: _Optional[str] = ..., transfer_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., released_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EscrowReleaseReversed(_message.Message):
    __slots__ = ("escrow_id", "transfer_id", "amount")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    transfer_id: str
    amount: _money_pb2.Money
    def __init__(self, escrow_id: _Optional[str] = ..., transfer_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class EscrowRefunded(_message.Message):
    __slots__ = ("escrow_id", "refund_id", "amount", "refunded_at")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_AT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    refund_id: str
    amount: _money_pb2.Money
    refunded_at: _timestamp_pb2.Timestamp
    def __init__(self, escrow_id: _Optional[str] = ..., refund_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., refunded_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EscrowCancelled(_message.Message):
    __slots__ = ("escrow_id", "reason", "cancelled_at")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_AT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    reason: CancelReason
    cancelled_at: _timestamp_pb2.Timestamp
    def __init__(self, escrow_id: _Optional[str] = ..., reason: _Optional[_Union[CancelReason, str]] = ..., cancelled_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EscrowDisputed(_message.Message):
    __slots__ = ("escrow_id", "dispute_id", "raised_by", "reason")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    DISPUTE_ID_FIELD_NUMBER: _ClassVar[int]
    RAISED_BY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    dispute_id: str
    raised_by: str
    reason: str
    def __init__(self, escrow_id: _Optional[str] = ..., dispute_id: _Optional[str] = ..., raised_by: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class EscrowDisputeResolved(_message.Message):
    __slots__ = ("escrow_id", "dispute_id", "resolution", "seller_amount")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    DISPUTE_ID_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    SELLER_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    dispute_id: str
    resolution: Resolution
    seller_amount: _money_pb2.Money
    def __init__(self, escrow_id: _Optional[str] = ..., dispute_id: _Optional[str] = ..., resolution: _Optional[_Union[Resolution, str]] = ..., seller_amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class EscrowRefusedCommand(_message.Message):
    __slots__ = ("escrow_id", "command", "reason", "actor_id")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    command: str
    reason: str
    actor_id: str
    def __init__(self, escrow_id: _Optional[str] = ..., command: _Optional[str] = ..., reason: _Optional[str] = ..., actor_id: _Optional[str] = ...) -> None: ...
