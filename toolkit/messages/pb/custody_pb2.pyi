from toolkit.messages.pb import escrow_pb2 as _escrow_pb2
from toolkit.messages.pb import money_pb2 as _money_pb2
from toolkit.messages.pb import payments_pb2 as _payments_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CaseKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CASE_KIND_UNSPECIFIED: _ClassVar[CaseKind]
    CASE_KIND_SANCTIONS: _ClassVar[CaseKind]
    CASE_KIND_PAYEE_PARKED: _ClassVar[CaseKind]
    CASE_KIND_REFUND_PARKED: _ClassVar[CaseKind]
    CASE_KIND_DEPOSIT_PARKED: _ClassVar[CaseKind]
    CASE_KIND_RECOVERY: _ClassVar[CaseKind]
CASE_KIND_UNSPECIFIED: CaseKind
CASE_KIND_SANCTIONS: CaseKind
CASE_KIND_PAYEE_PARKED: CaseKind
CASE_KIND_REFUND_PARKED: CaseKind
CASE_KIND_DEPOSIT_PARKED: CaseKind
CASE_KIND_RECOVERY: CaseKind

class TokenAmount(_message.Message):
    __slots__ = ("symbol", "contract", "decimals", "base_units")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    DECIMALS_FIELD_NUMBER: _ClassVar[int]
    BASE_UNITS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    contract: str
    decimals: int
    base_units: str
    def __init__(self, symbol: _Optional[str] = ..., contract: _Optional[str] = ..., decimals: _Optional[int] = ..., base_units: _Optional[str] = ...) -> None: ...

class ScreenWallet(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "address", "purpose", "subject_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    address: str
    purpose: _payments_pb2.ScreeningPurpose
    subject_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., address: _Optional[str] = ..., purpose: _Optional[_Union[_payments_pb2.ScreeningPurpose, str]] = ..., subject_ref: _Optional[str] = ...) -> None: ...

class ReturnDeposit(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "deposit_ref", "token", "destination")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    DEPOSIT_REF_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    deposit_ref: str
    token: TokenAmount
    destination: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., deposit_ref: _Optional[str] = ..., token: _Optional[_Union[TokenAmount, _Mapping]] = ..., destination: _Optional[str] = ...) -> None: ...

class DepositArrived(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "provider_ref", "token", "from_address", "chain_ref", "amount")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    FROM_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CHAIN_REF_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    provider_ref: str
    token: TokenAmount
    from_address: str
    chain_ref: _payments_pb2.ChainRef
    amount: _money_pb2.Money
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., provider_ref: _Optional[str] = ..., token: _Optional[_Union[TokenAmount, _Mapping]] = ..., from_address: _Optional[str] = ..., chain_ref: _Optional[_Union[_payments_pb2.ChainRef, _Mapping]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class ScreeningRequested(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "address", "purpose", "subject_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    address: str
    purpose: _payments_pb2.ScreeningPurpose
    subject_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., address: _Optional[str] = ..., purpose: _Optional[_Union[_payments_pb2.ScreeningPurpose, str]] = ..., subject_ref: _Optional[str] = ...) -> None: ...

class ScreeningConcluded(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "address", "purpose", "subject_ref", "level", "sanctioned", "is_cleared")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_REF_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    SANCTIONED_FIELD_NUMBER: _ClassVar[int]
    IS_CLEARED_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    address: str
    purpose: _payments_pb2.ScreeningPurpose
    subject_ref: str
    level: _payments_pb2.RiskLevel
    sanctioned: bool
    is_cleared: bool
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., address: _Optional[str] = ..., purpose: _Optional[_Union[_payments_pb2.ScreeningPurpose, str]] = ..., subject_ref: _Optional[str] = ..., level: _Optional[_Union[_payments_pb2.RiskLevel, str]] = ..., sanctioned: _Optional[bool] = ..., is_cleared: _Optional[bool] = ...) -> None: ...

class DepositReturned(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "deposit_ref", "token", "destination", "provider_ref", "chain_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    DEPOSIT_REF_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    CHAIN_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    deposit_ref: str
    token: TokenAmount
    destination: str
    provider_ref: str
    chain_ref: _payments_pb2.ChainRef
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., deposit_ref: _Optional[str] = ..., token: _Optional[_Union[TokenAmount, _Mapping]] = ..., destination: _Optional[str] = ..., provider_ref: _Optional[str] = ..., chain_ref: _Optional[_Union[_payments_pb2.ChainRef, _Mapping]] = ...) -> None: ...

class DepositReturnFailed(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "deposit_ref", "reason", "provider_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    DEPOSIT_REF_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    deposit_ref: str
    reason: str
    provider_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., deposit_ref: _Optional[str] = ..., reason: _Optional[str] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class FundsFrozen(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "case_id", "source_ref", "address", "reason", "amount")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_REF_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    case_id: str
    source_ref: str
    address: str
    reason: str
    amount: _money_pb2.Money
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., case_id: _Optional[str] = ..., source_ref: _Optional[str] = ..., address: _Optional[str] = ..., reason: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class PaymentCaseOpened(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "case_id", "kind", "subject_ref", "reason", "amount", "address")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_REF_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    case_id: str
    kind: CaseKind
    subject_ref: str
    reason: str
    amount: _money_pb2.Money
    address: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., case_id: _Optional[str] = ..., kind: _Optional[_Union[CaseKind, str]] = ..., subject_ref: _Optional[str] = ..., reason: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., address: _Optional[str] = ...) -> None: ...

class TransferParked(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "transfer_id", "rail", "amount", "destination", "reason", "provider_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    transfer_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    destination: str
    reason: str
    provider_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., transfer_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., destination: _Optional[str] = ..., reason: _Optional[str] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class RefundParked(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "refund_id", "rail", "amount", "reason", "destination", "provider_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    refund_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    reason: str
    destination: str
    provider_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., refund_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reason: _Optional[str] = ..., destination: _Optional[str] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class HoldTransfer(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "transfer_id")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    transfer_id: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., transfer_id: _Optional[str] = ...) -> None: ...
