"""A client of the service, with a method for each call of qcos.h."""

from __future__ import annotations

import ctypes
import json
import operator
import os
import weakref
from types import TracebackType
from typing import Any, Dict, List, Optional, Sequence, Type, Union, overload

from ._call import (
    Page,
    Progress,
    call,
    call_with_pages,
    call_with_progress,
    call_with_reader,
    call_with_writer,
)
from ._library import LIBRARY
from ._streams import Readable, Writes, reader, writer

Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
Data = Dict[str, Any]


def _json(options: Dict[str, Any]) -> Optional[str]:
    return json.dumps(options) if options else None


class Client:
    """An account at a service; close it, or use it in a `with`.

    Methods are called what the functions of qcos.h are, without "qcos_"; the header is the manual of
    each. A method returns `data` of the reply. It raises QcosError when the library or the service
    has failed, also after close(); TypeError or ValueError when an argument cannot be passed at all.

    Any thread may use a client, also several at once: the GIL is free while a call is under way.
    Sizes are in bytes. `progress(done, total)` is called on the calling thread with bytes, `page`
    with a list of entries; if one of them returns CANCEL or raises, the call is cancelled.

    It cannot be pickled or copied, nor handed to a process that multiprocessing spawns.
    """

    def __init__(self, appid: str, secret_id: str, secret_key: str, **options: Any) -> None:
        """Nothing is sent. Options are those of qcos_client_open, such as region="..."."""
        handle = ctypes.c_uint64()
        arguments = (appid, secret_id, secret_key, _json(options), ctypes.byref(handle))
        call("qcos_client_open", *arguments)
        self._keep(handle.value)

    def _keep(self, handle: int) -> None:
        self._handle = handle
        # Once, at close() or when nobody holds the client any more.
        self._close = weakref.finalize(self, LIBRARY.qcos_client_close, self._handle)
        self._close.atexit = False

    def derive(self, **options: Any) -> Client:
        """A client on the same account and connections, with limits of its own, such as
        timeout_ms=5000. Options are those of qcos_client_with."""
        handle = ctypes.c_uint64()
        call("qcos_client_with", self._handle, _json(options), ctypes.byref(handle))
        derived = Client.__new__(type(self))
        derived._keep(handle.value)
        return derived

    def cancel(self) -> None:
        """Ends every call of this client and of those derived from it, and each later one: within half
        a second they raise QCOS_ERR_CANCELLED. Any thread may call it."""
        LIBRARY.qcos_client_cancel(self._handle)

    def set_credentials(
        self,
        secret_id: str,
        secret_key: str,
        security_token: Optional[str] = None,
        expires_at: int = 0,
    ) -> None:
        """For this client and all that share with it, from the next signature on. `expires_at`: Unix
        seconds, 0 for never."""
        given = (secret_id, secret_key, security_token, expires_at)
        call("qcos_client_set_credentials", self._handle, *given)

    def close(self) -> None:
        """Calls in other threads go on to their end; later ones raise QCOS_ERR_HANDLE."""
        self._close()

    def __reduce__(self) -> Any:
        """Neither pickled nor copied: in another process the handle could be somebody else's client,
        and two objects with one handle would close it under each other."""
        raise TypeError("a qcos.Client cannot be pickled or copied: open another")

    def __getstate__(self) -> Any:
        return self.__reduce__()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()

    # Signatures

    def sign_more(self, bucket: str, expired: int) -> Data:
        """`expired`: Unix seconds. JSON API. -> sign"""
        return call("qcos_sign_more", self._handle, bucket, expired)

    def sign_once(self, bucket: str, fileid: str) -> Data:
        """`fileid`: "/appid/bucket/path". JSON API. -> sign"""
        return call("qcos_sign_once", self._handle, bucket, fileid)

    def download_url(self, bucket: str, path: str, expires_s: int) -> Data:
        """`expires_s`: seconds from now, 1 to 7776000. -> url"""
        return call("qcos_download_url", self._handle, bucket, path, expires_s)

    # Folders

    def create_folder(self, bucket: str, path: str, biz_attr: Optional[str] = None) -> Data:
        """-178 when it is there already. -> ctime, resource_path"""
        return call("qcos_create_folder", self._handle, bucket, path, biz_attr)

    def update_folder(self, bucket: str, path: str, biz_attr: str) -> Data:
        """Replaces its attribute."""
        return call("qcos_update_folder", self._handle, bucket, path, biz_attr)

    def stat_folder(self, bucket: str, path: str) -> Data:
        """-> name, biz_attr, ctime, mtime (strings of Unix seconds)"""
        return call("qcos_stat_folder", self._handle, bucket, path)

    def delete_folder(self, bucket: str, path: str) -> Data:
        """-173 when it is not empty."""
        return call("qcos_delete_folder", self._handle, bucket, path)

    def delete_tree(self, bucket: str, path: str) -> Data:
        """The folder with everything below it. -> deleted, failed"""
        return call("qcos_delete_tree", self._handle, bucket, path)

    # Lists

    def list(
        self,
        bucket: str,
        path: str,
        num: int = 0,
        pattern: Optional[str] = None,
        order: int = 0,
        context: Optional[str] = None,
    ) -> Data:
        """A page of `num` entries, 0 for 20. -> infos, has_more, context for the next page"""
        return call("qcos_list", self._handle, bucket, path, num, pattern, order, context)

    def prefix_search(
        self,
        bucket: str,
        path: str,
        prefix: str,
        num: int = 0,
        pattern: Optional[str] = None,
        order: int = 0,
        context: Optional[str] = None,
    ) -> Data:
        """As list, of what begins with `prefix`."""
        listed = (num, pattern, order, context)
        return call("qcos_prefix_search", self._handle, bucket, path, prefix, *listed)

    def list_all(
        self, bucket: str, path: str, page: Optional[Page] = None, *, recursive: bool = False
    ) -> Data:
        """All entries, up to 1000 to a call of `page`; without it they are `infos`. -> count"""
        infos: List[Data] = []
        seen = infos.extend if page is None else page
        arguments = (self._handle, bucket, path, recursive)
        data = call_with_pages("qcos_list_all", *arguments, page=seen)
        return data if page is not None else {**data, "infos": infos}

    # Uploads

    def upload(
        self,
        filepath: Path,
        bucket: str,
        dstpath: str,
        biz_attr: Optional[str] = None,
        *,
        progress: Progress = None,
    ) -> Data:
        """A file, above 8 MiB in slices. -> access_url, resource_path, url"""
        arguments = (self._handle, filepath, bucket, dstpath, biz_attr)
        return call_with_progress("qcos_upload", *arguments, progress=progress)

    def upload_buffer(
        self,
        data: Union[bytes, bytearray, memoryview],
        bucket: str,
        dstpath: str,
        biz_attr: Optional[str] = None,
    ) -> Data:
        """From memory, above 8 MiB in slices. -> as upload"""
        size = memoryview(data).nbytes
        return call("qcos_upload_buffer", self._handle, data, size, bucket, dstpath, biz_attr)

    def upload_slice(
        self,
        filepath: Path,
        bucket: str,
        dstpath: str,
        biz_attr: Optional[str] = None,
        *,
        slice_size: int = 0,
        session: Optional[str] = None,
        progress: Progress = None,
    ) -> Data:
        """A file in slices; with `data["session"]` of the QcosError of an upload that was broken off
        it goes on. `slice_size`: bytes, 0 for the client's. -> as upload"""
        arguments = (self._handle, filepath, bucket, dstpath, biz_attr, slice_size, session)
        return call_with_progress("qcos_upload_slice", *arguments, progress=progress)

    def upload_with(
        self,
        filepath: Path,
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Any,
    ) -> Data:
        """A file with biz_attr, overwrite, acl, headers (a dict), storage_class, on_failure. -> as
        upload"""
        arguments = (self._handle, filepath, bucket, dstpath, _json(options))
        return call_with_progress("qcos_upload_with", *arguments, progress=progress)

    def upload_buffer_with(
        self,
        data: Union[bytes, bytearray, memoryview],
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Any,
    ) -> Data:
        """From memory, above 8 MiB in slices; options as upload_with. -> as upload"""
        size = memoryview(data).nbytes
        arguments = (self._handle, data, size, bucket, dstpath, _json(options))
        return call_with_progress("qcos_upload_buffer_with", *arguments, progress=progress)

    def upload_stream(
        self,
        file: Readable,
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Any,
    ) -> Data:
        """What a file yields from where it is to its end: a binary one, or any object with readinto or
        read. JSON API: up to 20 MiB. Options as upload_with, and length (bytes). -> as upload"""
        arguments = (self._handle, bucket, dstpath, _json(options))
        read = reader(file)
        return call_with_reader("qcos_upload_stream", *arguments, read=read, progress=progress)

    def upload_tree(
        self,
        dirpath: Path,
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Any,
    ) -> Data:
        """A folder with everything below it; options as upload_with. -> uploaded, same, skipped,
        failed"""
        arguments = (self._handle, dirpath, bucket, dstpath, _json(options))
        return call_with_progress("qcos_upload_tree", *arguments, progress=progress)

    def list_uploads(self, bucket: str, path: str) -> Data:
        """Unfinished uploads. XML API. -> infos"""
        return call("qcos_list_uploads", self._handle, bucket, path)

    def abort_upload(self, bucket: str, path: str, session: str) -> Data:
        """Drops an unfinished upload. XML API."""
        return call("qcos_abort_upload", self._handle, bucket, path, session)

    # Downloads

    def download(
        self, bucket: str, path: str, filepath: Path, *, progress: Progress = None
    ) -> Data:
        """To a local file, which is complete or not there at all. -> filesize, sha"""
        arguments = (self._handle, bucket, path, filepath)
        return call_with_progress("qcos_download", *arguments, progress=progress)

    def download_with(
        self,
        bucket: str,
        path: str,
        filepath: Path,
        *,
        progress: Progress = None,
        **options: Any,
    ) -> Data:
        """As download, with overwrite; XML API: if_match, if_none_match, if_modified_since,
        if_unmodified_since."""
        arguments = (self._handle, bucket, path, filepath, _json(options))
        return call_with_progress("qcos_download_with", *arguments, progress=progress)

    @overload
    def download_buffer(
        self, bucket: str, path: str, offset: int, size_or_buffer: int, **options: Any
    ) -> bytes: ...

    @overload
    def download_buffer(
        self,
        bucket: str,
        path: str,
        offset: int,
        size_or_buffer: Union[bytearray, memoryview],
        **options: Any,
    ) -> Data: ...

    def download_buffer(
        self, bucket: str, path: str, offset: int, size_or_buffer: Any, **options: Any
    ) -> Any:
        """Up to `size` bytes from `offset` on, as bytes; or they fill a buffer that can be written to,
        from its front. Options if_match and so on as download_with. -> of a buffer: len, filesize,
        etag"""
        try:
            size = operator.index(size_or_buffer)
        except TypeError:
            return self._fill(bucket, path, offset, size_or_buffer, options)
        buffer = bytearray(size)
        data = self._fill(bucket, path, offset, buffer, options)
        return bytes(memoryview(buffer)[: data["len"]])

    def _fill(
        self, bucket: str, path: str, offset: int, buffer: Any, options: Dict[str, Any]
    ) -> Data:
        size = memoryview(buffer).nbytes
        arguments = (self._handle, bucket, path, offset, buffer, size, _json(options))
        return call("qcos_download_buffer", *arguments)

    def download_stream(self, bucket: str, path: str, file: Writes, **options: Any) -> Data:
        """To a binary file, or any object with write, in order; after an error, what that has is not
        to be used. Options as download_with without overwrite, and offset, length or last. -> len,
        filesize, etag"""
        arguments = (self._handle, bucket, path, _json(options))
        return call_with_writer("qcos_download_stream", *arguments, write=writer(file))

    def download_tree(
        self,
        bucket: str,
        path: str,
        dirpath: Path,
        *,
        progress: Progress = None,
        **options: Any,
    ) -> Data:
        """A folder with everything below it; option overwrite. -> downloaded, same, skipped, failed"""
        arguments = (self._handle, bucket, path, dirpath, _json(options))
        return call_with_progress("qcos_download_tree", *arguments, progress=progress)

    # Files

    def stat_file(self, bucket: str, path: str) -> Data:
        """-> filesize, filelen (bytes), sha, biz_attr, ctime, mtime, access_url, ..."""
        return call("qcos_stat_file", self._handle, bucket, path)

    def update_file(self, bucket: str, path: str, biz_attr: str) -> Data:
        """Replaces its attribute."""
        return call("qcos_update_file", self._handle, bucket, path, biz_attr)

    def delete_file(self, bucket: str, path: str) -> Data:
        """-166 or -197 when there is no such file."""
        return call("qcos_delete_file", self._handle, bucket, path)

    def delete_files(self, bucket: str, paths: Sequence[str]) -> Data:
        """1 to 100000 files. -> deleted, failed"""
        if isinstance(paths, (str, bytes)):
            raise TypeError("qcos_delete_files: paths must be a list of str")
        return call("qcos_delete_files", self._handle, bucket, json.dumps([*paths]))

    def move_file(
        self, bucket: str, path: str, dst_path: str, *, overwrite: bool = False
    ) -> Data:
        """Inside its bucket."""
        return call("qcos_move_file", self._handle, bucket, path, dst_path, overwrite)

    def copy_file(
        self, bucket: str, path: str, dst_path: str, *, overwrite: bool = False
    ) -> Data:
        """Inside its bucket. XML API."""
        return call("qcos_copy_file", self._handle, bucket, path, dst_path, overwrite)

    def set_acl(self, bucket: str, path: str, acl: str) -> Data:
        """`acl`: "private", "public-read" or "default"."""
        return call("qcos_set_acl", self._handle, bucket, path, acl)

    def get_acl(self, bucket: str, path: str) -> Data:
        """-> acl, and grants where no word says it"""
        return call("qcos_get_acl", self._handle, bucket, path)

    # Everything else

    def request(
        self,
        bucket: Optional[str],
        path: Optional[str],
        method: str,
        body: Union[bytes, bytearray, memoryview] = b"",
        **request: Any,
    ) -> Data:
        """One request in the service's own words, with query, headers (dicts of str), host, idempotent.
        XML API. -> status, headers, body or body_base64, xml"""
        request_json = json.dumps({"method": method, **request})
        size = memoryview(body).nbytes
        return call("qcos_request", self._handle, bucket, path, request_json, body, size)

    def diagnose(self, bucket: str) -> Data:
        """What is wrong between this program and the service, step by step. -> ok, steps"""
        return call("qcos_diagnose", self._handle, bucket)

    # Buckets

    def create_bucket(self, bucket: str, acl: Optional[str] = None) -> Data:
        """`acl`: "private", "public-read" or "public-read-write". XML API."""
        return call("qcos_create_bucket", self._handle, bucket, acl)

    def head_bucket(self, bucket: str) -> Data:
        """-> region, where the service tells it"""
        return call("qcos_head_bucket", self._handle, bucket)

    def delete_bucket(self, bucket: str) -> Data:
        """-173 when it is not empty. XML API."""
        return call("qcos_delete_bucket", self._handle, bucket)

    def list_buckets(self) -> Data:
        """Of all regions, unless an endpoint is given. XML API. -> infos"""
        return call("qcos_list_buckets", self._handle)
