"""The official Python SDK, unchanged, against a COS service on this machine.

    peer.py exercise URL            every kind of call, checked here
    peer.py put URL KEY FILE        for the tests of what one client writes and another reads
    peer.py get URL KEY FILE
    peer.py enable-versions URL
    peer.py put-version URL KEY FILE      says its id
    peer.py get-version URL KEY ID FILE
    peer.py delete-version URL KEY ID
    peer.py set-tags URL KEY K V ...      none deletes them
    peer.py tags URL KEY                  says them as lines "K=V", in order
    peer.py archive URL KEY FILE          uploads to the archive, with the tag "of=python"
    peer.py restore URL KEY DAYS TIER
    peer.py restored URL KEY              says how far it is
    peer.py append URL KEY POSITION FILE  says the next position
    peer.py versions URL KEY              says the ids, the newest first; a delete marker as "marker ID"
"""
import hashlib
import os
import sys
import tempfile
from urllib.parse import unquote, urlsplit

import requests
from qcloud_cos import CosConfig, CosS3Client, CosServiceError

SECRET_ID = 'TESTSECRETID0000000000000000000000000'
SECRET_KEY = 'TESTSECRETKEYDONOTUSE0000000000'
BUCKET = 'testbucket-10000001'
MIB = 1 << 20
NAMES = ['a b', 'a+b', '100%', 'a%20b', 's*r', 't~e', 'q\'u"o', '中文/名', 'd//e', '&<x>',
         'a\\b', '\\c\\']


def client(url, key=SECRET_KEY):
    where = urlsplit(url)
    config = CosConfig(Region='ap-guangzhou', SecretId=SECRET_ID, SecretKey=key, Scheme='http',
                       IP=where.hostname, Port=where.port)
    return CosS3Client(config, retry=0)


def read(reply):
    return reply['Body'].get_raw_stream().read()


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except CosServiceError as error:
        assert error.get_error_code() == code, (error.get_error_code(), code)
        return
    raise AssertionError('%s was expected' % code)


def objects(cos):
    for number, name in enumerate(NAMES):
        content = os.urandom(3000 + number)
        key = 'names/' + name
        put = cos.put_object(Bucket=BUCKET, Key=key, Body=content, EnableMD5=True,
                             ContentType='text/plain', Metadata={'x-cos-meta-color': 'blue'})
        assert put['ETag'] == '"%s"' % hashlib.md5(content).hexdigest()
        assert read(cos.get_object(Bucket=BUCKET, Key=key)) == content, name
        part = cos.get_object(Bucket=BUCKET, Key=key, Range='bytes=10-19')
        assert part['Content-Range'] == 'bytes 10-19/%d' % len(content)
        assert read(part) == content[10:20]
        head = cos.head_object(Bucket=BUCKET, Key=key)
        assert int(head['Content-Length']) == len(content)
        assert head['x-cos-meta-color'] == 'blue' and head['Content-Type'] == 'text/plain'
        source = {'Bucket': BUCKET, 'Key': key, 'Region': 'ap-guangzhou'}
        copied = cos.copy_object(Bucket=BUCKET, Key='copies/' + name, CopySource=source)
        assert copied['ETag'] == put['ETag']
        assert read(cos.get_object(Bucket=BUCKET, Key='copies/' + name)) == content
        url = cos.get_presigned_url(Bucket=BUCKET, Key=key, Method='GET', Expired=60)
        assert fetch('GET', url).content == content, url
        url = cos.get_presigned_url(Bucket=BUCKET, Key='put/' + name, Method='PUT', Expired=60)
        assert fetch('PUT', url, content).status_code == 200, url
        assert read(cos.get_object(Bucket=BUCKET, Key='put/' + name)) == content
    refused('NoSuchKey', cos.get_object, Bucket=BUCKET, Key='none')
    cos.put_object_acl(Bucket=BUCKET, Key='names/a b', ACL='public-read')
    grants = cos.get_object_acl(Bucket=BUCKET, Key='names/a b')['AccessControlList']['Grant']
    assert any(grant['Permission'] == 'READ' for grant in grants), grants


def fetch(method, url, content=None):
    """With an address to connect to, the SDK's URLs name that and no bucket: the service's default."""
    request = requests.Request(method, url, data=content).prepare()
    # Not encoded anew.
    request.url = url
    return requests.Session().send(request)


def lists(cos):
    for name in ['b/1', 'b/2', 'c d/3', '中/4', 'x', 'y+z']:
        cos.put_object(Bucket=BUCKET, Key='list/' + name, Body=b'x')
    for encoding in ['', 'url']:
        keys, prefixes, marker = [], [], ''
        while True:
            page = cos.list_objects(Bucket=BUCKET, Prefix='list/', Delimiter='/', Marker=marker,
                                    MaxKeys=2, EncodingType=encoding)
            keys += [entry['Key'] for entry in page.get('Contents', [])]
            prefixes += [entry['Prefix'] for entry in page.get('CommonPrefixes', [])]
            if page['IsTruncated'] == 'false':
                break
            # Asked for the encoding, the SDK leaves the decoding to its caller.
            marker = unquote(page['NextMarker'])
        assert [unquote(key) for key in keys] == ['list/x', 'list/y+z'], keys
        assert [unquote(key) for key in prefixes] == ['list/b/', 'list/c d/', 'list/中/'], prefixes


def multipart(cos, url):
    parts = [os.urandom(MIB), os.urandom(MIB), os.urandom(100)]
    begun = cos.create_multipart_upload(Bucket=BUCKET, Key='parts/a+b')
    where = {'Bucket': BUCKET, 'Key': 'parts/a+b', 'UploadId': begun['UploadId']}
    for number in [1, 3]:
        cos.upload_part(Body=parts[number - 1], PartNumber=number, **where)
    # Another client goes on.
    cos = client(url)
    uploads = cos.list_multipart_uploads(Bucket=BUCKET, Prefix='parts/')['Upload']
    assert [upload['UploadId'] for upload in uploads] == [begun['UploadId']]
    there = cos.list_parts(**where)['Part']
    assert [int(part['PartNumber']) for part in there] == [1, 3]
    cos.upload_part(Body=parts[1], PartNumber=2, **where)
    there = cos.list_parts(**where)['Part']
    done = [{'PartNumber': part['PartNumber'], 'ETag': part['ETag']} for part in there]
    cos.complete_multipart_upload(MultipartUpload={'Part': done}, **where)
    assert read(cos.get_object(Bucket=BUCKET, Key='parts/a+b')) == b''.join(parts)
    refused('NoSuchUpload', cos.list_parts, **where)
    begun = cos.create_multipart_upload(Bucket=BUCKET, Key='parts/gone')
    cos.abort_multipart_upload(Bucket=BUCKET, Key='parts/gone', UploadId=begun['UploadId'])
    with tempfile.TemporaryDirectory() as folder:
        sent, got = os.path.join(folder, 'sent'), os.path.join(folder, 'got')
        content = os.urandom(5 * MIB + 3)
        with open(sent, 'wb') as file:
            file.write(content)
        cos.upload_file(Bucket=BUCKET, Key='parts/file', LocalFilePath=sent, PartSize=1,
                        MAXThread=3, EnableMD5=True)
        cos.download_file(Bucket=BUCKET, Key='parts/file', DestFilePath=got, PartSize=1)
        with open(got, 'rb') as file:
            assert file.read() == content


def deletes(cos):
    cos.delete_object(Bucket=BUCKET, Key='names/a b')
    refused('NoSuchKey', cos.get_object, Bucket=BUCKET, Key='names/a b')
    keys = ['names/' + name for name in NAMES] + ['none']
    reply = cos.delete_objects(Bucket=BUCKET, Delete={
        'Object': [{'Key': key} for key in keys], 'Quiet': 'false'})
    assert sorted(entry['Key'] for entry in reply['Deleted']) == sorted(keys)
    assert 'Contents' not in cos.list_objects(Bucket=BUCKET, Prefix='names/')


def buckets(cos):
    fresh = 'fresh-10000001'
    cos.create_bucket(Bucket=fresh)
    cos.head_bucket(Bucket=fresh)
    # No list_buckets: the SDK looks for it at the service's own host, whatever the address.
    cos.put_object(Bucket=fresh, Key='f', Body=b'x')
    refused('BucketNotEmpty', cos.delete_bucket, Bucket=fresh)
    cos.delete_object(Bucket=fresh, Key='f')
    cos.delete_bucket(Bucket=fresh)
    refused('NoSuchResource', cos.head_bucket, Bucket=fresh)


def exercise(url):
    cos = client(url)
    objects(cos)
    lists(cos)
    multipart(cos, url)
    deletes(cos)
    buckets(cos)
    wrong = client(url, key='wrong')
    refused('SignatureDoesNotMatch', wrong.put_object, Bucket=BUCKET, Key='f', Body=b'x')
    print('everything done')


def versions(cos, command, arguments):
    if command == 'enable-versions':
        cos.put_bucket_versioning(Bucket=BUCKET, Status='Enabled')
        assert cos.get_bucket_versioning(Bucket=BUCKET)['Status'] == 'Enabled'
        return
    key, *rest = arguments
    if command == 'put-version':
        with open(rest[0], 'rb') as file:
            put = cos.put_object(Bucket=BUCKET, Key=key, Body=file.read())
        print(put['x-cos-version-id'])
    elif command == 'get-version':
        head = cos.head_object(Bucket=BUCKET, Key=key, VersionId=rest[0])
        reply = cos.get_object(Bucket=BUCKET, Key=key, VersionId=rest[0])
        assert head['x-cos-version-id'] == reply['x-cos-version-id'] == rest[0]
        with open(rest[1], 'wb') as file:
            file.write(read(reply))
    elif command == 'delete-version':
        gone = cos.delete_object(Bucket=BUCKET, Key=key, VersionId=rest[0])
        assert gone['x-cos-version-id'] == rest[0]
    else:
        page = cos.list_objects_versions(Bucket=BUCKET, Prefix=key)
        assert page['IsTruncated'] == 'false'
        found = [(entry['VersionId'], '') for entry in page.get('Version', [])]
        found += [(entry['VersionId'], 'marker ') for entry in page.get('DeleteMarker', [])]
        # Ids fall with time.
        for version, kind in sorted(found):
            print(kind + version)


def objects_in_full(cos, command, key, rest):
    where = {'Bucket': BUCKET, 'Key': key}
    if command == 'set-tags':
        if not rest:
            cos.delete_object_tagging(**where)
            return
        tags = [{'Key': k, 'Value': v} for k, v in zip(rest[::2], rest[1::2])]
        cos.put_object_tagging(Tagging={'TagSet': {'Tag': tags}}, **where)
    elif command == 'tags':
        try:
            told = cos.get_object_tagging(**where)['TagSet']['Tag']
        except CosServiceError as error:
            assert error.get_error_code() == 'NoSuchTagSet', error
            told = []
        # An empty value is None here.
        print('\n'.join(sorted('%s=%s' % (tag['Key'], tag['Value'] or '') for tag in told)))
    elif command == 'archive':
        with open(rest[0], 'rb') as file:
            cos.put_object(Body=file.read(), StorageClass='ARCHIVE', Tagging='of=python', **where)
    elif command == 'restore':
        cos.restore_object(
            RestoreRequest={'Days': int(rest[0]), 'CASJobParameters': {'Tier': rest[1]}}, **where)
    elif command == 'restored':
        print(cos.head_object(**where).get('x-cos-restore', ''))
    else:
        with open(rest[1], 'rb') as file:
            reply = cos.append_object(Position=int(rest[0]), Data=file.read(), **where)
        assert cos.head_object(**where)['x-cos-object-type'] == 'appendable'
        print(reply['x-cos-next-append-position'])


def main():
    command, url = sys.argv[1], sys.argv[2]
    if command == 'exercise':
        exercise(url)
    elif command == 'put':
        with open(sys.argv[4], 'rb') as file:
            client(url).put_object(Bucket=BUCKET, Key=sys.argv[3], Body=file.read())
    elif command == 'get':
        reply = client(url).get_object(Bucket=BUCKET, Key=sys.argv[3])
        with open(sys.argv[4], 'wb') as file:
            file.write(read(reply))
    elif command in ('set-tags', 'tags', 'archive', 'restore', 'restored', 'append'):
        objects_in_full(client(url), command, sys.argv[3], sys.argv[4:])
    elif command.endswith(('-version', 'versions')):
        versions(client(url), command, sys.argv[3:])
    else:
        sys.exit('unknown command')


main()
