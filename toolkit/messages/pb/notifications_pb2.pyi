from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Channel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_UNSPECIFIED: _ClassVar[Channel]
    CHANNEL_DISCORD: _ClassVar[Channel]
    CHANNEL_EMAIL: _ClassVar[Channel]
    CHANNEL_SMS: _ClassVar[Channel]
    CHANNEL_WEBHOOK: _ClassVar[Channel]

class Audience(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUDIENCE_UNSPECIFIED: _ClassVar[Audience]
    AUDIENCE_BUYER: _ClassVar[Audience]
    AUDIENCE_SELLER: _ClassVar[Audience]
    AUDIENCE_OPERATIONS: _ClassVar[Audience]
CHANNEL_UNSPECIFIED: Channel
CHANNEL_DISCORD: Channel
CHANNEL_EMAIL: Channel
CHANNEL_SMS: Channel
CHANNEL_WEBHOOK: Channel
AUDIENCE_UNSPECIFIED: Audience
AUDIENCE_BUYER: Audience
AUDIENCE_SELLER: Audience
AUDIENCE_OPERATIONS: Audience

class Value(_message.Message):
    __slots__ = ("name", "text")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    name: str
    text: str
    def __init__(self, name: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Parties(_message.Message):
    __slots__ = ("contract_id", "buyer_id", "seller_id")
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    BUYER_ID_FIELD_NUMBER: _ClassVar[int]
    SELLER_ID_FIELD_NUMBER: _ClassVar[int]
    contract_id: str
    buyer_id: str
    seller_id: str
    def __init__(self, contract_id: _Optional[str] = ..., buyer_id: _Optional[str] = ..., seller_id: _Optional[str] = ...) -> None: ...

class Announce(_message.Message):
    __slots__ = ("escrow_id", "template", "audiences", "values", "parties")
    ESCROW_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    AUDIENCES_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    PARTIES_FIELD_NUMBER: _ClassVar[int]
    escrow_id: str
    template: str
    audiences: _containers.RepeatedScalarFieldContainer[Audience]
    values: _containers.RepeatedCompositeFieldContainer[Value]
    parties: Parties
    def __init__(self, escrow_id: _Optional[str] = ..., template: _Optional[str] = ..., audiences: _Optional[_Iterable[_Union[Audience, str]]] = ..., values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ..., parties: _Optional[_Union[Parties, _Mapping]] = ...) -> None: ...

class RouteNotification(_message.Message):
    __slots__ = ("recipient_id", "audience", "template", "cause", "values")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    audience: Audience
    template: str
    cause: str
    values: _containers.RepeatedCompositeFieldContainer[Value]
    def __init__(self, recipient_id: _Optional[str] = ..., audience: _Optional[_Union[Audience, str]] = ..., template: _Optional[str] = ..., cause: _Optional[str] = ..., values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ...) -> None: ...

class SendNotification(_message.Message):
    __slots__ = ("recipient_id", "notification_id", "channel", "address", "audience", "template", "cause", "values", "place")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    notification_id: str
    channel: Channel
    address: str
    audience: Audience
    template: str
    cause: str
    values: _containers.RepeatedCompositeFieldContainer[Value]
    place: str
    def __init__(self, recipient_id: _Optional[str] = ..., notification_id: _Optional[str] = ..., channel: _Optional[_Union[Channel, str]] = ..., address: _Optional[str] = ..., audience: _Optional[_Union[Audience, str]] = ..., template: _Optional[str] = ..., cause: _Optional[str] = ..., values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ..., place: _Optional[str] = ...) -> None: ...

class RecordOutcome(_message.Message):
    __slots__ = ("recipient_id", "notification_id", "channel", "address", "template", "cause", "attempts", "place", "failure", "is_unreachable", "audience", "values")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    IS_UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    notification_id: str
    channel: Channel
    address: str
    template: str
    cause: str
    attempts: int
    place: str
    failure: str
    is_unreachable: bool
    audience: Audience
    values: _containers.RepeatedCompositeFieldContainer[Value]
    def __init__(self, recipient_id: _Optional[str] = ..., notification_id: _Optional[str] = ..., channel: _Optional[_Union[Channel, str]] = ..., address: _Optional[str] = ..., template: _Optional[str] = ..., cause: _Optional[str] = ..., attempts: _Optional[int] = ..., place: _Optional[str] = ..., failure: _Optional[str] = ..., is_unreachable: _Optional[bool] = ..., audience: _Optional[_Union[Audience, str]] = ..., values: _Optional[_Iterable[_Union[Value, _Mapping]]] = ...) -> None: ...

class SetPreference(_message.Message):
    __slots__ = ("recipient_id", "actor_id", "channel", "address", "is_enabled", "muted", "is_fallback")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    IS_ENABLED_FIELD_NUMBER: _ClassVar[int]
    MUTED_FIELD_NUMBER: _ClassVar[int]
    IS_FALLBACK_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    actor_id: str
    channel: Channel
    address: str
    is_enabled: bool
    muted: _containers.RepeatedScalarFieldContainer[str]
    is_fallback: bool
    def __init__(self, recipient_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., channel: _Optional[_Union[Channel, str]] = ..., address: _Optional[str] = ..., is_enabled: _Optional[bool] = ..., muted: _Optional[_Iterable[str]] = ..., is_fallback: _Optional[bool] = ...) -> None: ...

class NotificationSent(_message.Message):
    __slots__ = ("recipient_id", "notification_id", "channel", "template", "cause", "attempts")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    notification_id: str
    channel: Channel
    template: str
    cause: str
    attempts: int
    def __init__(self, recipient_id: _Optional[str] = ..., notification_id: _Optional[str] = ..., channel: _Optional[_Union[Channel, str]] = ..., template: _Optional[str] = ..., cause: _Optional[str] = ..., attempts: _Optional[int] = ...) -> None: ...

class NotificationFailed(_message.Message):
    __slots__ = ("recipient_id", "notification_id", "channel", "template", "cause", "attempts", "reason", "is_return")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IS_RETURN_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    notification_id: str
    channel: Channel
    template: str
    cause: str
    attempts: int
    reason: str
    is_return: bool
    def __init__(self, recipient_id: _Optional[str] = ..., notification_id: _Optional[str] = ..., channel: _Optional[_Union[Channel, str]] = ..., template: _Optional[str] = ..., cause: _Optional[str] = ..., attempts: _Optional[int] = ..., reason: _Optional[str] = ..., is_return: _Optional[bool] = ...) -> None: ...

class PreferenceChanged(_message.Message):
    __slots__ = ("recipient_id", "channel", "actor_id", "has_address", "is_enabled", "muted", "is_fallback")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    HAS_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    IS_ENABLED_FIELD_NUMBER: _ClassVar[int]
    MUTED_FIELD_NUMBER: _ClassVar[int]
    IS_FALLBACK_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    channel: Channel
    actor_id: str
    has_address: bool
    is_enabled: bool
    muted: _containers.RepeatedScalarFieldContainer[str]
    is_fallback: bool
    def __init__(self, recipient_id: _Optional[str] = ..., channel: _Optional[_Union[Channel, str]] = ..., actor_id: _Optional[str] = ..., has_address: _Optional[bool] = ..., is_enabled: _Optional[bool] = ..., muted: _Optional[_Iterable[str]] = ..., is_fallback: _Optional[bool] = ...) -> None: ...

class ReportReturn(_message.Message):
    __slots__ = ("recipient_id", "notification_id", "channel", "address", "template", "cause", "reason", "is_unreachable")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IS_UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    notification_id: str
    channel: Channel
    address: str
    template: str
    cause: str
    reason: str
    is_unreachable: bool
    def __init__(self, recipient_id: _Optional[str] = ..., notification_id: _Optional[str] = ..., channel: _Optional[_Union[Channel, str]] = ..., address: _Optional[str] = ..., template: _Optional[str] = ..., cause: _Optional[str] = ..., reason: _Optional[str] = ..., is_unreachable: _Optional[bool] = ...) -> None: ...

class ReplaceSecret(_message.Message):
    __slots__ = ("recipient_id", "actor_id")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    recipient_id: str
    actor_id: str
    def __init__(self, recipient_id: _Optional[str] = ..., actor_id: _Optional[str] = ...) -> None: ...
