"""Uploads and downloads: files, memory, file objects, trees."""

from __future__ import annotations

import operator
import os
from typing import TYPE_CHECKING, Any, Callable, Literal, Optional, SupportsIndex, Union, overload

from ._call import Progress, call, call_with_progress, call_with_reader, call_with_writer
from ._handle import Handle, options_json
from ._reader import BUFFER_SIZE, ObjectReader
from ._streams import Readable, Writes, reader, writer
from ._writer import ObjectWriter
from .types import (
    Copied,
    CopiedTree,
    CopyOptions,
    CopyTreeOptions,
    Conditions,
    Downloaded,
    DownloadedTree,
    DownloadOptions,
    DownloadTreeOptions,
    RangeOptions,
    Received,
    StreamUploadOptions,
    Uploaded,
    UploadedTree,
    UploadTreeOptions,
    UploadOptions,
)

if TYPE_CHECKING:
    from typing_extensions import Buffer, Unpack

Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]


class Transfers(Handle):
    # Uploads

    def upload(
        self,
        filepath: Path,
        bucket: str,
        dstpath: str,
        biz_attr: Optional[str] = None,
        *,
        progress: Progress = None,
    ) -> Uploaded:
        """A file, above 8 MiB in slices. -> access_url, resource_path, url"""
        arguments = (self._handle, filepath, bucket, dstpath, biz_attr)
        return call_with_progress(Uploaded, "qcos_upload", *arguments, progress=progress)

    def upload_buffer(
        self,
        data: Buffer,
        bucket: str,
        dstpath: str,
        biz_attr: Optional[str] = None,
    ) -> Uploaded:
        """From memory, above 8 MiB in slices. -> as upload"""
        size = memoryview(data).nbytes
        return call(
            Uploaded, "qcos_upload_buffer", self._handle, data, size, bucket, dstpath, biz_attr
        )

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
    ) -> Uploaded:
        """A file in slices; with `data["session"]` of the QcosError of an upload that was broken
        off it goes on. `slice_size`: bytes, 0 for the client's. -> as upload"""
        arguments = (self._handle, filepath, bucket, dstpath, biz_attr, slice_size, session)
        return call_with_progress(Uploaded, "qcos_upload_slice", *arguments, progress=progress)

    def upload_with(
        self,
        filepath: Path,
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Unpack[UploadOptions],
    ) -> Uploaded:
        """A file with biz_attr, overwrite, acl, headers (a dict), storage_class, tags (a dict),
        on_failure. -> as upload"""
        arguments = (self._handle, filepath, bucket, dstpath, options_json(options))
        return call_with_progress(Uploaded, "qcos_upload_with", *arguments, progress=progress)

    def upload_buffer_with(
        self,
        data: Buffer,
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Unpack[UploadOptions],
    ) -> Uploaded:
        """From memory, above 8 MiB in slices; options as upload_with. -> as upload"""
        size = memoryview(data).nbytes
        arguments = (self._handle, data, size, bucket, dstpath, options_json(options))
        return call_with_progress(
            Uploaded, "qcos_upload_buffer_with", *arguments, progress=progress
        )

    def upload_stream(
        self,
        file: Readable,
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Unpack[StreamUploadOptions],
    ) -> Uploaded:
        """What a file yields from where it is to its end: a binary one, or any object with readinto
        or read. JSON API: up to 20 MiB. Options as upload_with, and length (bytes). -> as upload"""
        arguments = (self._handle, bucket, dstpath, options_json(options))
        read = reader(file)
        return call_with_reader(
            Uploaded, "qcos_upload_stream", *arguments, read=read, progress=progress
        )

    def upload_tree(
        self,
        dirpath: Path,
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Unpack[UploadTreeOptions],
    ) -> UploadedTree:
        """A folder with everything below it; options as upload_with, and include, exclude, compare,
        dry_run, delete, times, modes. -> uploaded, same, skipped, failed, deleted, plan"""
        arguments = (self._handle, dirpath, bucket, dstpath, options_json(options))
        return call_with_progress(UploadedTree, "qcos_upload_tree", *arguments, progress=progress)

    # Copies

    def copy_with(
        self,
        bucket: str,
        path: str,
        dst_bucket: str,
        dst_path: str,
        *,
        progress: Progress = None,
        **options: Unpack[CopyOptions],
    ) -> Copied:
        """Also to another bucket and from another region; options src_region, src_appid,
        version_id, overwrite, move, headers, meta, storage_class, sse, src_sse, tags, acl. XML API.
        -> as upload, filesize, crc64, version_id"""
        arguments = (self._handle, bucket, path, dst_bucket, dst_path, options_json(options))
        return call_with_progress(Copied, "qcos_copy_with", *arguments, progress=progress)

    def copy_tree(
        self,
        bucket: str,
        path: str,
        dst_bucket: str,
        dst_path: str,
        *,
        progress: Progress = None,
        **options: Unpack[CopyTreeOptions],
    ) -> CopiedTree:
        """A folder with everything below it; options as copy_with without version_id, and include,
        exclude, compare, dry_run. XML API. -> copied or moved, same, skipped, failed, plan"""
        arguments = (self._handle, bucket, path, dst_bucket, dst_path, options_json(options))
        return call_with_progress(CopiedTree, "qcos_copy_tree", *arguments, progress=progress)

    # Downloads

    def download(
        self, bucket: str, path: str, filepath: Path, *, progress: Progress = None
    ) -> Downloaded:
        """To a local file, which is complete or not there at all. -> filesize, sha"""
        arguments = (self._handle, bucket, path, filepath)
        return call_with_progress(Downloaded, "qcos_download", *arguments, progress=progress)

    def download_with(
        self,
        bucket: str,
        path: str,
        filepath: Path,
        *,
        progress: Progress = None,
        **options: Unpack[DownloadOptions],
    ) -> Downloaded:
        """As download, with overwrite; XML API: version_id, if_match, if_none_match, if_modified_since,
        if_unmodified_since."""
        arguments = (self._handle, bucket, path, filepath, options_json(options))
        return call_with_progress(Downloaded, "qcos_download_with", *arguments, progress=progress)

    @overload
    def download_buffer(
        self,
        bucket: str,
        path: str,
        offset: int,
        size_or_buffer: SupportsIndex,
        **options: Unpack[Conditions],
    ) -> bytes: ...

    @overload
    def download_buffer(
        self,
        bucket: str,
        path: str,
        offset: int,
        size_or_buffer: Buffer,
        **options: Unpack[Conditions],
    ) -> Received: ...

    def download_buffer(
        self,
        bucket: str,
        path: str,
        offset: int,
        size_or_buffer: Union[SupportsIndex, Buffer],
        **options: Unpack[Conditions],
    ) -> Union[bytes, Received]:
        """Up to `size` bytes from `offset` on, as bytes; or they fill a buffer that can be written
        to, from its front. Options if_match and so on as download_with. -> of a buffer: len,
        filesize, etag"""
        try:
            size = operator.index(size_or_buffer)  # type: ignore[arg-type]
        except TypeError:
            return self._fill(bucket, path, offset, size_or_buffer, options)
        buffer = bytearray(size)
        data = self._fill(bucket, path, offset, buffer, options)
        return bytes(memoryview(buffer)[: data["len"]])

    def _fill(
        self, bucket: str, path: str, offset: int, buffer: Any, options: Conditions
    ) -> Received:
        size = memoryview(buffer).nbytes
        arguments = (self._handle, bucket, path, offset, buffer, size, options_json(options))
        return call(Received, "qcos_download_buffer", *arguments)

    @overload
    def open(
        self,
        bucket: str,
        path: str,
        mode: Literal["rb"] = "rb",
        *,
        buffer_size: int = BUFFER_SIZE,
        **options: Unpack[Conditions],
    ) -> ObjectReader: ...

    @overload
    def open(
        self,
        bucket: str,
        path: str,
        mode: Literal["wb"],
        **options: Unpack[StreamUploadOptions],
    ) -> ObjectWriter: ...

    def open(
        self,
        bucket: str,
        path: str,
        mode: str = "rb",
        *,
        buffer_size: int = BUFFER_SIZE,
        **options: Any,
    ) -> Union[ObjectReader, ObjectWriter]:
        """A file object. "rb": a seekable one that fetches `buffer_size` bytes at a time; options
        if_match and so on as download_with. Over the XML API all of it is of one version of the
        file, else ConditionFailed is raised. "wb": what is written to it is uploaded meanwhile, and
        becomes an object when it is closed; options as upload_stream."""
        if mode == "rb":
            return ObjectReader(self._ranges(bucket, path, options), buffer_size)
        if mode != "wb":
            raise ValueError(f'mode is {mode!r}, must be "rb" or "wb"')
        writing = self.derive()

        def upload(pipe: Readable) -> Uploaded:
            with writing:
                return writing.upload_stream(pipe, bucket, path, **options)

        return ObjectWriter(upload, writing.cancel)

    def _ranges(
        self, bucket: str, path: str, options: Any
    ) -> Callable[[int, memoryview], Received]:
        conditions: Conditions = options

        def fetch(offset: int, view: memoryview) -> Received:
            received = self._fill(bucket, path, offset, view, conditions)
            if self._is_xml and "etag" in received:
                conditions["if_match"] = received["etag"]
            return received

        return fetch

    def download_stream(
        self, bucket: str, path: str, file: Writes, **options: Unpack[RangeOptions]
    ) -> Received:
        """To a binary file, or any object with write, in order; after an error, what that has is
        not to be used. Options as download_with without overwrite, and offset, length or last. ->
        len, filesize, etag"""
        arguments = (self._handle, bucket, path, options_json(options))
        return call_with_writer(Received, "qcos_download_stream", *arguments, write=writer(file))

    def download_tree(
        self,
        bucket: str,
        path: str,
        dirpath: Path,
        *,
        progress: Progress = None,
        **options: Unpack[DownloadTreeOptions],
    ) -> DownloadedTree:
        """A folder with everything below it; options overwrite, include, exclude, compare, dry_run,
        delete, times, modes. -> downloaded, same, skipped, failed, deleted, plan"""
        arguments = (self._handle, bucket, path, dirpath, options_json(options))
        return call_with_progress(
            DownloadedTree, "qcos_download_tree", *arguments, progress=progress
        )
