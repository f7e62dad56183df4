"""The transfers of _transfers.py as coroutines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, AsyncGenerator, SupportsIndex, Union, Optional, overload

from ._aio_call import Bridge
from ._aio_handle import Handle
from ._aio_streams import AnyReadable, AnyWritable, is_iterated, readable, writable
from ._call import Progress
from ._transfers import Path
from .client import Client as Blocking
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


class Transfers(Handle):
    async def upload(
        self,
        filepath: Path,
        bucket: str,
        dstpath: str,
        biz_attr: Optional[str] = None,
        *,
        progress: Progress = None,
    ) -> Uploaded:
        return await self._call(
            lambda client, bridge: client.upload(
                filepath, bucket, dstpath, biz_attr, progress=bridge.progress(progress)
            )
        )

    async def upload_buffer(
        self,
        data: Buffer,
        bucket: str,
        dstpath: str,
        biz_attr: Optional[str] = None,
    ) -> Uploaded:
        return await self._call(
            lambda client, _: client.upload_buffer(data, bucket, dstpath, biz_attr)
        )

    async def upload_slice(
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
        return await self._call(
            lambda client, bridge: client.upload_slice(
                filepath,
                bucket,
                dstpath,
                biz_attr,
                slice_size=slice_size,
                session=session,
                progress=bridge.progress(progress),
            )
        )

    async def upload_with(
        self,
        filepath: Path,
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Unpack[UploadOptions],
    ) -> Uploaded:
        return await self._call(
            lambda client, bridge: client.upload_with(
                filepath, bucket, dstpath, progress=bridge.progress(progress), **options
            )
        )

    async def upload_buffer_with(
        self,
        data: Buffer,
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Unpack[UploadOptions],
    ) -> Uploaded:
        return await self._call(
            lambda client, bridge: client.upload_buffer_with(
                data, bucket, dstpath, progress=bridge.progress(progress), **options
            )
        )

    async def upload_tree(
        self,
        dirpath: Path,
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Unpack[UploadTreeOptions],
    ) -> UploadedTree:
        return await self._call(
            lambda client, bridge: client.upload_tree(
                dirpath, bucket, dstpath, progress=bridge.progress(progress), **options
            )
        )

    async def copy_with(
        self,
        bucket: str,
        path: str,
        dst_bucket: str,
        dst_path: str,
        *,
        progress: Progress = None,
        **options: Unpack[CopyOptions],
    ) -> Copied:
        return await self._call(
            lambda client, bridge: client.copy_with(
                bucket, path, dst_bucket, dst_path, progress=bridge.progress(progress), **options
            )
        )

    async def copy_tree(
        self,
        bucket: str,
        path: str,
        dst_bucket: str,
        dst_path: str,
        *,
        progress: Progress = None,
        **options: Unpack[CopyTreeOptions],
    ) -> CopiedTree:
        return await self._call(
            lambda client, bridge: client.copy_tree(
                bucket, path, dst_bucket, dst_path, progress=bridge.progress(progress), **options
            )
        )

    async def download(
        self,
        bucket: str,
        path: str,
        filepath: Path,
        *,
        progress: Progress = None,
    ) -> Downloaded:
        return await self._call(
            lambda client, bridge: client.download(
                bucket, path, filepath, progress=bridge.progress(progress)
            )
        )

    async def download_with(
        self,
        bucket: str,
        path: str,
        filepath: Path,
        *,
        progress: Progress = None,
        **options: Unpack[DownloadOptions],
    ) -> Downloaded:
        return await self._call(
            lambda client, bridge: client.download_with(
                bucket, path, filepath, progress=bridge.progress(progress), **options
            )
        )

    async def download_tree(
        self,
        bucket: str,
        path: str,
        dirpath: Path,
        *,
        progress: Progress = None,
        **options: Unpack[DownloadTreeOptions],
    ) -> DownloadedTree:
        return await self._call(
            lambda client, bridge: client.download_tree(
                bucket, path, dirpath, progress=bridge.progress(progress), **options
            )
        )

    async def upload_stream(
        self,
        file: AnyReadable,
        bucket: str,
        dstpath: str,
        *,
        progress: Progress = None,
        **options: Unpack[StreamUploadOptions],
    ) -> Uploaded:
        """What a file yields: one whose `read` is a coroutine function, such as
        asyncio.StreamReader, or an asynchronous iterable of bytes, such as an asynchronous
        generator, on the event loop; one as libqcos.Client takes on a thread, where it may block."""

        def upload(client: Blocking, bridge: Bridge) -> Uploaded:
            return client.upload_stream(
                readable(file, bridge),
                bucket,
                dstpath,
                progress=bridge.progress(progress),
                **options,
            )

        try:
            return await self._call(upload, is_stream=True)
        finally:
            if is_iterated(file) and hasattr(file, "aclose"):
                await file.aclose()

    async def download_stream(
        self, bucket: str, path: str, file: AnyWritable, **options: Unpack[RangeOptions]
    ) -> Received:
        """To a file whose `write` is a coroutine function, or an asyncio.StreamWriter, on the event
        loop; to one as libqcos.Client takes on a thread, where it may block."""

        def download(client: Blocking, bridge: Bridge) -> Received:
            return client.download_stream(bucket, path, writable(file, bridge), **options)

        return await self._call(download, is_stream=True)

    async def chunks(
        self, bucket: str, path: str, **options: Unpack[RangeOptions]
    ) -> AsyncGenerator[bytes, None]:
        """What download_stream would write, for `async for`. An exception at the end, too, means
        that what has come is not to be used."""

        class Handed:
            def __init__(self, hand: Any) -> None:
                self.write = hand

        handed: AsyncGenerator[bytes, None] = self._handed(
            lambda client, hand: client.download_stream(bucket, path, Handed(hand), **options),
            timeout_ms=0,
        )
        try:
            async for chunk in handed:
                yield chunk
        finally:
            await handed.aclose()

    @overload
    async def download_buffer(
        self,
        bucket: str,
        path: str,
        offset: int,
        size_or_buffer: SupportsIndex,
        **options: Unpack[Conditions],
    ) -> bytes: ...

    @overload
    async def download_buffer(
        self,
        bucket: str,
        path: str,
        offset: int,
        size_or_buffer: Buffer,
        **options: Unpack[Conditions],
    ) -> Received: ...

    async def download_buffer(
        self,
        bucket: str,
        path: str,
        offset: int,
        size_or_buffer: Any,
        **options: Unpack[Conditions],
    ) -> Union[bytes, Received]:
        """As that of libqcos.Client. Memory is used no more when this has returned or raised."""
        arguments = (bucket, path, offset, size_or_buffer)
        received: Union[bytes, Received] = await self._call(
            lambda client, _: client.download_buffer(*arguments, **options)
        )
        return received
