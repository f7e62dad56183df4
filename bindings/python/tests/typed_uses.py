"""Uses that mypy takes, and wrong ones that it refuses: an "ignore" where nothing is wrong is an
error, too."""

import io
import logging
from typing import Dict, List, Optional

import libqcos
import libqcos.aio

client = libqcos.Client("1", "id", "key", region="ap-guangzhou", timeout_ms=5000, api="xml")
libqcos.Client("1", credentials="cvm:worker", metadata_endpoint="http://127.0.0.1")
libqcos.Client("1", "id", "key", no_option=1)  # type: ignore[call-arg]
libqcos.Client("1", "id", "key", retries="3")  # type: ignore[arg-type]
libqcos.Client("1", "id", "key", api="other")  # type: ignore[arg-type]
client.derive(retries=0).derive(region="ap-x")  # type: ignore[call-arg]

info: libqcos.types.FileInfo = client.stat_file("b", "p")
size: int = info["filesize"]
digest: Optional[str] = info.get("crc64")
info["size"]  # type: ignore[typeddict-item]
client.stat_file(5, "p")  # type: ignore[arg-type]
text: int = info["mtime"]  # type: ignore[assignment]

client.upload_with("f", "b", "p", headers={"Content-Type": "text/plain"}, on_failure="keep")
client.upload_with("f", "b", "p", length=5)  # type: ignore[call-arg]
client.upload_with("f", "b", "p", acl="public")  # type: ignore[arg-type]
client.upload_stream(io.BytesIO(), "b", "p", length=5)
client.upload_stream([b"x"], "b", "p")
client.upload_stream(["text"], "b", "p")  # type: ignore[list-item]
client.download_with("b", "p", "f", if_match="etag", overwrite=False)
client.download_stream("b", "p", io.BytesIO(), last=5)
client.download_stream("b", "p", io.BytesIO(), if_match=5)  # type: ignore[arg-type]

some: bytes = client.download_buffer("b", "p", 0, 5)
received: libqcos.types.Received = client.download_buffer("b", "p", 0, bytearray(5))
none: bytes = client.download_buffer("b", "p", 0, bytearray(5))  # type: ignore[assignment]

listed: List[libqcos.types.Entry] = client.list_all("b", "p")["infos"]
count: int = client.list_all("b", "p", lambda entries: print(entries[0]["name"]))["count"]
names: List[str] = [entry["name"] for entry in client.entries("b", "p")]
found: List[libqcos.types.Entry] = client.prefix_search_all("b", "p", "a/b", recursive=True)["infos"]
client.prefix_search_all("b", "p", "a", lambda entries: print(entries[0]["name"]))["count"]
client.prefix_search_all("b", "p", "a", print)["infos"]  # type: ignore[typeddict-item]
client.prefix_search_all("b", "p", recursive=True)  # type: ignore[call-overload]
prefixed: List[str] = [entry["name"] for entry in client.entries("b", "p", prefix="a/b")]
client.entries("b", "p", prefix=5)  # type: ignore[arg-type]
for version in client.versions("b", "p", recursive=True):
    newest: bool = version["is_latest"]
client.list_versions("b", "p", print)["count"]
client.set_versioning("b", "on")  # type: ignore[arg-type]
state: str = client.get_versioning("b")["status"]
failed: List[libqcos.types.FailedFile] = client.upload_tree("d", "b", "p")["failed"]
client.list("b", "p", pattern="eListFileOnly", order=1)
client.list("b", "p", pattern="files")  # type: ignore[arg-type]

line: bytes = client.open("b", "p", if_match="etag").readline()
reply: Optional[libqcos.types.Uploaded] = client.open("b", "p", "wb", overwrite=True).reply
client.open("b", "p", "wb", if_match="etag")  # type: ignore[call-overload]
client.open("b", "p", "r")  # type: ignore[call-overload]

answer: libqcos.types.Answer = client.request("b", "", "GET", query={"tagging": ""})
client.request("b", "", "PATCH")  # type: ignore[arg-type]

put: str = client.presign("PUT", "b", "p", 60, headers={"a": "b"})["url"]
client.presign("PATCH", "b", "p", 60)  # type: ignore[arg-type]
form: libqcos.types.PresignedForm = client.post_policy("b", key="p", expires_s=60, max=5)
client.post_policy("b", conditions=[])  # type: ignore[call-arg]

client.on_expiry(lambda: libqcos.Credentials("id", "key", expires_at=5))
client.on_expiry(None)
client.on_expiry(lambda: "key")  # type: ignore[arg-type, return-value]


def told(event: libqcos.types.TraceEvent) -> None:
    status: int = event["status"]
    pause: float = event.get("retry_in_ms", 0.0)
    event["state"]  # type: ignore[typeddict-item]


client.on_trace(told)
client.on_trace(lambda event: print(event["whole_ms"]))
client.on_trace(None)
client.on_trace(lambda: None)  # type: ignore[arg-type, misc]
client.log_requests()
client.log_requests(logging.getLogger("mine"), logging.INFO)
client.log_requests(level="INFO")  # type: ignore[arg-type]

diagnosis: libqcos.types.Diagnosis = client.diagnose("b")
advice: List[str] = [step["advice"] for step in diagnosis["steps"] if step["status"] != "ok"]
diagnosis["steps"][0]["state"]  # type: ignore[typeddict-item]
diagnosis["steps"][0]["status"] == "bad"  # type: ignore[comparison-overlap]


def data_of(error: libqcos.QcosError) -> Optional[str]:
    code: int = error.code
    error.data["sessions"]  # type: ignore[typeddict-item]
    return error.data.get("session")


def count_lines(blocking: libqcos.Client, path: str, *, limit: int) -> int:
    return len(blocking.open("b", path).readlines(limit))


async def asynchronous(aio: libqcos.aio.Client) -> None:
    stat: libqcos.types.FileInfo = await aio.stat_file("b", "p")
    stat["size"]  # type: ignore[typeddict-item]
    aio.stat_file("b", "p")["size"]  # type: ignore[index]
    counts: Dict[str, int] = {}
    every: List[libqcos.types.Entry] = (await aio.prefix_search_all("b", "p", "a"))["infos"]
    async for entry in aio.entries("b", "p", prefix="a"):
        counts[entry["name"]] = entry.get("filesize", 0)
    chunks: List[bytes] = [chunk async for chunk in aio.chunks("b", "p", offset=5)]
    uploaded: libqcos.types.Uploaded = await aio.upload_stream(aio.chunks("b", "p"), "b", "q")
    await aio.upload_stream(aio.entries("b", "p"), "b", "q")  # type: ignore[arg-type]
    read: bytes = await aio.download_buffer("b", "p", 0, 5)
    lines: int = await aio.run(count_lines, "p", limit=5)
    await aio.run(count_lines, "p")  # type: ignore[call-arg]
    aio.on_expiry(credentials)
    aio.on_trace(told)
    aio.on_trace(told_later)
    aio.on_trace(credentials)  # type: ignore[arg-type]
    aio.log_requests(level=logging.INFO)
    diagnosis: libqcos.types.Diagnosis = await aio.diagnose("b")
    aio.derive(timeout_ms=5).close()


async def credentials() -> libqcos.Credentials:
    return libqcos.Credentials("id", "key")


async def told_later(event: libqcos.types.TraceEvent) -> None:
    print(event["host"])
