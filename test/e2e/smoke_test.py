"""The acceptance smoke: six steps over real processes, with real flights, against two programs and against one."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from support.catalog import error_code, objects
from support.process import BUCKET
from support.waiting import eventually

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "data"
# UUIDv5 of "flights" in the product's namespace: the same on any machine, in any year.
FLIGHTS_ID = "cb97953f-0ea6-5b7e-8831-060b9f9a8ed6"


def flights_parquet():
    rows = json.loads((EXAMPLES / "flights-20k.json").read_text())
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue(), len(rows)


def manifest_row(lake, name):
    body = lake.s3("admin").get_object(Bucket=BUCKET, Key=f"_catalog/manifests/{name}.parquet")["Body"].read()
    rows = pq.read_table(io.BytesIO(body)).to_pylist()
    assert len(rows) == 1
    return rows[0]


def serving(lake):
    return lambda: lake.catalog.request("GET", "/readyz").status_code == 200


def test_smoke(lake):
    body, row_count = flights_parquet()
    s3 = lake.s3()
    for key in ("flights/part-0.parquet", "flights/part-1.parquet"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    # 1: register creates.
    response = lake.catalog.register("flights", "f1", objects("flights/part-0.parquet", size=len(body)), row_count)
    assert response.status_code == 201, response.text
    created = response.json()
    assert created["existing"] is False
    assert created["dataset"]["dataset_id"] == FLIGHTS_ID
    assert created["dataset"]["revision"] == 1

    # 2: the same fingerprint replaces the objects of the same dataset.
    both = objects("flights/part-0.parquet", "flights/part-1.parquet", size=len(body))
    response = lake.catalog.register("flights", "f1", both, 2 * row_count)
    assert response.status_code == 200, response.text
    replaced = response.json()
    assert replaced["existing"] is True
    assert replaced["dataset"]["dataset_id"] == FLIGHTS_ID
    assert replaced["dataset"]["created_at"] == created["dataset"]["created_at"]
    assert replaced["dataset"]["updated_at"] >= created["dataset"]["updated_at"]
    assert [o["key"] for o in replaced["dataset"]["objects"]] == [o["key"] for o in both]
    assert replaced["dataset"]["revision"] == 2

    # 3: another fingerprint is a conflict, which names both and changes nothing.
    response = lake.catalog.register("flights", "f2", objects("flights/other.parquet"))
    assert response.status_code == 409
    assert error_code(response) == "fingerprint_conflict"
    message = response.json()["error"]["message"]
    assert "f1" in message and "f2" in message

    # 4: get and list.
    assert lake.catalog.register("airports", "a1", objects("airports.parquet")).status_code == 201
    flights = lake.catalog.get("flights").json()
    assert flights == replaced["dataset"]
    before = lake.catalog.datasets()
    assert [dataset["name"] for dataset in before] == ["airports", "flights"]
    assert lake.catalog.get("absent").status_code == 404

    # 5: the catalog is killed, started again, and says the same.
    lake.catalog_server.kill()
    lake.catalog_server.restart()
    eventually("the catalog serves again", serving(lake))
    assert lake.catalog.datasets() == before

    # 6: everything stops and starts again; the manifest on the store is what the API says; the data is there.
    for server in reversed(lake.servers):
        assert server.stop() == 0
    for server in lake.servers:
        server.restart()
    eventually("the catalog serves again", serving(lake))
    assert lake.catalog.datasets() == before
    row = manifest_row(lake, "flights")
    assert row["name"] == "flights"
    assert row["schema_fingerprint"] == flights["schema_fingerprint"]
    assert row["row_count"] == flights["row_count"] == 2 * row_count
    assert row["revision"] == flights["revision"]
    assert str(row["dataset_id"]) == flights["dataset_id"]
    assert [(o["key"], o["size"]) for o in row["objects"]] == [(o["key"], o["size"]) for o in flights["objects"]]
    assert row["updated_at"].isoformat(timespec="microseconds").replace("+00:00", "Z") == flights["updated_at"]
    assert lake.s3().get_object(Bucket=BUCKET, Key="flights/part-1.parquet")["Body"].read() == body
