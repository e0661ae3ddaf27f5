#!/usr/bin/env python3
"""Writes the Parquet files under src/*/testdata: what pyarrow, Polars and DuckDB make of the same columns, and what Arrow
makes of sliced lists. Run once; the files are committed.

usage: make_parquet_testdata.py ROOT    (needs pyarrow, polars and duckdb)
"""

import datetime
import decimal
import sys
from pathlib import Path

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

UTC = datetime.timezone.utc
TIME = datetime.datetime(2026, 11, 23, 1, 2, 3, 456789)

PLAIN_TYPES = {
    "flag": pa.bool_(),
    "tiny": pa.int8(),
    "small": pa.uint16(),
    "number": pa.int32(),
    "id": pa.int64(),
    "ratio": pa.float32(),
    "value": pa.float64(),
    "name": pa.string(),
    "raw": pa.binary(),
    "day": pa.date32(),
    "local": pa.timestamp("us"),
    "instant": pa.timestamp("us", "UTC"),
    "price": pa.decimal128(10, 2),
    "tags": pa.list_(pa.string()),
    "point": pa.struct([("x", pa.float64()), ("label \"y\"", pa.string())]),
}
# The same to whoever reads the file: only what Arrow's memory looks like differs.
OTHER_TYPES = PLAIN_TYPES | {
    "name": pa.dictionary(pa.int32(), pa.large_string()),
    "raw": pa.large_binary(),
    "instant": pa.timestamp("us", "Europe/Berlin"),
    "tags": pa.large_list(pa.string_view()),
}
ROW = {
    "flag": True,
    "tiny": 1,
    "small": 2,
    "number": 3,
    "id": 4,
    "ratio": 0.5,
    "value": 0.25,
    "name": "ann",
    "raw": b"\x00",
    "day": TIME.date(),
    "local": TIME,
    "instant": TIME.replace(tzinfo=UTC),
    "price": decimal.Decimal("1.25"),
    "tags": ["a", None],
    "point": {"x": 1.0, "label \"y\"": "b"},
}


def columns_of(types):
    """One row and one of nulls, with metadata that no fingerprint may see."""
    fields = [pa.field(name, type, metadata={"comment": "x"}) for name, type in types.items()]
    arrays = [pa.array([ROW[name], None], type=pa.string() if pa.types.is_dictionary(type) else type)
              for name, type in types.items()]
    arrays = [array.cast(field.type) for array, field in zip(arrays, fields)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata={"written": "by hand"}))


def write_same_columns(folder):
    plain = columns_of(PLAIN_TYPES)
    pq.write_table(plain, folder / "columns_pyarrow.parquet")
    pq.write_table(columns_of(OTHER_TYPES), folder / "columns_pyarrow_other.parquet", compression="zstd",
                   data_page_version="2.0")
    polars.from_arrow(plain).write_parquet(folder / "columns_polars.parquet")
    connection = duckdb.connect()
    connection.register("plain", plain)
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"copy plain to '{folder / 'columns_duckdb.parquet'}' (format parquet)")
    schema = pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("id2", pa.int64())])
    pq.write_table(pa.table({"id": [1], "id2": [2]}, schema=schema), folder / "not_null.parquet")


def write_records(folder):
    """Lists whose offsets do not begin at 0, in several row groups, with dictionaries and pages of version 2."""
    item = pa.struct([pa.field("key", pa.string(), nullable=False), ("size", pa.int64())])
    schema = pa.schema([
        pa.field("id", pa.int64(), nullable=False),
        ("name", pa.string()),
        ("time", pa.timestamp("us", "UTC")),
        ("items", pa.list_(item)),
        ("unknown", pa.list_(pa.list_(pa.int8()))),
    ])
    rows = [
        {
            "id": i,
            "name": None if i % 5 == 4 else f"name-{i % 3}",
            "time": TIME.replace(tzinfo=UTC),
            "items": None if i % 7 == 6 else [{"key": f"k{i}-{j}", "size": None if j == 1 else j} for j in range(i % 4)],
            "unknown": [[1, 2], []],
        }
        for i in range(60)
    ]
    sliced = pa.Table.from_pylist(rows, schema=schema).slice(20, 30)
    pq.write_table(sliced, folder / "sliced.parquet", row_group_size=11, data_page_version="2.0")
    pq.write_table(sliced.select(["id", "items"]).rename_columns(["id", "other"]), folder / "no_items.parquet")
    plain_list = pa.table({"id": [1], "items": pa.array([[1]], pa.list_(pa.int64()))},
                          schema=pa.schema([pa.field("id", pa.int64(), nullable=False), ("items", pa.list_(pa.int64()))]))
    pq.write_table(plain_list, folder / "list_of_numbers.parquet")
    null_element = pa.table({"id": [1], "items": pa.array([[None, {"key": "k", "size": 1}]], pa.list_(item))},
                            schema=pa.schema([pa.field("id", pa.int64(), nullable=False), ("items", pa.list_(item))]))
    pq.write_table(null_element, folder / "null_element.parquet")
    pq.write_table(pa.table({"text": ["x" * 10_000] * 1_000}), folder / "dictionary.parquet")


def write_manifest(folder):
    """A manifest as a program other than Tarn could write it: one row cut out of a table."""
    text = lambda name: pa.field(name, pa.string(), nullable=False)
    schema = pa.schema(
        [
            text("dataset_id"),
            text("name"),
            text("schema_fingerprint"),
            ("objects", pa.list_(pa.struct([("key", pa.string()), ("size", pa.int64()), ("etag", pa.string())]))),
            ("row_count", pa.int64()),
            ("created_at", pa.timestamp("us", "UTC")),
            ("updated_at", pa.timestamp("us", "UTC")),
            ("revision", pa.int64()),
            text("commit_id"),
            ("recent_commits", pa.list_(pa.struct([("writer_id", pa.string()), ("commit_id", pa.string())]))),
            text("state"),
            text("kind"),
        ],
        metadata={"tarn.manifest.version": "1.0"},
    )
    names = {"airports": "971cb334-1da5-51fb-8a59-a3e5fec8e01c", "flights": "cb97953f-0ea6-5b7e-8831-060b9f9a8ed6",
             "nyc.flights": "3b58f3db-f6e8-5177-b48c-8afb40e2cfdc"}
    commit = "01938a5e-7b3c-7def-8123-456789abcdef"
    rows = [
        {
            "dataset_id": dataset_id,
            "name": name,
            "schema_fingerprint": f"fingerprint of {name}",
            "objects": [{"key": f"{name}/{i}.parquet", "size": i, "etag": None if i == 1 else f"etag-{i}"} for i in range(3)],
            "row_count": 7,
            "created_at": TIME.replace(tzinfo=UTC),
            "updated_at": TIME.replace(tzinfo=UTC),
            "revision": 5,
            "commit_id": commit,
            "recent_commits": [{"writer_id": commit, "commit_id": commit}],
            "state": "live",
            "kind": "parquet",
        }
        for name, dataset_id in names.items()
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema).slice(1, 1), folder / "sliced_manifest.parquet")


def main():
    root = Path(sys.argv[1])
    write_same_columns(root / "src/columnar/testdata")
    write_records(root / "src/columnar/testdata")
    write_manifest(root / "src/catalog/testdata")


if __name__ == "__main__":
    main()
