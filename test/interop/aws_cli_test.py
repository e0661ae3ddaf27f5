"""The aws command line against storaged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.process import clean_environment


@pytest.fixture
def aws(storaged, tmp_path):
    credential = storaged.credentials.data
    environment = {
        **clean_environment(),
        "AWS_ACCESS_KEY_ID": credential.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credential.secret_access_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": storaged.s3,
        "AWS_CONFIG_FILE": str(tmp_path / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "no-credentials"),
    }

    def call(*arguments):
        result = subprocess.run(
            [Path(sys.executable).with_name("aws"), *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=60
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    return call


def test_copy_up_list_copy_down(aws, bucket, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(os.urandom(9_000_000))  # over the 8 MB from which the CLI uploads in parts

    aws("s3", "cp", source, f"s3://{bucket}/folder/source")
    listed = aws("s3", "ls", f"s3://{bucket}/folder/")
    aws("s3", "cp", f"s3://{bucket}/folder/source", tmp_path / "back")

    assert "9000000 source" in listed
    assert (tmp_path / "back").read_bytes() == source.read_bytes()


def test_sync_and_remove_a_folder(aws, bucket, tmp_path):
    folder = tmp_path / "tree"
    for name in ("a.txt", "b/c.txt", "b/d e.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
        os.utime(folder / name, (0, 0))  # sync compares times, and S3's have whole seconds

    aws("s3", "sync", folder, f"s3://{bucket}/tree")
    again = aws("s3", "sync", folder, f"s3://{bucket}/tree")
    listed = aws("s3", "ls", "--recursive", f"s3://{bucket}/")
    aws("s3", "rm", "--recursive", f"s3://{bucket}/tree")
    emptied = aws("s3", "ls", "--recursive", f"s3://{bucket}/")

    assert again == "", "a second sync has nothing to do"
    assert [line.split(maxsplit=3)[3] for line in listed.splitlines()] == ["tree/a.txt", "tree/b/c.txt", "tree/b/d e.txt"]
    assert emptied == ""
