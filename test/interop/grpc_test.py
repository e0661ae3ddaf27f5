"""grpcio against the catalog: verbs, error table, reflection, health; and the same catalog seen over HTTP."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from support.catalog import Catalog
from support.grpc_catalog import SERVICE, GrpcCatalog, reason_of

FLIGHTS_ID = "cb97953f-0ea6-5b7e-8831-060b9f9a8ed6"


@pytest.fixture(scope="module")
def rpc(shared_lake):
    catalog = GrpcCatalog(shared_lake.catalog_server.grpc)
    yield catalog
    catalog.close()


@pytest.fixture(scope="module")
def http(shared_lake):
    return Catalog(shared_lake.catalog_server.http)


def test_register_get_list_drop_undrop(rpc, http):
    objects = [{"key": "flights/0.parquet", "size": 12, "etag": "e"}]
    created = rpc.call("Register", name="flights", schema_fingerprint="f", objects=objects, row_count=7)
    again = rpc.call("Register", name="flights", schema_fingerprint="f", objects=objects, row_count=8)
    got = rpc.call("Get", name="flights").dataset
    over_http = http.get("flights").json()

    assert (created.existing, again.existing) == (False, True)
    assert created.dataset.dataset_id == got.dataset_id == over_http["dataset_id"] == FLIGHTS_ID
    assert (got.revision, got.row_count) == (2, 8) == (over_http["revision"], over_http["row_count"])
    assert [(o.key, o.size, o.etag) for o in got.objects] == [("flights/0.parquet", 12, "e")]
    assert [d.name for d in rpc.call("List", prefix="flights").datasets] == ["flights"]

    rpc.call("Drop", name="flights")
    with pytest.raises(grpc.RpcError) as gone:
        rpc.call("Get", name="flights")
    assert gone.value.code() == grpc.StatusCode.NOT_FOUND
    assert http.get("flights").status_code == 404
    rpc.call("Undrop", name="flights")
    assert rpc.call("Get", name="flights").dataset.row_count == 8


@pytest.mark.parametrize(
    "method, fields, status, reason",
    [
        ("Register", {"name": "", "schema_fingerprint": "f"}, "INVALID_ARGUMENT", "empty_name"),
        ("Register", {"name": "a b", "schema_fingerprint": "f"}, "INVALID_ARGUMENT", "invalid_name"),
        ("Register", {"name": "default.x", "schema_fingerprint": "f"}, "INVALID_ARGUMENT", "invalid_name"),
        ("Register", {"name": "x", "schema_fingerprint": ""}, "INVALID_ARGUMENT", "empty_fingerprint"),
        (
            "Register",
            {"name": "x", "schema_fingerprint": "f", "objects": [{"key": "_catalog/manifests/x.parquet", "size": 1}]},
            "INVALID_ARGUMENT",
            "reserved_key",
        ),
        ("Get", {"name": "absent"}, "NOT_FOUND", "not_found"),
        ("Drop", {"name": "absent"}, "NOT_FOUND", "not_found"),
        ("List", {"page_size": -1}, "INVALID_ARGUMENT", "invalid_argument"),
    ],
)
def test_error_table(rpc, method, fields, status, reason):
    with pytest.raises(grpc.RpcError) as failed:
        rpc.call(method, **fields)

    assert failed.value.code() == grpc.StatusCode[status]
    assert reason_of(failed.value) == reason


def test_fingerprint_conflict(rpc):
    rpc.call("Register", name="conflict", schema_fingerprint="one")

    with pytest.raises(grpc.RpcError) as failed:
        rpc.call("Register", name="conflict", schema_fingerprint="two")

    assert failed.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert reason_of(failed.value) == "fingerprint_conflict"
    assert "one" in failed.value.details() and "two" in failed.value.details()
    assert rpc.call("Get", name="conflict").dataset.revision == 1


def test_pages(rpc):
    for number in range(7):
        rpc.call("Register", name=f"pages.d{number}", schema_fingerprint="f")

    names, token = [], ""
    while True:
        page = rpc.call("List", prefix="pages.", page_size=3, page_token=token)
        names += [dataset.name for dataset in page.datasets]
        token = page.next_page_token
        if not token:
            break

    assert names == [f"pages.d{number}" for number in range(7)]


def test_health(rpc):
    health = health_pb2_grpc.HealthStub(rpc.channel)

    for service in ("", SERVICE):
        answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
