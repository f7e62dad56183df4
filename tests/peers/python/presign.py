"""URLs that the official SDK signs, as the test presign.rs asks for them.

    presign.py '["SECRET_ID", "SECRET_KEY", "BUCKET"]' '[{"method", "key", "query", "headers", "token", "time"}]'

Prints a JSON array of them."""

import json
import sys
import time

import qcloud_cos

secret_id, secret_key, bucket = json.loads(sys.argv[1])
urls = []
for asked in json.loads(sys.argv[2]):
    start, end = asked["time"]
    # A signature of the SDK begins a minute before it is made.
    time.time = lambda now=start + 60: now
    config = qcloud_cos.CosConfig(Region="ap-guangzhou", SecretId=secret_id, SecretKey=secret_key)
    # Its own option for a token leaves it out of the URL.
    token = {"x-cos-security-token": asked["token"]} if asked["token"] else {}
    urls.append(
        qcloud_cos.CosS3Client(config).get_presigned_url(
            Bucket=bucket,
            Key=asked["key"],
            Method=asked["method"],
            Expired=end - start - 60,
            Params={**(asked["query"] or {}), **token},
            Headers=asked["headers"] or {},
        )
    )
print(json.dumps(urls))
