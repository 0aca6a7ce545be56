from toolkit.messages.pb import closing_pb2 as _closing_pb2
from toolkit.messages.pb import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Deposit(_message.Message):
    __slots__ = ("provider_ref", "payer_id", "amount")
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    PAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    provider_ref: str
    payer_id: str
    amount: _money_pb2.Money
    def __init__(self, provider_ref: _Optional[str] = ..., payer_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class CreateWallet(_message.Message):
    __slots__ = ("transaction_id", "wallet_id", "buyer_id", "milestones")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    WALLET_ID_FIELD_NUMBER: _ClassVar[int]
    BUYER_ID_FIELD_NUMBER: _ClassVar[int]
    MILESTONES_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    wallet_id: str
    buyer_id: str
    milestones: _containers.RepeatedCompositeFieldContainer[_closing_pb2.Milestone]
    def __init__(self, transaction_id: _Optional[str] = ..., wallet_id: _Optional[str] = ..., buyer_id: _Optional[str] = ..., milestones: _Optional[_Iterable[_Union[_closing_pb2.Milestone, _Mapping]]] = ...) -> None: ...

class ReleaseMilestone(_message.Message):
    __slots__ = ("transaction_id", "wallet_id", "payment_id", "task_id", "payee_id", "amount")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    WALLET_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    wallet_id: str
    payment_id: str
    task_id: str
    payee_id: str
    amount: _money_pb2.Money
    def __init__(self, transaction_id: _Optional[str] = ..., wallet_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., task_id: _Optional[str] = ..., payee_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class SettleWallet(_message.Message):
    __slots__ = ("transaction_id", "wallet_id", "settlement_id", "lines")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    WALLET_ID_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    wallet_id: str
    settlement_id: str
    lines: _containers.RepeatedCompositeFieldContainer[_closing_pb2.StatementLine]
    def __init__(self, transaction_id: _Optional[str] = ..., wallet_id: _Optional[str] = ..., settlement_id: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[_closing_pb2.StatementLine, _Mapping]]] = ...) -> None: ...

class ReturnFunds(_message.Message):
    __slots__ = ("transaction_id", "wallet_id", "payment_id", "payee_id", "amount")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    WALLET_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    wallet_id: str
    payment_id: str
    payee_id: str
    amount: _money_pb2.Money
    def __init__(self, transaction_id: _Optional[str] = ..., wallet_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., payee_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class InspectWallet(_message.Message):
    __slots__ = ("transaction_id", "wallet_id")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    WALLET_ID_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    wallet_id: str
    def __init__(self, transaction_id: _Optional[str] = ..., wallet_id: _Optional[str] = ...) -> None: ...

class WalletCreated(_message.Message):
    __slots__ = ("transaction_id", "wallet_id", "provider_ref")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    WALLET_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    wallet_id: str
    provider_ref: str
    def __init__(self, transaction_id: _Optional[str] = ..., wallet_id: _Optional[str] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class WalletDeclined(_message.Message):
    __slots__ = ("transaction_id", "wallet_id", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    WALLET_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    wallet_id: str
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., wallet_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class FundsDeposited(_message.Message):
    __slots__ = ("transaction_id", "wallet_id", "deposit")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    WALLET_ID_FIELD_NUMBER: _ClassVar[int]
    DEPOSIT_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    wallet_id: str
    deposit: Deposit
    def __init__(self, transaction_id: _Optional[str] = ..., wallet_id: _Optional[str] = ..., deposit: _Optional[_Union[Deposit, _Mapping]] = ...) -> None: ...

class MilestoneRequested(_message.Message):
    __slots__ = ("transaction_id", "payment_id", "task_id", "payee_id", "amount")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    payment_id: str
    task_id: str
    payee_id: str
    amount: _money_pb2.Money
    def __init__(self, transaction_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., task_id: _Optional[str] = ..., payee_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class MilestoneReleased(_message.Message):
    __slots__ = ("transaction_id", "payment_id", "task_id", "payee_id", "amount", "provider_ref")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    payment_id: str
    task_id: str
    payee_id: str
    amount: _money_pb2.Money
    provider_ref: str
    def __init__(self, transaction_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., task_id: _Optional[str] = ..., payee_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class MilestoneFailed(_message.Message):
    __slots__ = ("transaction_id", "payment_id", "task_id", "payee_id", "amount", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    payment_id: str
    task_id: str
    payee_id: str
    amount: _money_pb2.Money
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., task_id: _Optional[str] = ..., payee_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class SettlementRequested(_message.Message):
    __slots__ = ("transaction_id", "settlement_id", "amount")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    settlement_id: str
    amount: _money_pb2.Money
    def __init__(self, transaction_id: _Optional[str] = ..., settlement_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class WalletSettled(_message.Message):
    __slots__ = ("transaction_id", "settlement_id", "distributions")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    DISTRIBUTIONS_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    settlement_id: str
    distributions: _containers.RepeatedCompositeFieldContainer[_closing_pb2.Distribution]
    def __init__(self, transaction_id: _Optional[str] = ..., settlement_id: _Optional[str] = ..., distributions: _Optional[_Iterable[_Union[_closing_pb2.Distribution, _Mapping]]] = ...) -> None: ...

class WalletSettlementFailed(_message.Message):
    __slots__ = ("transaction_id", "settlement_id", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SETTLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    settlement_id: str
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., settlement_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ReturnRequested(_message.Message):
    __slots__ = ("transaction_id", "payment_id", "payee_id", "amount")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    payment_id: str
    payee_id: str
    amount: _money_pb2.Money
    def __init__(self, transaction_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., payee_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class FundsReturned(_message.Message):
    __slots__ = ("transaction_id", "payment_id", "payee_id", "amount", "provider_ref")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_REF_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    payment_id: str
    payee_id: str
    amount: _money_pb2.Money
    provider_ref: str
    def __init__(self, transaction_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., payee_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., provider_ref: _Optional[str] = ...) -> None: ...

class FundsReturnFailed(_message.Message):
    __slots__ = ("transaction_id", "payment_id", "payee_id", "amount", "reason")
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    transaction_id: str
    payment_id: str
    payee_id: str
    amount: _money_pb2.Money
    reason: str
    def __init__(self, transaction_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., payee_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...
