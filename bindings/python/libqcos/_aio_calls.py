"""The calls of _calls.py as coroutines."""

from __future__ import annotations

from typing import TYPE_CHECKING, AsyncGenerator, List, Mapping, Optional, Sequence

from ._aio_handle import Handle
from ._calls import list_pages
from .types import (
    Acl,
    Answer,
    Appended,
    AppendOptions,
    BucketAcl,
    BucketRegion,
    Buckets,
    Conditions,
    CreatedFolder,
    Deleted,
    DeletedVersion,
    DeleteOptions,
    Diagnosis,
    Empty,
    Entry,
    FileAcl,
    FileInfo,
    FolderInfo,
    FormOptions,
    ListedAll,
    ListPage,
    Method,
    Order,
    Pattern,
    PresignedForm,
    PresignedRequest,
    PresignOptions,
    RequestOptions,
    Restoring,
    Signature,
    Tags,
    Tier,
    UnfinishedUploads,
    Updated,
    UpdateOptions,
    Url,
    Versioning,
    VersioningStatus,
)

if TYPE_CHECKING:
    from typing_extensions import Buffer, Unpack


class Calls(Handle):
    async def sign_more(
        self,
        bucket: str,
        expired: int,
    ) -> Signature:
        return await self._call(lambda client, _: client.sign_more(bucket, expired))

    async def sign_once(
        self,
        bucket: str,
        fileid: str,
    ) -> Signature:
        return await self._call(lambda client, _: client.sign_once(bucket, fileid))

    async def download_url(
        self,
        bucket: str,
        path: str,
        expires_s: int,
    ) -> Url:
        return await self._call(lambda client, _: client.download_url(bucket, path, expires_s))

    async def presign(
        self,
        method: Method,
        bucket: str,
        path: str,
        expires_s: int,
        **options: Unpack[PresignOptions],
    ) -> PresignedRequest:
        return await self._call(
            lambda client, _: client.presign(method, bucket, path, expires_s, **options)
        )

    async def post_policy(self, bucket: str, **options: Unpack[FormOptions]) -> PresignedForm:
        return await self._call(lambda client, _: client.post_policy(bucket, **options))

    async def create_folder(
        self,
        bucket: str,
        path: str,
        biz_attr: Optional[str] = None,
    ) -> CreatedFolder:
        return await self._call(lambda client, _: client.create_folder(bucket, path, biz_attr))

    async def update_folder(
        self,
        bucket: str,
        path: str,
        biz_attr: str,
    ) -> Empty:
        return await self._call(lambda client, _: client.update_folder(bucket, path, biz_attr))

    async def stat_folder(
        self,
        bucket: str,
        path: str,
    ) -> FolderInfo:
        return await self._call(lambda client, _: client.stat_folder(bucket, path))

    async def delete_folder(
        self,
        bucket: str,
        path: str,
    ) -> DeletedVersion:
        return await self._call(lambda client, _: client.delete_folder(bucket, path))

    async def delete_tree(
        self,
        bucket: str,
        path: str,
    ) -> Deleted:
        return await self._call(lambda client, _: client.delete_tree(bucket, path))

    async def list(
        self,
        bucket: str,
        path: str,
        num: int = 0,
        pattern: Optional[Pattern] = None,
        order: Order = 0,
        context: Optional[str] = None,
    ) -> ListPage:
        return await self._call(
            lambda client, _: client.list(bucket, path, num, pattern, order, context)
        )

    async def prefix_search(
        self,
        bucket: str,
        path: str,
        prefix: str,
        num: int = 0,
        pattern: Optional[Pattern] = None,
        order: Order = 0,
        context: Optional[str] = None,
    ) -> ListPage:
        return await self._call(
            lambda client, _: client.prefix_search(
                bucket, path, prefix, num, pattern, order, context
            )
        )

    async def stat_file(
        self,
        bucket: str,
        path: str,
    ) -> FileInfo:
        return await self._call(lambda client, _: client.stat_file(bucket, path))

    async def stat_with(
        self,
        bucket: str,
        path: str,
        **options: Unpack[Conditions],
    ) -> FileInfo:
        return await self._call(lambda client, _: client.stat_with(bucket, path, **options))

    async def update_file(
        self,
        bucket: str,
        path: str,
        biz_attr: str,
    ) -> Empty:
        return await self._call(lambda client, _: client.update_file(bucket, path, biz_attr))

    async def update_with(
        self,
        bucket: str,
        path: str,
        **options: Unpack[UpdateOptions],
    ) -> Updated:
        return await self._call(lambda client, _: client.update_with(bucket, path, **options))

    async def delete_file(
        self,
        bucket: str,
        path: str,
    ) -> DeletedVersion:
        return await self._call(lambda client, _: client.delete_file(bucket, path))

    async def delete_with(
        self,
        bucket: str,
        path: str,
        **options: Unpack[DeleteOptions],
    ) -> DeletedVersion:
        return await self._call(lambda client, _: client.delete_with(bucket, path, **options))

    async def delete_files(
        self,
        bucket: str,
        paths: Sequence[str],
    ) -> Deleted:
        return await self._call(lambda client, _: client.delete_files(bucket, paths))

    async def move_file(
        self,
        bucket: str,
        path: str,
        dst_path: str,
        *,
        overwrite: bool = False,
    ) -> Empty:
        return await self._call(
            lambda client, _: client.move_file(bucket, path, dst_path, overwrite=overwrite)
        )

    async def copy_file(
        self,
        bucket: str,
        path: str,
        dst_path: str,
        *,
        overwrite: bool = False,
    ) -> Empty:
        return await self._call(
            lambda client, _: client.copy_file(bucket, path, dst_path, overwrite=overwrite)
        )

    async def set_acl(
        self,
        bucket: str,
        path: str,
        acl: FileAcl,
    ) -> Empty:
        return await self._call(lambda client, _: client.set_acl(bucket, path, acl))

    async def get_acl(
        self,
        bucket: str,
        path: str,
    ) -> Acl:
        return await self._call(lambda client, _: client.get_acl(bucket, path))

    async def set_tags(
        self,
        bucket: str,
        path: str,
        tags: Mapping[str, str],
    ) -> Empty:
        return await self._call(lambda client, _: client.set_tags(bucket, path, tags))

    async def get_tags(
        self,
        bucket: str,
        path: str,
    ) -> Tags:
        return await self._call(lambda client, _: client.get_tags(bucket, path))

    async def restore_file(
        self,
        bucket: str,
        path: str,
        days: int,
        tier: Optional[Tier] = None,
    ) -> Restoring:
        return await self._call(lambda client, _: client.restore_file(bucket, path, days, tier))

    async def append(
        self,
        data: Buffer,
        bucket: str,
        path: str,
        position: int,
        **options: Unpack[AppendOptions],
    ) -> Appended:
        return await self._call(
            lambda client, _: client.append(data, bucket, path, position, **options)
        )

    async def request(
        self,
        bucket: Optional[str],
        path: Optional[str],
        method: Method,
        body: Buffer = b"",
        **request: Unpack[RequestOptions],
    ) -> Answer:
        return await self._call(
            lambda client, _: client.request(bucket, path, method, body, **request)
        )

    async def create_bucket(
        self,
        bucket: str,
        acl: Optional[BucketAcl] = None,
    ) -> Empty:
        return await self._call(lambda client, _: client.create_bucket(bucket, acl))

    async def diagnose(
        self,
        bucket: str,
    ) -> Diagnosis:
        return await self._call(lambda client, _: client.diagnose(bucket))

    async def head_bucket(
        self,
        bucket: str,
    ) -> BucketRegion:
        return await self._call(lambda client, _: client.head_bucket(bucket))

    async def set_versioning(
        self,
        bucket: str,
        status: VersioningStatus,
    ) -> Empty:
        return await self._call(lambda client, _: client.set_versioning(bucket, status))

    async def get_versioning(
        self,
        bucket: str,
    ) -> Versioning:
        return await self._call(lambda client, _: client.get_versioning(bucket))

    async def delete_bucket(
        self,
        bucket: str,
    ) -> Empty:
        return await self._call(lambda client, _: client.delete_bucket(bucket))

    async def list_buckets(self) -> Buckets:
        return await self._call(lambda client, _: client.list_buckets())

    async def list_uploads(
        self,
        bucket: str,
        path: str,
    ) -> UnfinishedUploads:
        return await self._call(lambda client, _: client.list_uploads(bucket, path))

    async def abort_upload(
        self,
        bucket: str,
        path: str,
        session: str,
    ) -> Empty:
        return await self._call(lambda client, _: client.abort_upload(bucket, path, session))

    async def list_all(self, bucket: str, path: str, *, recursive: bool = False) -> ListedAll:
        """All entries at once: they are `infos`."""
        return await self._call(
            lambda client, _: client.list_all(bucket, path, recursive=recursive)
        )

    async def prefix_search_all(
        self, bucket: str, path: str, prefix: str, *, recursive: bool = False
    ) -> ListedAll:
        """All entries at once: they are `infos`."""
        return await self._call(
            lambda client, _: client.prefix_search_all(bucket, path, prefix, recursive=recursive)
        )

    async def list_versions(
        self, bucket: str, path: str, *, recursive: bool = False
    ) -> ListedAll:
        """All entries at once: they are `infos`."""
        return await self._call(
            lambda client, _: client.list_versions(bucket, path, recursive=recursive)
        )

    async def versions(
        self, bucket: str, path: str, *, recursive: bool = False
    ) -> AsyncGenerator[Entry, None]:
        """As that of libqcos.Client, for `async for`."""
        pages: AsyncGenerator[List[Entry], None] = self._handed(
            lambda client, hand: client.list_versions(bucket, path, hand, recursive=recursive),
            timeout_ms=0,
        )
        try:
            async for page in pages:
                for entry in page:
                    yield entry
        finally:
            await pages.aclose()

    async def entries(
        self, bucket: str, path: str, *, recursive: bool = False, prefix: Optional[str] = None
    ) -> AsyncGenerator[Entry, None]:
        """As that of libqcos.Client, for `async for`."""
        # Of a call that waits for the caller between its pages.
        pages: AsyncGenerator[List[Entry], None] = self._handed(
            lambda client, hand: list_pages(
                client, bucket, path, hand, recursive=recursive, prefix=prefix
            ),
            timeout_ms=0,
        )
        try:
            async for page in pages:
                for entry in page:
                    yield entry
        finally:
            await pages.aclose()
