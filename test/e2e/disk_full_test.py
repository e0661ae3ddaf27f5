"""A full disk: 507 for what does not fit, nothing half-written, and service again when there is room."""

import os
import subprocess

import pytest

from support import s3 as s3_support
from support.process import BUCKET
from support.s3 import error_of, keys
from support.waiting import eventually

MIB = 1 << 20


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", folder], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def put_fits(s3, key):
    try:
        s3.put_object(Bucket=BUCKET, Key=key, Body=os.urandom(8 * MIB))
    except s3.exceptions.ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 507
        return False
    return True


def test_full_disk_refuses_and_recovers(processes, small_disk):
    server = processes.storaged(data=small_disk / "data").start()
    s3 = s3_support.client(server.s3, server.credentials.admin)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="precious", Body=b"precious" * 10_000)

    stored = {}
    for number in range(40):
        body = os.urandom(8 * MIB)
        try:
            s3.put_object(Bucket=BUCKET, Key=f"fill/{number:02}", Body=body)
        except s3.exceptions.ClientError as error:
            refusal = error.response["ResponseMetadata"]["HTTPStatusCode"]
            break
        stored[f"fill/{number:02}"] = body
    else:
        pytest.fail("320 MiB fitted on a disk of 192 MiB")

    assert refusal == 507
    assert keys(s3, BUCKET) == [*stored, "precious"], "what was refused is not there"
    for key, body in stored.items():
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body
    assert error_of(s3.put_object, Bucket=BUCKET, Key="more", Body=os.urandom(64 * MIB))[0] == 507

    for key in list(stored)[:8]:
        s3.delete_object(Bucket=BUCKET, Key=key)
    # Files of removed objects go shortly after the answer, when their last reader has.
    eventually("there is room after removals", lambda: put_fits(s3, "fits"), 20)
    assert server.stop() == 0
    server.restart()
    assert s3.get_object(Bucket=BUCKET, Key="precious")["Body"].read() == b"precious" * 10_000
