"""The versioning calls of the official Python SDK against the service at the URL that is given."""
import sys
from urllib.parse import urlsplit

from qcloud_cos import CosConfig, CosS3Client, CosServiceError

BUCKET = 'testbucket-10000001'
KEY = '目录/a +%'

where = urlsplit(sys.argv[1])
cos = CosS3Client(CosConfig(Region='ap-guangzhou', SecretId='TESTSECRETID0000000000000000000000000',
                            SecretKey='TESTSECRETKEYDONOTUSE0000000000', Scheme='http',
                            IP=where.hostname, Port=where.port), retry=0)


def read(**which):
    return cos.get_object(Bucket=BUCKET, Key=KEY, **which)['Body'].get_raw_stream().read()


def refused(status, code, call, **arguments):
    try:
        call(Bucket=BUCKET, Key=KEY, **arguments)
    except CosServiceError as error:
        assert (error.get_status_code(), error.get_error_code()) == (status, code), error
        return
    raise AssertionError('%s was expected' % code)


def listed(**query):
    return cos.list_objects_versions(Bucket=BUCKET, **query)


cos.put_object(Bucket=BUCKET, Key=KEY, Body=b'before')
assert 'Status' not in cos.get_bucket_versioning(Bucket=BUCKET)
cos.put_bucket_versioning(Bucket=BUCKET, Status='Enabled')
assert cos.get_bucket_versioning(Bucket=BUCKET) == {'Status': 'Enabled'}

first = cos.put_object(Bucket=BUCKET, Key=KEY, Body=b'first')['x-cos-version-id']
second = cos.put_object(Bucket=BUCKET, Key=KEY, Body=b'second')['x-cos-version-id']
assert first != second
assert (read(), read(VersionId=first), read(VersionId='null')) == (b'second', b'first', b'before')
head = cos.head_object(Bucket=BUCKET, Key=KEY, VersionId=first)
assert (head['x-cos-version-id'], head['Content-Length']) == (first, '5'), head
versions = listed()['Version']
assert [(v['Key'], v['VersionId'], v['IsLatest']) for v in versions] == [
    (KEY, second, 'true'), (KEY, first, 'false'), (KEY, 'null', 'false')], versions

page, ids = listed(MaxKeys=1), []
while True:
    ids += [version['VersionId'] for version in page['Version']]
    if page['IsTruncated'] == 'false':
        break
    page = listed(MaxKeys=1, KeyMarker=page['NextKeyMarker'], VersionIdMarker=page['NextVersionIdMarker'])
assert ids == [second, first, 'null'], ids
assert listed(Delimiter='/')['CommonPrefixes'] == [{'Prefix': '目录/'}]

gone = cos.delete_object(Bucket=BUCKET, Key=KEY)
assert gone['x-cos-delete-marker'] == 'true'
marker = gone['x-cos-version-id']
refused(404, 'NoSuchKey', cos.get_object)
# Documented of GET and HEAD (xml-api.md 3.14).
refused(404, 'NoSuchKey', cos.get_object, VersionId=marker)
refused(404, 'NoSuchVersion', cos.get_object, VersionId='none')
assert [m['VersionId'] for m in listed()['DeleteMarker']] == [marker]
assert 'Contents' not in cos.list_objects(Bucket=BUCKET)
gone = cos.delete_object(Bucket=BUCKET, Key=KEY, VersionId=marker)
assert (gone['x-cos-delete-marker'], gone['x-cos-version-id']) == ('true', marker)
assert read() == b'second'

source = {'Bucket': BUCKET, 'Key': KEY, 'Region': 'ap-guangzhou', 'VersionId': first}
copied = cos.copy_object(Bucket=BUCKET, Key='copy', CopySource=source)
assert copied['x-cos-copy-source-version-id'] == first, copied
# Onto its own key, where it becomes the newest.
restored = cos.copy_object(Bucket=BUCKET, Key=KEY, CopySource=source)
assert read() == b'first' and restored['VersionId'] not in (first, second), restored
many = cos.delete_objects(Bucket=BUCKET, Delete={'Quiet': 'false', 'Object': [
    {'Key': KEY, 'VersionId': second}, {'Key': 'copy'}]})
assert many['Deleted'][0] == {'Key': KEY, 'VersionId': second}, many
assert many['Deleted'][1]['DeleteMarker'] == 'true', many

cos.put_bucket_versioning(Bucket=BUCKET, Status='Suspended')
assert cos.get_bucket_versioning(Bucket=BUCKET) == {'Status': 'Suspended'}
cos.put_object(Bucket=BUCKET, Key=KEY, Body=b'newest')
assert (read(), read(VersionId='null')) == (b'newest', b'newest')

everything = listed()
for version in everything['Version'] + everything['DeleteMarker']:
    cos.delete_object(Bucket=BUCKET, Key=version['Key'], VersionId=version['VersionId'])
left = listed()
assert 'Version' not in left and 'DeleteMarker' not in left, left
cos.delete_bucket(Bucket=BUCKET)
print('everything done')
