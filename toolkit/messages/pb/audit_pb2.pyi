from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class AppendEntry(_message.Message):
    __slots__ = ("log_id", "stream_id", "position", "leaf_hash")
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    LEAF_HASH_FIELD_NUMBER: _ClassVar[int]
    log_id: str
    stream_id: str
    position: int
    leaf_hash: str
    def __init__(self, log_id: _Optional[str] = ..., stream_id: _Optional[str] = ..., position: _Optional[int] = ..., leaf_hash: _Optional[str] = ...) -> None: ...

class CloseCheckpoint(_message.Message):
    __slots__ = ("log_id",)
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    log_id: str
    def __init__(self, log_id: _Optional[str] = ...) -> None: ...

class SignCheckpoint(_message.Message):
    __slots__ = ("log_id", "size", "merkle_root", "chain_head")
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    MERKLE_ROOT_FIELD_NUMBER: _ClassVar[int]
    CHAIN_HEAD_FIELD_NUMBER: _ClassVar[int]
    log_id: str
    size: int
    merkle_root: str
    chain_head: str
    def __init__(self, log_id: _Optional[str] = ..., size: _Optional[int] = ..., merkle_root: _Optional[str] = ..., chain_head: _Optional[str] = ...) -> None: ...

class RecordSignature(_message.Message):
    __slots__ = ("log_id", "size", "merkle_root", "note")
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    MERKLE_ROOT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    log_id: str
    size: int
    merkle_root: str
    note: str
    def __init__(self, log_id: _Optional[str] = ..., size: _Optional[int] = ..., merkle_root: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class AnchorNewest(_message.Message):
    __slots__ = ("log_id",)
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    log_id: str
    def __init__(self, log_id: _Optional[str] = ...) -> None: ...

class AnchorCheckpoint(_message.Message):
    __slots__ = ("log_id", "intent_id", "from_index", "to_index", "merkle_root")
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    INTENT_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_INDEX_FIELD_NUMBER: _ClassVar[int]
    TO_INDEX_FIELD_NUMBER: _ClassVar[int]
    MERKLE_ROOT_FIELD_NUMBER: _ClassVar[int]
    log_id: str
    intent_id: str
    from_index: int
    to_index: int
    merkle_root: str
    def __init__(self, log_id: _Optional[str] = ..., intent_id: _Optional[str] = ..., from_index: _Optional[int] = ..., to_index: _Optional[int] = ..., merkle_root: _Optional[str] = ...) -> None: ...

class RecordAnchor(_message.Message):
    __slots__ = ("log_id", "from_index", "to_index", "merkle_root", "chain_id", "tx_hash", "block_number")
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_INDEX_FIELD_NUMBER: _ClassVar[int]
    TO_INDEX_FIELD_NUMBER: _ClassVar[int]
    MERKLE_ROOT_FIELD_NUMBER: _ClassVar[int]
    CHAIN_ID_FIELD_NUMBER: _ClassVar[int]
    TX_HASH_FIELD_NUMBER: _ClassVar[int]
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    log_id: str
    from_index: int
    to_index: int
    merkle_root: str
    chain_id: int
    tx_hash: str
    block_number: int
    def __init__(self, log_id: _Optional[str] = ..., from_index: _Optional[int] = ..., to_index: _Optional[int] = ..., merkle_root: _Optional[str] = ..., chain_id: _Optional[int] = ..., tx_hash: _Optional[str] = ..., block_number: _Optional[int] = ...) -> None: ...

class ErasePersonalData(_message.Message):
    __slots__ = ("stream_id", "actor_id", "reason")
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    stream_id: str
    actor_id: str
    reason: str
    def __init__(self, stream_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CheckpointSealed(_message.Message):
    __slots__ = ("log_id", "from_index", "to_index", "merkle_root", "chain_head", "leaf_hashes")
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_INDEX_FIELD_NUMBER: _ClassVar[int]
    TO_INDEX_FIELD_NUMBER: _ClassVar[int]
    MERKLE_ROOT_FIELD_NUMBER: _ClassVar[int]
    CHAIN_HEAD_FIELD_NUMBER: _ClassVar[int]
    LEAF_HASHES_FIELD_NUMBER: _ClassVar[int]
    log_id: str
    from_index: int
    to_index: int
    merkle_root: str
    chain_head: str
    leaf_hashes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, log_id: _Optional[str] = ..., from_index: _Optional[int] = ..., to_index: _Optional[int] = ..., merkle_root: _Optional[str] = ..., chain_head: _Optional[str] = ..., leaf_hashes: _Optional[_Iterable[str]] = ...) -> None: ...

class CheckpointSigned(_message.Message):
    __slots__ = ("log_id", "size", "merkle_root", "note")
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    MERKLE_ROOT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    log_id: str
    size: int
    merkle_root: str
    note: str
    def __init__(self, log_id: _Optional[str] = ..., size: _Optional[int] = ..., merkle_root: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class PersonalDataErased(_message.Message):
    __slots__ = ("stream_id", "actor_id", "reason")
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    stream_id: str
    actor_id: str
    reason: str
    def __init__(self, stream_id: _Optional[str] = ..., actor_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
