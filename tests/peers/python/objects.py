"""The official Python SDK, unchanged, with all that an object has, against a COS service on this machine.

    objects.py put URL CERTIFICATE OPTIONS KEY FILE      in one request, or above 1 MiB in parts
    objects.py get URL CERTIFICATE OPTIONS KEY FILE
    objects.py head URL CERTIFICATE OPTIONS KEY          prints the headers as JSON
    objects.py copy URL CERTIFICATE OPTIONS KEY SOURCE   prints the id of the copy's version, if there is one
    objects.py presign URL CERTIFICATE OPTIONS KEY       prints the URL of a PUT with the headers

OPTIONS is a JSON object: `headers` (of x-cos-meta-... too), `storage_class`, `tags` as in x-cos-tagging, `sse`
and `src_sse` as the library takes them, `version_id`. SOURCE is a bucket, a slash and a key. A copy has the
headers and tags of its source if none are given; `parts`, the size of the source, has it made in two parts."""
import base64
import hashlib
import json
import os
import sys
from urllib.parse import urlsplit

command, url, certificate, options, name = sys.argv[1:6]
os.environ['REQUESTS_CA_BUNDLE'] = certificate

from qcloud_cos import CosConfig, CosS3Client  # noqa: E402

options = json.loads(options)
where = urlsplit(url)
config = CosConfig(Region='ap-guangzhou', SecretId='TESTSECRETID0000000000000000000000000',
                   SecretKey='TESTSECRETKEYDONOTUSE0000000000', Scheme=where.scheme,
                   IP=where.hostname, Port=where.port)
client = CosS3Client(config, retry=0)
place = {'Bucket': 'testbucket-10000001', 'Key': name}


def key_of(sse, prefix=''):
    """What a request says of a key of the caller's own."""
    if not isinstance(sse, dict) or 'c' not in sse:
        return {}
    md5 = base64.b64encode(hashlib.md5(base64.b64decode(sse['c'])).digest()).decode()
    said = {'Algorithm': 'AES256', 'Key': sse['c'], 'KeyMD5': md5}
    return {prefix + 'SSECustomer' + what: value for what, value in said.items()}


def encryption(sse):
    if sse == 'cos':
        return {'ServerSideEncryption': 'AES256'}
    if isinstance(sse, dict) and 'kms' in sse:
        said = {'ServerSideEncryption': 'cos/kms', 'SSEKMSKeyId': sse['kms'], 'SSEKMSContext': sse.get('context')}
        return {what: value for what, value in said.items() if value}
    return key_of(sse)


headers = dict(options.get('headers', {}))
written = {**place, **encryption(options.get('sse'))}
if 'storage_class' in options:
    written['StorageClass'] = options['storage_class']
if 'tags' in options:
    written['Tagging'] = options['tags']
version = {'VersionId': options['version_id']} if 'version_id' in options else {}
own = key_of(options.get('sse'))


def copy():
    bucket, key = sys.argv[6].split('/', 1)
    source = {'Bucket': bucket, 'Key': key, 'Region': 'ap-guangzhou', **version}
    theirs = key_of(options.get('src_sse'), 'CopySource')
    if not options.get('parts'):
        if 'tags' in options:
            headers['x-cos-tagging-directive'] = 'Replaced'
        status = 'Replaced' if 'headers' in options else 'Copy'
        return client.copy_object(CopySource=source, CopyStatus=status, Metadata=headers, **written, **theirs)
    upload = {**place, 'UploadId': client.create_multipart_upload(Metadata=headers, **written)['UploadId']}
    parts = []
    for number, span in [(1, 'bytes=0-1048575'), (2, 'bytes=1048576-%d' % (options['parts'] - 1))]:
        part = client.upload_part_copy(PartNumber=number, CopySource=source, CopySourceRange=span, **upload, **own,
                                       **theirs)
        parts.append({'PartNumber': number, 'ETag': part['ETag']})
    return client.complete_multipart_upload(MultipartUpload={'Part': parts}, **upload)


if command == 'put':
    client.upload_file(LocalFilePath=sys.argv[6], PartSize=1, MAXThread=2, Metadata=headers, **written)
elif command == 'get':
    client.get_object(**place, **own, **version)['Body'].get_stream_to_file(sys.argv[6])
elif command == 'head':
    told = client.head_object(**place, **own, **version)
    print(json.dumps({header.lower(): value for header, value in told.items()}))
elif command == 'copy':
    told = copy()
    print(told.get('VersionId') or told.get('x-cos-version-id', ''))
else:
    print(client.get_presigned_url(Method='PUT', Expired=600, Headers=headers, **place))
