"""The official Python SDK as a peer: one operation, measured.

    sdk.py upload|download|upload_tree|download_tree|list|delete_tree|stat url=URL key=KEY [file=FILE] [threads=N part=MIB] [calls=N] [warm=N]

Without threads and part, its own defaults: 5 threads; 1 MiB a part up, 20 MiB a range down. It knows no trees: their
files go one by one, in so many threads.
"""
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import measure
from qcloud_cos import CosConfig, CosS3Client

BUCKET = "testbucket-10000001"


def pages(client, key):
    marker = ""
    while True:
        page = client.list_objects(Bucket=BUCKET, Prefix=key + "/", Marker=marker, MaxKeys=1000)
        yield page.get("Contents", [])
        if page["IsTruncated"] != "true":
            return
        marker = page["NextMarker"]


def listed(client, key):
    for _ in pages(client, key):
        pass


def deleted(client, key):
    """As the SDK's examples do: a page is listed, and then deleted."""
    for page in pages(client, key):
        names = [{"Key": entry["Key"]} for entry in page]
        client.delete_objects(Bucket=BUCKET, Delete={"Object": names, "Quiet": "true"})


def each(names, threads, one):
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(one, names):
            pass


def upload_tree(client, root, key, threads):
    names = [os.path.relpath(os.path.join(folder, name), root)
             for folder, _, files in os.walk(root) for name in files]
    each(names, threads, lambda name: client.put_object_from_local_file(
        Bucket=BUCKET, Key=key + "/" + name, LocalFilePath=os.path.join(root, name)))


def download_tree(client, root, key, threads):
    def one(name):
        path = os.path.join(root, name[len(key) + 1:])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        client.get_object(Bucket=BUCKET, Key=name)["Body"].get_stream_to_file(path)

    each((entry["Key"] for page in pages(client, key) for entry in page), threads, one)


def main() -> None:
    logging.disable(logging.CRITICAL)
    operation, chosen = sys.argv[1], measure.options()
    where, key = urlsplit(chosen["url"]), chosen["key"]
    pool, tuned = {}, {}
    if "threads" in chosen:
        threads = int(chosen["threads"])
        pool = {"PoolConnections": threads, "PoolMaxSize": threads}
        tuned = {"MAXThread": threads, "PartSize": int(chosen["part"])}
    if "ca" in chosen:
        os.environ["REQUESTS_CA_BUNDLE"] = chosen["ca"]
    config = CosConfig(Region="ap-guangzhou", SecretId="TESTSECRETID0000000000000000000000000",
                       SecretKey="TESTSECRETKEYDONOTUSE0000000000", Scheme=where.scheme,
                       IP=where.hostname, Port=where.port, **pool)
    client = CosS3Client(config)
    if operation == "upload":
        measure.measure(lambda: client.upload_file(
            Bucket=BUCKET, Key=key, LocalFilePath=chosen["file"], **tuned))
    elif operation == "download":
        measure.measure(lambda: client.download_file(
            Bucket=BUCKET, Key=key, DestFilePath=chosen["file"], **tuned))
    elif operation in ("upload_tree", "download_tree"):
        tree = upload_tree if operation == "upload_tree" else download_tree
        measure.measure(lambda: tree(client, chosen["file"], key, int(chosen.get("threads", "5"))))
    elif operation == "list":
        measure.measure(lambda: listed(client, key))
    elif operation == "delete_tree":
        measure.measure(lambda: deleted(client, key))
    elif operation == "puts":
        measure.small_calls(lambda: client.put_object_from_local_file(
            Bucket=BUCKET, Key=key, LocalFilePath=chosen["file"]), chosen)
    elif operation == "gets":
        measure.small_calls(lambda: client.get_object(Bucket=BUCKET, Key=key)["Body"].get_stream_to_file(
            chosen["file"]), chosen)
    elif operation == "stat":
        measure.small_calls(lambda: client.head_object(Bucket=BUCKET, Key=key), chosen)
    else:
        sys.exit("unknown operation")


main()
