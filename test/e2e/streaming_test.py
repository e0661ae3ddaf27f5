"""Bodies stream: however large an object is, the server holds a few MiB of it."""

import hashlib
import socket
from pathlib import Path
from urllib.parse import urlsplit

MIB = 1 << 20
SIZE = 256 * MIB
HELD_AT_MOST = 24 * MIB
BLOCK = bytes(range(256)) * 4096


def peak_bytes(server):
    for line in Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


def digest_of(chunks):
    digest = hashlib.md5()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def test_a_large_object_goes_in_and_out_in_little_memory(storaged, s3, bucket, tmp_path):
    s3.put_object(Bucket=bucket, Key="warm", Body=BLOCK)
    source = tmp_path / "large"
    with source.open("wb") as file:
        for _ in range(SIZE // len(BLOCK)):
            file.write(BLOCK)
    before = peak_bytes(storaged)

    with source.open("rb") as file:
        etag = s3.put_object(Bucket=bucket, Key="large", Body=file)["ETag"]
    after_put = peak_bytes(storaged)
    read = digest_of(s3.get_object(Bucket=bucket, Key="large")["Body"].iter_chunks(MIB))
    after_get = peak_bytes(storaged)

    assert etag == f'"{read}"'
    assert after_put - before < HELD_AT_MOST
    assert after_get - before < HELD_AT_MOST


def test_readers_that_do_not_read_hold_little(storaged, s3, bucket):
    s3.put_object(Bucket=bucket, Key="large", Body=BLOCK * 64)
    url = urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "large"}))
    before = peak_bytes(storaged)

    connections = []
    for _ in range(20):
        connection = socket.create_connection((url.hostname, url.port), timeout=20)
        connection.sendall(f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode())
        assert connection.recv(12) == b"HTTP/1.1 200"
        connections.append(connection)
    answered = s3.head_object(Bucket=bucket, Key="large")["ContentLength"]
    for connection in connections:
        connection.close()

    assert answered == 64 * MIB
    assert peak_bytes(storaged) - before < HELD_AT_MOST + 20 * MIB
