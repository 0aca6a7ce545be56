from toolkit.messages.pb import escrow_pb2 as _escrow_pb2
from toolkit.messages.pb import money_pb2 as _money_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChargebackOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHARGEBACK_OUTCOME_UNSPECIFIED: _ClassVar[ChargebackOutcome]
    CHARGEBACK_OUTCOME_WON: _ClassVar[ChargebackOutcome]
    CHARGEBACK_OUTCOME_LOST: _ClassVar[ChargebackOutcome]

class RiskLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RISK_LEVEL_UNSPECIFIED: _ClassVar[RiskLevel]
    RISK_LEVEL_LOW: _ClassVar[RiskLevel]
    RISK_LEVEL_MEDIUM: _ClassVar[RiskLevel]
    RISK_LEVEL_HIGH: _ClassVar[RiskLevel]
    RISK_LEVEL_SEVERE: _ClassVar[RiskLevel]

class ScreeningPurpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCREENING_PURPOSE_UNSPECIFIED: _ClassVar[ScreeningPurpose]
    SCREENING_PURPOSE_DEPOSIT: _ClassVar[ScreeningPurpose]
    SCREENING_PURPOSE_TRANSFER: _ClassVar[ScreeningPurpose]
    SCREENING_PURPOSE_REFUND: _ClassVar[ScreeningPurpose]
    SCREENING_PURPOSE_RETURN: _ClassVar[ScreeningPurpose]
CHARGEBACK_OUTCOME_UNSPECIFIED: ChargebackOutcome
CHARGEBACK_OUTCOME_WON: ChargebackOutcome
CHARGEBACK_OUTCOME_LOST: ChargebackOutcome
RISK_LEVEL_UNSPECIFIED: RiskLevel
RISK_LEVEL_LOW: RiskLevel
RISK_LEVEL_MEDIUM: RiskLevel
RISK_LEVEL_HIGH: RiskLevel
RISK_LEVEL_SEVERE: RiskLevel
SCREENING_PURPOSE_UNSPECIFIED: ScreeningPurpose
SCREENING_PURPOSE_DEPOSIT: ScreeningPurpose
SCREENING_PURPOSE_TRANSFER: ScreeningPurpose
SCREENING_PURPOSE_REFUND: ScreeningPurpose
SCREENING_PURPOSE_RETURN: ScreeningPurpose

class ChainRef(_message.Message):
    __slots__ = ("chain_id", "tx_hash", "log_index")
    CHAIN_ID_FIELD_NUMBER: _ClassVar[int]
    TX_HASH_FIELD_NUMBER: _ClassVar[int]
    LOG_INDEX_FIELD_NUMBER: _ClassVar[int]
    chain_id: int
    tx_hash: str
    log_index: int
    def __init__(self, chain_id: _Optional[int] = ..., tx_hash: _Optional[str] = ..., log_index: _Optional[int] = ...) -> None: ...

class CreatePaymentIntent(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "rail", "amount", "payer_id")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PAYER_ID_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    payer_id: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., payer_id: _Optional[str] = ...) -> None: ...

class CancelPaymentIntent(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "provider_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    provider_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class TransferToSeller(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "transfer_id", "rail", "amount", "payee_id", "destination", "source_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ID_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    transfer_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    payee_id: str
    destination: str
    source_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., transfer_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., payee_id: _Optional[str] = ..., destination: _Optional[str] = ..., source_ref: _Optional[str] = ...) -> None: ...

class InitiateRefund(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "refund_id", "rail", "amount", "reason", "source_ref", "destination")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SOURCE_REF_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    refund_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    reason: str
    source_ref: str
    destination: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., refund_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reason: _Optional[str] = ..., source_ref: _Optional[str] = ..., destination: _Optional[str] = ...) -> None: ...

class ReverseTransfer(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "transfer_id", "amount", "provider_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    transfer_id: str
    amount: _money_pb2.Money
    provider_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., transfer_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class InspectPayment(_message.Message):
    __slots__ = ("rail", "object_ref")
    RAIL_FIELD_NUMBER: _ClassVar[int]
    OBJECT_REF_FIELD_NUMBER: _ClassVar[int]
    rail: _escrow_pb2.Rail
    object_ref: str
    def __init__(self, rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., object_ref: _Optional[str] = ...) -> None: ...

class PaymentRequested(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "rail", "amount", "payer_id")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PAYER_ID_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    payer_id: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., payer_id: _Optional[str] = ...) -> None: ...

class PaymentCancelRequested(_message.Message):
    __slots__ = ("escrow_id", "payment_id")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ...) -> None: ...

class PaymentIntentCancelled(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "provider_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    provider_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class TransferRequested(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "transfer_id", "rail", "amount", "destination", "source_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    transfer_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    destination: str
    source_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., transfer_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., destination: _Optional[str] = ..., source_ref: _Optional[str] = ...) -> None: ...

class TransferReversalRequested(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "transfer_id", "amount")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    transfer_id: str
    amount: _money_pb2.Money
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., transfer_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class RefundRequested(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "refund_id", "rail", "amount", "reason", "source_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SOURCE_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    refund_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    reason: str
    source_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., refund_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reason: _Optional[str] = ..., source_ref: _Optional[str] = ...) -> None: ...

class PaymentIntentCreated(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "rail", "amount", "provider_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    provider_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class PaymentSucceeded(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "rail", "amount", "fee", "provider_ref", "chain_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    FEE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    CHAIN_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    fee: _money_pb2.Money
    provider_ref: str
    chain_ref: ChainRef
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., fee: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., provider_ref: _Optional[str] = ..., chain_ref: _Optional[_Union[ChainRef, _Mapping]] = ...) -> None: ...

class PaymentFailed(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "rail", "reason")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    rail: _escrow_pb2.Rail
    reason: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class TransferSucceeded(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "transfer_id", "rail", "amount", "fee", "provider_ref", "destination", "chain_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    FEE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    CHAIN_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    transfer_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    fee: _money_pb2.Money
    provider_ref: str
    destination: str
    chain_ref: ChainRef
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., transfer_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., fee: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., provider_ref: _Optional[str] = ..., destination: _Optional[str] = ..., chain_ref: _Optional[_Union[ChainRef, _Mapping]] = ...) -> None: ...

class TransferFailed(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "transfer_id", "rail", "amount", "reason", "provider_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    transfer_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    reason: str
    provider_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., transfer_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reason: _Optional[str] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class TransferReversed(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "transfer_id", "amount", "provider_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    transfer_id: str
    amount: _money_pb2.Money
    provider_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., transfer_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class RefundSucceeded(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "refund_id", "rail", "amount", "provider_ref", "chain_ref", "source_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    CHAIN_REF_FIELD_NUMBER: _ClassVar[int]
    SOURCE_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    refund_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    provider_ref: str
    chain_ref: ChainRef
    source_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., refund_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., provider_ref: _Optional[str] = ..., chain_ref: _Optional[_Union[ChainRef, _Mapping]] = ..., source_ref: _Optional[str] = ...) -> None: ...

class RefundFailed(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "refund_id", "rail", "amount", "reason", "provider_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    refund_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    reason: str
    provider_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., refund_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reason: _Optional[str] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class ChargebackOpened(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "dispute_ref", "amount", "charge_ref", "fee")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    DISPUTE_REF_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    CHARGE_REF_FIELD_NUMBER: _ClassVar[int]
    FEE_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    dispute_ref: str
    amount: _money_pb2.Money
    charge_ref: str
    fee: _money_pb2.Money
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., dispute_ref: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., charge_ref: _Optional[str] = ..., fee: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class ChargebackClosed(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "dispute_ref", "amount", "outcome")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    DISPUTE_REF_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    dispute_ref: str
    amount: _money_pb2.Money
    outcome: ChargebackOutcome
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., dispute_ref: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., outcome: _Optional[_Union[ChargebackOutcome, str]] = ...) -> None: ...

class WalletScreened(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "address", "provider", "level", "sanctioned", "purpose", "subject_ref")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    SANCTIONED_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_REF_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    address: str
    provider: str
    level: RiskLevel
    sanctioned: bool
    purpose: ScreeningPurpose
    subject_ref: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., address: _Optional[str] = ..., provider: _Optional[str] = ..., level: _Optional[_Union[RiskLevel, str]] = ..., sanctioned: _Optional[bool] = ..., purpose: _Optional[_Union[ScreeningPurpose, str]] = ..., subject_ref: _Optional[str] = ...) -> None: ...

class TransferReversalFailed(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "transfer_id", "amount", "reason")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    transfer_id: str
    amount: _money_pb2.Money
    reason: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., transfer_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class RefundReversed(_message.Message):
    __slots__ = ("escrow_id", "payment_id", "refund_id", "rail", "amount", "provider_ref", "reason")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    RAIL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    payment_id: str
    refund_id: str
    rail: _escrow_pb2.Rail
    amount: _money_pb2.Money
    provider_ref: str
    reason: str
    def __init__(self, escrow_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., refund_id: _Optional[str] = ..., rail: _Optional[_Union[_escrow_pb2.Rail, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., provider_ref: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
