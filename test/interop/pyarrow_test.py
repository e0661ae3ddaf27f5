"""pyarrow's S3 file system against storaged: every file a multipart upload, chunks with trailers, markers for folders."""

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

TABLE = pa.table({"n": list(range(200_000)), "name": [f"name-{n % 97}" for n in range(200_000)]})


@pytest.fixture
def files(storaged):
    credential = storaged.credentials.data
    return fs.S3FileSystem(
        access_key=credential.access_key_id,
        secret_key=credential.secret_access_key,
        endpoint_override=storaged.s3.removeprefix("http://"),
        scheme="http",
        region="us-east-1",
    )


def test_parquet_round_trip(files, bucket):
    pq.write_table(TABLE, f"{bucket}/t.parquet", filesystem=files, row_group_size=20_000)

    assert pq.read_table(f"{bucket}/t.parquet", filesystem=files).equals(TABLE)
    tail = pq.read_table(f"{bucket}/t.parquet", filesystem=files, columns=["n"], filters=[("n", ">=", 199_990)])
    assert tail["n"].to_pylist() == list(range(199_990, 200_000))


def test_partitioned_dataset(files, bucket):
    ds.write_dataset(TABLE.slice(0, 1000), f"{bucket}/parts", format="parquet", partitioning=["name"], filesystem=files)

    dataset = ds.dataset(f"{bucket}/parts", format="parquet", partitioning=["name"], filesystem=files)

    assert len(dataset.files) == 97
    assert dataset.count_rows() == 1000


def test_folders_and_deletes(files, bucket):
    with files.open_output_stream(f"{bucket}/dir/file") as stream:
        stream.write(b"hello")

    assert files.get_file_info(f"{bucket}/dir").type == fs.FileType.Directory
    assert files.get_file_info(f"{bucket}/dir/file").size == 5
    files.delete_file(f"{bucket}/dir/file")
    assert files.get_file_info(f"{bucket}/dir/file").type == fs.FileType.NotFound
    files.delete_dir(f"{bucket}/dir")
    assert files.get_file_info(f"{bucket}/dir").type == fs.FileType.NotFound


def test_a_large_file_in_parts(files, bucket):
    block = bytes(range(256)) * 4096 * 4  # 4 MiB
    with files.open_output_stream(f"{bucket}/large") as stream:
        for _ in range(6):
            stream.write(block)

    with files.open_input_file(f"{bucket}/large") as file:
        assert file.size() == 24 << 20
        file.seek(4 * len(block) - 3)
        assert file.read(6) == block[-3:] + block[:3]
