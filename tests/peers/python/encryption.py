"""The official Python SDK, unchanged, with keys of SSE-C and metadata beyond ASCII, against a COS service on this machine.

    encryption.py put URL CERTIFICATE KEY OBJECT FILE    in one request, or above 1 MiB in parts
    encryption.py get URL CERTIFICATE KEY OBJECT FILE
    encryption.py meta URL CERTIFICATE KEY OBJECT        prints the value of x-cos-meta-colour as it came

KEY is in Base64."""
import base64
import hashlib
import os
import sys
from urllib.parse import quote, urlsplit

command, url, certificate, key, name = sys.argv[1:6]
os.environ['REQUESTS_CA_BUNDLE'] = certificate

from qcloud_cos import CosConfig, CosS3Client  # noqa: E402

where = urlsplit(url)
config = CosConfig(Region='ap-guangzhou', SecretId='TESTSECRETID0000000000000000000000000',
                   SecretKey='TESTSECRETKEYDONOTUSE0000000000', Scheme='https',
                   IP=where.hostname, Port=where.port)
client = CosS3Client(config, retry=0)
place = {'Bucket': 'testbucket-10000001', 'Key': name}
md5 = base64.b64encode(hashlib.md5(base64.b64decode(key)).digest()).decode()
own = {'SSECustomerAlgorithm': 'AES256', 'SSECustomerKey': key, 'SSECustomerKeyMD5': md5}
meta = {'x-cos-meta-colour': quote('蓝 100%'), 'x-cos-meta-raw': 'a%20b'}

if command == 'put':
    client.upload_file(LocalFilePath=sys.argv[6], PartSize=1, MAXThread=2, Metadata=meta, **place, **own)
elif command == 'get':
    client.get_object(**place, **own)['Body'].get_stream_to_file(sys.argv[6])
else:
    print(client.head_object(**place, **own)['x-cos-meta-colour'])
