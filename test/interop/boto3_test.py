"""boto3 against storaged: the S3 protocol as its most used client speaks it."""

import base64
import hashlib
import io
import os
import urllib.request

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from support import s3 as s3_support
from support.s3 import error_of, keys

MIB = 1 << 20


def test_object_and_its_headers_round_trip(s3, bucket):
    put = s3.put_object(
        Bucket=bucket,
        Key="a/b.txt",
        Body=b"hello",
        ContentType="text/plain; charset=utf-8",
        CacheControl="max-age=60",
        ContentDisposition="attachment",
        ContentLanguage="de",
        ContentEncoding="identity",
        Metadata={"origin": "bts", "year": "2001"},
    )

    got = s3.get_object(Bucket=bucket, Key="a/b.txt")
    head = s3.head_object(Bucket=bucket, Key="a/b.txt")

    assert got["Body"].read() == b"hello"
    for answer in (got, head):
        assert answer["ETag"] == put["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
        assert answer["ContentLength"] == 5
        assert answer["ContentType"] == "text/plain; charset=utf-8"
        assert answer["CacheControl"] == "max-age=60"
        assert answer["ContentDisposition"] == "attachment"
        assert answer["ContentLanguage"] == "de"
        assert answer["ContentEncoding"] == "identity"
        assert answer["Metadata"] == {"origin": "bts", "year": "2001"}


@pytest.mark.parametrize("size", [0, 1, 32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 64 * 1024, 5 * MIB + 3])
def test_bodies_on_both_sides_of_the_inline_threshold(s3, bucket, size):
    body = os.urandom(size)

    s3.put_object(Bucket=bucket, Key="k", Body=body)

    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body


@pytest.mark.parametrize(
    "wanted, first, last",
    [("bytes=0-0", 0, 0), ("bytes=65530-65545", 65530, 65545), ("bytes=199990-", 199990, 199999), ("bytes=-7", 199993, 199999), ("bytes=5-999999999", 5, 199999)],
)
def test_ranges(s3, bucket, wanted, first, last):
    body = os.urandom(200_000)
    s3.put_object(Bucket=bucket, Key="k", Body=body)

    got = s3.get_object(Bucket=bucket, Key="k", Range=wanted)

    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert got["ContentRange"] == f"bytes {first}-{last}/200000"
    assert got["Body"].read() == body[first : last + 1]


def test_range_past_the_end(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"abc")

    assert error_of(s3.get_object, Bucket=bucket, Key="k", Range="bytes=3-") == (416, "InvalidRange")


def test_conditional_get(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"abc")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]

    assert s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)["Body"].read() == b"abc"
    assert error_of(s3.get_object, Bucket=bucket, Key="k", IfMatch='"0"') == (412, "PreconditionFailed")
    assert error_of(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag)[0] == 304
    assert error_of(s3.get_object, Bucket=bucket, Key="k", IfModifiedSince=modified)[0] == 304
    assert s3.get_object(Bucket=bucket, Key="k", IfUnmodifiedSince=modified)["Body"].read() == b"abc"


def test_conditional_put(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]

    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*") == (412, "PreconditionFailed")
    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"2", IfMatch='"0"') == (412, "PreconditionFailed")
    assert error_of(s3.put_object, Bucket=bucket, Key="absent", Body=b"2", IfMatch=etag) == (404, "NoSuchKey")
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"3"


def test_conditional_delete(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["ETag"]

    assert error_of(s3.delete_object, Bucket=bucket, Key="k", IfMatch='"0"') == (412, "PreconditionFailed")
    s3.delete_object(Bucket=bucket, Key="k", IfMatch=etag)
    assert error_of(s3.head_object, Bucket=bucket, Key="k")[0] == 404


ODD_KEYS = [
    "a", "a/", "a//b", "a/b", "../up", "./here", "a b", "a+b", "a%2Fb", "a&b=c?d#e", "ä/ö/日本語", "quote\"'<>", "x" * 1024, "trailing.", "~tilde", "back\\slash"
]


def test_any_key_works(s3, bucket):
    for key in ODD_KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())

    assert keys(s3, bucket) == sorted(ODD_KEYS, key=str.encode)
    for key in ODD_KEYS:
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in ODD_KEYS]})
    assert keys(s3, bucket) == []


def test_listing_pages_and_delimiters(s3, bucket):
    names = [f"t/{part}/{i:02}" for part in ("a", "b", "c") for i in range(5)] + ["t/top", "z"]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=b"")

    found, prefixes, token, pages = [], [], {}, 0
    while True:
        page = s3.list_objects_v2(Bucket=bucket, Prefix="t/", Delimiter="/", MaxKeys=2, **token)
        pages += 1
        found += [entry["Key"] for entry in page.get("Contents", [])]
        prefixes += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
        assert page["KeyCount"] <= 2
        if not page["IsTruncated"]:
            break
        token = {"ContinuationToken": page["NextContinuationToken"]}

    assert (found, prefixes, pages) == (["t/top"], ["t/a/", "t/b/", "t/c/"], 2)
    after = s3.list_objects_v2(Bucket=bucket, StartAfter="t/c/03")
    assert [entry["Key"] for entry in after["Contents"]] == ["t/c/04", "t/top", "z"]


def test_multipart_upload(s3, bucket):
    body = os.urandom(12 * MIB + 5)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB, max_concurrency=3)

    s3.upload_fileobj(io.BytesIO(body), bucket, "big", Config=config)
    head = s3.head_object(Bucket=bucket, Key="big")
    downloaded = io.BytesIO()
    s3.download_fileobj(bucket, "big", downloaded, Config=config)

    assert downloaded.getvalue() == body
    digests = b"".join(hashlib.md5(body[i : i + 5 * MIB]).digest() for i in range(0, len(body), 5 * MIB))
    assert head["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"'


def test_multipart_by_hand(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    parts = [s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=n, Body=os.urandom(5 * MIB)) for n in (1, 2)]
    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)["Parts"]
    wrong = {"Parts": [{"PartNumber": 1, "ETag": '"00000000000000000000000000000000"'}]}

    assert [part["ETag"] for part in listed] == [part["ETag"] for part in parts]
    assert error_of(s3.head_object, Bucket=bucket, Key="k")[0] == 404, "nothing is visible before it is complete"
    assert error_of(s3.complete_multipart_upload, Bucket=bucket, Key="k", UploadId=upload, MultipartUpload=wrong) == (400, "InvalidPart")
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    assert error_of(s3.list_parts, Bucket=bucket, Key="k", UploadId=upload) == (404, "NoSuchUpload")


# Of "hello"; written out because botocore computes some of them only with an extra library.
CHECKSUMS = {
    "CRC32": "NhCmhg==",
    "CRC32C": "mnG7TA==",
    "CRC64NVME": "M3eFcAZSQlc=",
    "SHA1": "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
    "SHA256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
}


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_checksums(s3, bucket, algorithm):
    checksum = {f"Checksum{algorithm}": CHECKSUMS[algorithm]}

    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", **checksum)
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")

    assert head[f"Checksum{algorithm}"] == CHECKSUMS[algorithm]
    assert error_of(s3.put_object, Bucket=bucket, Key="wrong", Body=b"hellO", **checksum)[0] == 400
    assert error_of(s3.head_object, Bucket=bucket, Key="wrong")[0] == 404


def test_wrong_content_md5_is_refused_and_leaves_nothing(s3, bucket):
    wrong_md5 = base64.b64encode(hashlib.md5(b"other").digest()).decode()

    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"hello", ContentMD5=wrong_md5) == (400, "BadDigest")
    assert error_of(s3.head_object, Bucket=bucket, Key="k")[0] == 404


@pytest.mark.parametrize("method", ["get_object", "put_object"])
def test_presigned_url(s3, bucket, method):
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    url = s3.generate_presigned_url(method, Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    body = b"other" if method == "put_object" else None
    request = urllib.request.Request(url, method=method[:3].upper(), data=body, headers={"Content-Type": "text/plain"})

    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    expected = b"other" if method == "put_object" else b"hello"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == expected


def test_buckets(s3, storaged, bucket):
    admin = s3_support.client(storaged.s3, storaged.credentials.admin)
    admin.create_bucket(Bucket="short-lived")
    assert "short-lived" in [entry["Name"] for entry in s3.list_buckets()["Buckets"]]
    s3.put_object(Bucket="short-lived", Key="k", Body=b"")

    assert error_of(admin.delete_bucket, Bucket="short-lived") == (409, "BucketNotEmpty")
    s3.delete_object(Bucket="short-lived", Key="k")
    admin.delete_bucket(Bucket="short-lived")
    assert error_of(s3.head_bucket, Bucket="short-lived")[0] == 404
    assert error_of(s3.get_object, Bucket="short-lived", Key="k") == (404, "NoSuchBucket")


def test_limits_of_keys_and_metadata(s3, bucket):
    assert error_of(s3.put_object, Bucket=bucket, Key="k" * 1025, Body=b"") == (400, "KeyTooLongError")
    assert error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"", Metadata={"m": "v" * 2049}) == (400, "MetadataTooLarge")


def test_wrong_secret_and_unknown_key(storaged, bucket):
    known = storaged.credentials.data
    forged = s3_support.client(storaged.s3, type(known)(known.access_key_id, "wrong"))
    unknown = s3_support.client(storaged.s3, type(known)("NOBODY", "wrong"))

    assert error_of(forged.list_objects_v2, Bucket=bucket) == (403, "SignatureDoesNotMatch")
    assert error_of(unknown.list_objects_v2, Bucket=bucket) == (403, "InvalidAccessKeyId")


def test_catalog_prefix_is_hidden_from_the_data_credential(s3, storaged, bucket):
    admin = s3_support.client(storaged.s3, storaged.credentials.admin)
    admin.put_object(Bucket=bucket, Key="_catalog/manifests/x.parquet", Body=b"secret")
    s3.put_object(Bucket=bucket, Key="data", Body=b"")

    assert keys(s3, bucket) == ["data"]
    assert keys(admin, bucket) == ["_catalog/manifests/x.parquet", "data"]
    for call, more in [(s3.get_object, {}), (s3.put_object, {"Body": b""}), (s3.delete_object, {}), (s3.create_multipart_upload, {})]:
        assert error_of(call, Bucket=bucket, Key="_catalog/manifests/x.parquet", **more) == (403, "AccessDenied")
    with pytest.raises(ClientError):
        s3.head_object(Bucket=bucket, Key="_catalog/manifests/x.parquet")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "_catalog/manifests/x.parquet"}]})
    assert [error["Code"] for error in answer["Errors"]] == ["AccessDenied"]
    assert admin.get_object(Bucket=bucket, Key="_catalog/manifests/x.parquet")["Body"].read() == b"secret"
