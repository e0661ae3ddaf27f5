"""storaged and what should not be sent: a clear S3 error, nothing half-written, and the server goes on."""

import base64
import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from support.raw_http import RawHttp
from support.s3 import error_of, keys
from support.waiting import eventually


def test_connection_closed_in_the_middle_of_a_body(storaged, s3, bucket, put_line):
    raw = RawHttp(storaged.s3)
    raw.send(put_line(), "Content-Length: 1000", body=b"x" * 500)
    raw.socket.close()

    s3.put_object(Bucket=bucket, Key="other", Body=b"")

    assert keys(s3, bucket) == ["other"]


def test_wrong_content_md5(storaged, s3, bucket, put_line):
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()

    # A header that was not signed into the URL is still a promise about the body.
    answer = RawHttp(storaged.s3).send(put_line(), "Content-Length: 5", f"Content-MD5: {wrong}", body=b"hello").answer()

    assert answer == (400, "BadDigest")
    assert keys(s3, bucket) == []


def test_md5_that_is_none(storaged, put_line):
    assert RawHttp(storaged.s3).send(put_line(), "Content-Length: 0", "Content-MD5: nonsense").answer() == (400, "InvalidDigest")


@pytest.mark.parametrize(
    "request_text",
    [
        "NONSENSE\r\n\r\n",
        "GET / HTTP/1.1\r\nBad Header: x\r\n\r\n",
        "GET /" + "a" * 100_000 + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
    ],
)
def test_what_is_not_http_is_refused(storaged, request_text):
    raw = RawHttp(storaged.s3)
    raw.socket.sendall(request_text.encode())

    answer = raw.answer()

    assert answer is None or 400 <= answer[0] < 500


@pytest.mark.parametrize(
    "headers, expected",
    [
        ([], (403, "AccessDenied")),
        (["Authorization: AWS4-HMAC-SHA256 nonsense"], (400, "AuthorizationHeaderMalformed")),
        (["Authorization: Bearer x"], (400, "InvalidArgument")),
    ],
)
def test_unsigned_and_malformed_requests(storaged, bucket, headers, expected):
    assert RawHttp(storaged.s3).send(f"GET /{bucket}/k HTTP/1.1", *headers).answer() == expected


def test_expired_url(storaged, s3, bucket):
    url = urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=0))

    answer = RawHttp(storaged.s3).send(f"GET {url.path}?{url.query} HTTP/1.1").answer()

    assert answer is not None and answer[0] in (400, 403)


def test_errors_name_resource_and_request(storaged, s3, bucket):
    with pytest.raises(ClientError) as failed:
        s3.get_object(Bucket=bucket, Key="absent")

    response = failed.value.response
    assert response["Error"]["Code"] == "NoSuchKey" and response["Error"]["Message"]
    assert response["Error"]["Resource"].endswith("/absent")
    assert response["ResponseMetadata"]["RequestId"]


def test_unsupported_operations_say_so(s3, bucket):
    status, code = error_of(s3.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": []})

    assert (status, code) == (501, "NotImplemented")


def test_many_idle_connections_do_not_lock_others_out(storaged, s3, bucket):
    idle = [RawHttp(storaged.s3) for _ in range(200)]

    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for raw in idle:
        raw.socket.close()

    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def open_files(server):
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


def test_failed_requests_leak_no_files(storaged, s3, bucket, put_line):
    def fail_in_every_way():
        for _ in range(20):
            RawHttp(storaged.s3).send(put_line(), "Content-Length: 1000000", body=b"x" * 200_000).socket.close()
            RawHttp(storaged.s3).send(put_line(), "Content-Length: 5", "Content-MD5: nonsense").socket.close()
            error_of(s3.get_object, Bucket=bucket, Key="absent")

    fail_in_every_way()
    before = open_files(storaged)
    fail_in_every_way()

    eventually("the files of failed requests are closed", lambda: open_files(storaged) <= before + 8)
