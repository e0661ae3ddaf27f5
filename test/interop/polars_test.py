"""Polars (Rust's object_store) against storaged: unsigned payloads, suffix ranges, conditional creates."""

import polars as pl
import pytest


@pytest.fixture
def options(storaged):
    credential = storaged.credentials.data
    return {
        "aws_access_key_id": credential.access_key_id,
        "aws_secret_access_key": credential.secret_access_key,
        "aws_endpoint_url": storaged.s3,
        "aws_region": "us-east-1",
        "aws_allow_http": "true",
    }


def test_parquet_round_trip(options, bucket):
    frame = pl.DataFrame({"n": range(50_000), "s": [str(n % 13) for n in range(50_000)]})

    frame.write_parquet(f"s3://{bucket}/frame.parquet", storage_options=options)
    counted = pl.scan_parquet(f"s3://{bucket}/frame.parquet", storage_options=options).group_by("s").len().sort("s").collect()

    assert counted["len"].sum() == 50_000
    assert pl.read_parquet(f"s3://{bucket}/frame.parquet", storage_options=options).equals(frame)


def test_scan_of_a_folder(options, bucket):
    for part in range(3):
        pl.DataFrame({"part": [part]}).write_parquet(f"s3://{bucket}/folder/{part}.parquet", storage_options=options)

    assert pl.scan_parquet(f"s3://{bucket}/folder/*.parquet", storage_options=options).collect()["part"].sort().to_list() == [0, 1, 2]
