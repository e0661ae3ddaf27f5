"""DuckDB's httpfs against storaged. The extension comes from a pinned wheel, so nothing is downloaded here."""

import importlib.metadata

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support import s3


def httpfs():
    files = importlib.metadata.files("duckdb-extension-httpfs")
    return next(str(file.locate()) for file in files if file.name.endswith(".duckdb_extension"))


@pytest.fixture
def connection(storaged):
    credential = storaged.credentials.data
    connection = duckdb.connect()
    connection.execute(f"LOAD '{httpfs()}'")
    connection.execute(
        f"""CREATE SECRET (TYPE s3, KEY_ID '{credential.access_key_id}', SECRET '{credential.secret_access_key}',
            ENDPOINT '{storaged.s3.removeprefix("http://")}', USE_SSL false, URL_STYLE 'path', REGION 'us-east-1')"""
    )
    yield connection
    connection.close()


def test_parquet_written_and_read(connection, bucket):
    connection.execute(f"COPY (SELECT range AS n, range % 7 AS k FROM range(100000)) TO 's3://{bucket}/n.parquet' (FORMAT parquet)")

    rows = connection.execute(f"SELECT k, count(*), sum(n) FROM 's3://{bucket}/n.parquet' GROUP BY k ORDER BY k").fetchall()

    assert rows == [(k, len(range(k, 100000, 7)), sum(range(k, 100000, 7))) for k in range(7)]


def test_glob_over_many_files(connection, bucket):
    for part in range(5):
        connection.execute(f"COPY (SELECT {part} AS part) TO 's3://{bucket}/glob/p={part}/{part}.parquet' (FORMAT parquet)")

    rows = connection.execute(f"SELECT part FROM read_parquet('s3://{bucket}/glob/*/*.parquet') ORDER BY part").fetchall()

    assert rows == [(part,) for part in range(5)]


def test_large_copy_is_uploaded_in_parts(connection, bucket):
    query = "SELECT range AS n, hash(range) AS h FROM range(2000000)"
    connection.execute(f"COPY ({query}) TO 's3://{bucket}/large.parquet' (FORMAT parquet)")

    assert connection.execute(f"SELECT count(*), sum(n) FROM 's3://{bucket}/large.parquet'").fetchone() == (2_000_000, 1999999000000)


def test_reads_what_pyarrow_wrote(connection, bucket, storaged):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"x": [1, 2, 3]}), sink)
    s3.client(storaged.s3, storaged.credentials.data).put_object(Bucket=bucket, Key="x.parquet", Body=sink.getvalue().to_pybytes())

    assert connection.execute(f"SELECT sum(x) FROM 's3://{bucket}/x.parquet'").fetchone() == (6,)
