"""The functions of qcos.h as ctypes wants them, and how a Python value becomes each parameter."""

from __future__ import annotations

import ctypes
import operator
import os
from typing import Any, Callable, Dict, NamedTuple, Optional, Tuple

VERSION = (0, 1, 0)
"""Of qcos.h that this package was written for."""

PROGRESS_FN = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_void_p)
PAGE_FN = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_char_p, ctypes.c_void_p)
READ_FN = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
WRITE_FN = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
CREDENTIALS_FN = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint64, ctypes.c_void_p)
TRACE_FN = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_char_p, ctypes.c_void_p)
ITEM_FN = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_char_p, ctypes.c_void_p)


class Kind(NamedTuple):
    """A kind of parameter."""

    ctype: Any
    convert: Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


def _without_nul(text: bytes) -> bytes:
    # C would see its end there.
    if b"\0" in text:
        raise ValueError("has a NUL character")
    return text


def _text(value: Optional[str]) -> Optional[bytes]:
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"must be str, not {type(value).__name__}")
    return _without_nul(value.encode())


def _path(value: Any) -> bytes:
    return _without_nul(os.fsencode(value))


def _data(value: Any) -> Any:
    if isinstance(value, bytes):
        return value
    view = memoryview(value)
    if view.readonly or view.nbytes == 0 or not view.c_contiguous:
        return view.tobytes()
    return _buffer(view)


def _buffer(value: Any) -> Any:
    """Where memory that can be written to is; as long as this is there, it can neither move nor go."""
    if memoryview(value).nbytes == 0:
        return None
    return ctypes.byref(ctypes.c_char.from_buffer(value))


def _integer(ctype: Any, low: int, high: int) -> Kind:
    def convert(value: Any) -> Any:
        number = operator.index(value)
        # ctypes would cut it to its lowest bits.
        if not low <= number <= high:
            raise ValueError(f"is {number}, must be {low} to {high}")
        return ctype(number)

    return Kind(ctype, convert)


HANDLE = Kind(ctypes.c_uint64, _as_it_is)
TEXT = Kind(ctypes.c_char_p, _text)
PATH = Kind(ctypes.c_char_p, _path)
DATA = Kind(ctypes.c_void_p, _data)
SIZE = Kind(ctypes.c_size_t, _as_it_is)
INT32 = _integer(ctypes.c_int32, -(2**31), 2**31 - 1)
INT64 = _integer(ctypes.c_int64, -(2**63), 2**63 - 1)
UINT64 = _integer(ctypes.c_uint64, 0, 2**64 - 1)
PROGRESS = Kind(PROGRESS_FN, _as_it_is)
PAGE = Kind(PAGE_FN, _as_it_is)
READ = Kind(READ_FN, _as_it_is)
WRITE = Kind(WRITE_FN, _as_it_is)
BUFFER = Kind(ctypes.c_void_p, _buffer)
ITEM = Kind(ITEM_FN, _as_it_is)
CREDENTIALS = Kind(CREDENTIALS_FN, _as_it_is)
TRACE = Kind(TRACE_FN, _as_it_is)
USER_DATA = Kind(ctypes.c_void_p, _as_it_is)
HANDLE_OUT = Kind(ctypes.POINTER(ctypes.c_uint64), _as_it_is)
STRING = Kind(ctypes.c_void_p, _as_it_is)

# As void *: from char * ctypes would make bytes, and lose what must be freed.
OWNED = ctypes.c_void_p

# What follows is made from the header by `make header`.
FUNCTIONS: Dict[str, Tuple[Any, Tuple[Kind, ...]]] = {
    "qcos_version": (ctypes.c_char_p, ()),
    "qcos_version_number": (ctypes.c_uint32, ()),
    "qcos_client_open": (OWNED, (TEXT, TEXT, TEXT, TEXT, HANDLE_OUT)),
    "qcos_client_with": (OWNED, (HANDLE, TEXT, HANDLE_OUT)),
    "qcos_client_cancel": (None, (HANDLE,)),
    "qcos_client_close": (None, (HANDLE,)),
    "qcos_client_set_credentials": (OWNED, (HANDLE, TEXT, TEXT, TEXT, INT64)),
    "qcos_client_on_expiry": (OWNED, (HANDLE, CREDENTIALS, USER_DATA)),
    "qcos_client_trace": (OWNED, (HANDLE, TRACE, USER_DATA)),
    "qcos_string_free": (None, (STRING,)),
    "qcos_reply_code": (ctypes.c_int64, (TEXT,)),
    "qcos_reply_get": (OWNED, (TEXT, TEXT)),
    "qcos_reply_each": (ctypes.c_int32, (TEXT, TEXT, ITEM, USER_DATA)),
    "qcos_sign_more": (OWNED, (HANDLE, TEXT, INT64)),
    "qcos_sign_once": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_presign": (OWNED, (HANDLE, TEXT, TEXT, TEXT, INT64, TEXT)),
    "qcos_post_policy": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_create_folder": (OWNED, (HANDLE, TEXT, TEXT, TEXT)),
    "qcos_update_folder": (OWNED, (HANDLE, TEXT, TEXT, TEXT)),
    "qcos_stat_folder": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_delete_folder": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_list": (OWNED, (HANDLE, TEXT, TEXT, INT32, TEXT, INT32, TEXT)),
    "qcos_prefix_search": (OWNED, (HANDLE, TEXT, TEXT, TEXT, INT32, TEXT, INT32, TEXT)),
    "qcos_list_all": (OWNED, (HANDLE, TEXT, TEXT, INT32, PAGE, USER_DATA)),
    "qcos_prefix_search_all": (OWNED, (HANDLE, TEXT, TEXT, TEXT, INT32, PAGE, USER_DATA)),
    "qcos_upload": (OWNED, (HANDLE, PATH, TEXT, TEXT, TEXT, PROGRESS, USER_DATA)),
    "qcos_upload_buffer": (OWNED, (HANDLE, DATA, SIZE, TEXT, TEXT, TEXT)),
    "qcos_upload_slice": (
        OWNED,
        (HANDLE, PATH, TEXT, TEXT, TEXT, UINT64, TEXT, PROGRESS, USER_DATA),
    ),
    "qcos_upload_with": (OWNED, (HANDLE, PATH, TEXT, TEXT, TEXT, PROGRESS, USER_DATA)),
    "qcos_upload_buffer_with": (OWNED, (HANDLE, DATA, SIZE, TEXT, TEXT, TEXT, PROGRESS, USER_DATA)),
    "qcos_upload_stream": (OWNED, (HANDLE, TEXT, TEXT, TEXT, READ, PROGRESS, USER_DATA)),
    "qcos_download": (OWNED, (HANDLE, TEXT, TEXT, PATH, PROGRESS, USER_DATA)),
    "qcos_download_with": (OWNED, (HANDLE, TEXT, TEXT, PATH, TEXT, PROGRESS, USER_DATA)),
    "qcos_download_buffer": (OWNED, (HANDLE, TEXT, TEXT, INT64, BUFFER, SIZE, TEXT)),
    "qcos_download_stream": (OWNED, (HANDLE, TEXT, TEXT, TEXT, WRITE, USER_DATA)),
    "qcos_download_url": (OWNED, (HANDLE, TEXT, TEXT, INT64)),
    "qcos_update_file": (OWNED, (HANDLE, TEXT, TEXT, TEXT)),
    "qcos_update_with": (OWNED, (HANDLE, TEXT, TEXT, TEXT)),
    "qcos_stat_file": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_stat_with": (OWNED, (HANDLE, TEXT, TEXT, TEXT)),
    "qcos_delete_file": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_delete_with": (OWNED, (HANDLE, TEXT, TEXT, TEXT)),
    "qcos_move_file": (OWNED, (HANDLE, TEXT, TEXT, TEXT, INT32)),
    "qcos_copy_file": (OWNED, (HANDLE, TEXT, TEXT, TEXT, INT32)),
    "qcos_copy_with": (OWNED, (HANDLE, TEXT, TEXT, TEXT, TEXT, TEXT, PROGRESS, USER_DATA)),
    "qcos_copy_tree": (OWNED, (HANDLE, TEXT, TEXT, TEXT, TEXT, TEXT, PROGRESS, USER_DATA)),
    "qcos_set_tags": (OWNED, (HANDLE, TEXT, TEXT, TEXT)),
    "qcos_get_tags": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_restore_file": (OWNED, (HANDLE, TEXT, TEXT, INT32, TEXT)),
    "qcos_append": (OWNED, (HANDLE, DATA, SIZE, TEXT, TEXT, INT64, TEXT)),
    "qcos_upload_tree": (OWNED, (HANDLE, PATH, TEXT, TEXT, TEXT, PROGRESS, USER_DATA)),
    "qcos_download_tree": (OWNED, (HANDLE, TEXT, TEXT, PATH, TEXT, PROGRESS, USER_DATA)),
    "qcos_delete_files": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_delete_tree": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_create_bucket": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_head_bucket": (OWNED, (HANDLE, TEXT)),
    "qcos_delete_bucket": (OWNED, (HANDLE, TEXT)),
    "qcos_list_buckets": (OWNED, (HANDLE,)),
    "qcos_set_acl": (OWNED, (HANDLE, TEXT, TEXT, TEXT)),
    "qcos_get_acl": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_list_uploads": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_abort_upload": (OWNED, (HANDLE, TEXT, TEXT, TEXT)),
    "qcos_set_versioning": (OWNED, (HANDLE, TEXT, TEXT)),
    "qcos_get_versioning": (OWNED, (HANDLE, TEXT)),
    "qcos_list_versions": (OWNED, (HANDLE, TEXT, TEXT, INT32, PAGE, USER_DATA)),
    "qcos_request": (OWNED, (HANDLE, TEXT, TEXT, TEXT, DATA, SIZE)),
    "qcos_diagnose": (OWNED, (HANDLE, TEXT)),
}
