"""The catalog's HTTP/JSON contract, as a client sees it."""

import uuid

import pytest
import requests

from support.catalog import error_code, objects

NAMESPACE = uuid.UUID("a8f3c1d2-4e5b-5a6c-9d8e-7f0a1b2c3d4e")


@pytest.fixture
def catalog(shared_lake):
    return shared_lake.catalog


@pytest.fixture
def name(request):
    """A dataset name of the test's own."""
    return "t." + "".join(c if c.isalnum() else "_" for c in request.node.name)[:200]


@pytest.mark.parametrize(
    "body, code",
    [
        ({"name": "", "schema_fingerprint": "f", "objects": []}, "empty_name"),
        ({"name": "x", "schema_fingerprint": "", "objects": []}, "empty_fingerprint"),
        ({"name": "a b", "schema_fingerprint": "f", "objects": []}, "invalid_name"),
        ({"name": "données", "schema_fingerprint": "f", "objects": []}, "invalid_name"),
        ({"name": ".a", "schema_fingerprint": "f", "objects": []}, "invalid_name"),
        ({"name": "a..b", "schema_fingerprint": "f", "objects": []}, "invalid_name"),
        ({"name": "-a", "schema_fingerprint": "f", "objects": []}, "invalid_name"),
        ({"name": "a" * 256, "schema_fingerprint": "f", "objects": []}, "invalid_name"),
        ({"name": "default.x", "schema_fingerprint": "f", "objects": []}, "invalid_name"),
        ({"name": "tarn", "schema_fingerprint": "f", "objects": []}, "invalid_name"),
        ({"name": "x", "schema_fingerprint": "f", "objects": [{"key": "_catalog/x", "size": 1}]}, "reserved_key"),
        ({"name": "x", "schema_fingerprint": "f", "objects": [{"key": "_iceberg/x", "size": 1}]}, "reserved_key"),
        ({"name": "x", "schema_fingerprint": "f", "objects": [{"key": "k", "size": -1}]}, "invalid_argument"),
        ({"name": "x", "schema_fingerprint": "f", "objects": [{"size": 1}]}, "invalid_argument"),
        ({"name": "x", "schema_fingerprint": "f", "objects": "k"}, "invalid_argument"),
        ({"name": 5, "schema_fingerprint": "f", "objects": []}, "invalid_argument"),
        ({"name": "x", "schema_fingerprint": "f", "objects": [], "row_count": 1.5}, "invalid_argument"),
        ([], "invalid_argument"),
    ],
)
def test_wrong_registers_are_told_apart(catalog, body, code):
    response = catalog.request("POST", "/v1/datasets", json=body)

    assert (response.status_code, error_code(response)) == (400, code)
    assert response.json()["error"]["message"]
    assert response.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("text", ["", "{", '{"name": "x"', "\x00", "[" * 100_000])
def test_broken_json_is_a_400(catalog, text):
    response = catalog.request("POST", "/v1/datasets", data=text, headers={"Content-Type": "application/json"})

    assert (response.status_code, error_code(response)) == (400, "invalid_argument")


def test_ids_follow_the_names(catalog, name):
    assert catalog.register(name).json()["dataset"]["dataset_id"] == str(uuid.uuid5(NAMESPACE, name))


def test_etag_answers_304_until_the_dataset_changes(catalog, name):
    catalog.register(name, "f", objects("a"))
    etag = catalog.get(name).headers["ETag"]

    unchanged = catalog.get(name, headers={"If-None-Match": etag})
    catalog.register(name, "f", objects("b"))
    changed = catalog.get(name, headers={"If-None-Match": etag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.status_code == 200 and changed.headers["ETag"] != etag


def test_unknown_names_paths_and_methods(catalog):
    assert error_code(catalog.get("absent")) == "not_found"
    assert catalog.drop("absent").status_code == 404
    assert catalog.undrop("absent").status_code == 404
    assert catalog.request("GET", "/v1/nothing").status_code == 404
    assert catalog.request("PUT", "/v1/datasets").status_code == 405


def test_drop_hides_and_undrop_restores(catalog, name):
    before = catalog.register(name, "f", objects("a"), 5).json()["dataset"]

    assert catalog.drop(name).status_code == 204
    assert catalog.get(name).status_code == 404
    assert catalog.drop(name).status_code == 404
    assert name not in [d["name"] for d in catalog.datasets(prefix=name)]
    assert name in [d["name"] for d in catalog.datasets(prefix=name, state="dropped")]
    restored = catalog.undrop(name)

    assert restored.status_code == 200
    after = catalog.get(name).json()
    assert (after["objects"], after["row_count"]) == (before["objects"], 5)


def test_create_over_a_tombstone_goes_on_counting(catalog, name):
    catalog.register(name, "f1")
    catalog.drop(name)

    created = catalog.register(name, "f2")

    assert created.status_code == 201 and created.json()["existing"] is False
    assert created.json()["dataset"]["revision"] == 3
    assert created.json()["dataset"]["schema_fingerprint"] == "f2"


def test_pages_are_sorted_complete_and_bounded(catalog, name):
    names = sorted(f"{name}.d{n}" for n in range(25))
    for each in names:
        catalog.register(each)

    page = catalog.page(prefix=f"{name}.", page_size=10).json()
    everything = catalog.datasets(prefix=f"{name}.", page_size=10)
    briefly = catalog.datasets(prefix=f"{name}.", view="names")

    assert [d["name"] for d in page["datasets"]] == names[:10] and page["next_page_token"]
    assert [d["name"] for d in everything] == names
    assert [d["name"] for d in briefly] == names and "objects" not in briefly[0]


@pytest.mark.parametrize("parameters", [{"page_size": "0x1"}, {"page_size": "-1"}, {"view": "most"}, {"page_token": "%%%"}])
def test_wrong_list_parameters(catalog, parameters):
    response = catalog.page(**parameters)

    assert (response.status_code, error_code(response)) == (400, "invalid_argument")


def test_too_large_a_request_is_refused(catalog):
    response = catalog.request("POST", "/v1/datasets", data=b" " * (65 << 20), headers={"Content-Type": "application/json"})

    assert (response.status_code, error_code(response)) == (413, "too_large")


def test_wrong_deadline_header(catalog):
    response = catalog.get("x", headers={"X-Request-Timeout-Ms": "soon"})

    assert (response.status_code, error_code(response)) == (400, "invalid_argument")


def test_times_are_rfc_3339_with_microseconds(catalog, name):
    dataset = catalog.register(name).json()["dataset"]

    for field in ("created_at", "updated_at"):
        assert len(dataset[field]) == len("2026-01-01T00:00:00.000000Z") and dataset[field].endswith("Z")


def test_metrics_count_requests(catalog, name):
    catalog.register(name)

    metrics = catalog.request("GET", "/metrics")

    assert metrics.status_code == 200
    assert metrics.headers["Content-Type"].startswith("text/plain")
    assert any(line.startswith("tarn_") for line in metrics.text.splitlines())


def test_store_down_is_503_and_reads_go_on(processes):
    store = processes.storaged().start()
    server = processes.catalogd(store).start()
    url = server.http + "/v1/datasets"
    body = {"name": "d", "schema_fingerprint": "f", "objects": []}
    assert requests.post(url, json=body, timeout=10).status_code == 201
    store.kill()

    refused = requests.post(url, json={**body, "name": "e"}, timeout=30, headers={"X-Request-Timeout-Ms": "2000"})
    read = requests.get(url + "/d", timeout=10)
    store.restart()
    accepted = requests.post(url, json={**body, "name": "e"}, timeout=30)

    assert refused.status_code in (503, 504)
    assert error_code(refused) in ("store_unavailable", "deadline_exceeded")
    assert read.status_code == 200
    assert accepted.status_code == 201
