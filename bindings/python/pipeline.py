"""Splits tables by country: reads every CSV or JSON lines file below a folder, as it is or gzipped,
and writes the rows of each country as JSON lines to a folder of that country. Files are read and
written as streams, several at once. What was done before is not done again, unless the source has
changed since.

    pipeline.py BUCKET SOURCE TARGET

writes TARGET/country=CN/NAME.jsonl of SOURCE/NAME, and TARGET/_done/NAME.json when NAME is
complete. Whose account and which service: QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY and
QCOS_OPTIONS in the environment, as for quickstart.py."""

import asyncio
import collections
import contextlib
import csv
import gzip
import io
import json
import os
import sys
import zlib
from typing import IO, Any, Dict, Iterator, Optional

import libqcos
import libqcos.aio

AT_ONCE = 8
KINDS = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz")


def rows_of(name: str, file: IO[bytes]) -> Iterator[Dict[str, Any]]:
    binary = gzip.GzipFile(fileobj=file) if name.endswith(".gz") else file
    text = io.TextIOWrapper(binary, "utf-8", newline="")
    return iter(csv.DictReader(text)) if ".csv" in name else map(json.loads, text)


def split(
    client: libqcos.Client, bucket: str, source: str, target: str, entry: libqcos.types.Entry
) -> Dict[str, int]:
    """On a thread. If anything fails, none of the files that are being written comes into being."""
    name = entry["name"]
    counts: Dict[str, int] = collections.Counter()
    # Of the version that was listed; in the JSON API there are no conditions.
    version: libqcos.types.Conditions = {"if_match": entry["etag"]} if "etag" in entry else {}
    outputs: Dict[str, libqcos.ObjectWriter] = {}
    with client.open(
        bucket, f"{source}/{name}", **version
    ) as file, contextlib.ExitStack() as files:
        for row in rows_of(name, file):
            country = row.pop("country") or "unknown"
            if country not in outputs:
                path = f"{target}/country={country}/{name}.jsonl"
                output = client.open(bucket, path, "wb", overwrite=True)
                outputs[country] = files.enter_context(output)
            outputs[country].write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            counts[country] += 1
    return counts


async def version_done(client: libqcos.aio.Client, bucket: str, path: str) -> Optional[str]:
    try:
        done = json.loads(await client.download_buffer(bucket, path, 0, 1 << 20))
    except libqcos.NotFound:
        return None
    return str(done["version"])


async def process(
    client: libqcos.aio.Client, bucket: str, source: str, target: str, entry: libqcos.types.Entry
) -> str:
    done = f"{target}/_done/{entry['name']}.json"
    # What the list tells of the content: an ETag in the XML API, a SHA-1 in the JSON API.
    version = entry.get("etag") or entry.get("sha")
    if version is not None and await version_done(client, bucket, done) == version:
        return "same"
    try:
        counts = await client.run(split, bucket, source, target, entry)
    except (libqcos.QcosError, OSError, EOFError, zlib.error, KeyError, ValueError) as error:
        return f"failed ({type(error).__name__}: {error})"
    told = json.dumps({"version": version, "rows": counts}).encode()
    await client.upload_buffer_with(told, bucket, done, overwrite=True)
    return f"done {json.dumps(counts, sort_keys=True)}"


async def process_all(client: libqcos.aio.Client, bucket: str, source: str, target: str) -> bool:
    limit, tasks = asyncio.Semaphore(AT_ONCE), []

    async def limited(entry: libqcos.types.Entry) -> bool:
        async with limit:
            outcome = await process(client, bucket, source, target, entry)
        print(entry["name"], outcome, flush=True)
        return not outcome.startswith("failed")

    try:
        async for entry in client.entries(bucket, source, recursive=True):
            if "filesize" in entry and entry["name"].endswith(KINDS):
                tasks.append(asyncio.ensure_future(limited(entry)))
        return all(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


async def main() -> bool:
    if len(sys.argv) != 4:
        sys.exit(f"usage: {sys.argv[0]} BUCKET SOURCE TARGET")
    appid, secret_id, secret_key = (
        os.environ[f"QCOS_{name}"] for name in ("APPID", "SECRET_ID", "SECRET_KEY")
    )
    options = json.loads(os.environ.get("QCOS_OPTIONS") or "{}")
    async with libqcos.aio.Client(appid, secret_id, secret_key, **options) as client:
        return await process_all(client, *sys.argv[1:])


if __name__ == "__main__":
    try:
        sys.exit(0 if asyncio.run(main()) else 1)
    except libqcos.QcosError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("interrupted: what is done will not be done again")
