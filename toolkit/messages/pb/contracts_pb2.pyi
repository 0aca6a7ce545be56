import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from toolkit.messages.pb import money_pb2 as _money_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ContractExecuted(_message.Message):
    __slots__ = ("contract_id", "buyer_id", "seller_id", "amount", "executed_at", "payee_account")
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    BUYER_ID_FIELD_NUMBER: _ClassVar[int]
    SELLER_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    EXECUTED_AT_FIELD_NUMBER: _ClassVar[int]
    PAYEE_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    contract_id: str
    buyer_id: str
    seller_id: str
    amount: _money_pb2.Money
    executed_at: _timestamp_pb2.Timestamp
    payee_account: str
    def __init__(self, contract_id: _Optional[str] = ..., buyer_id: _Optional[str] = ..., seller_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., executed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., payee_account: _Optional[str] = ...) -> None: ...
