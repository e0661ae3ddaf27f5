"""Two catalogs over one storaged, as catalogd and as `tarn up`: one truth, whoever writes it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.catalog import Catalog, error_code, objects
from support.waiting import eventually

CURRENT = {"Cache-Control": "no-cache"}


@pytest.fixture(params=["catalogd", "tarn up --store"])
def replicas(request, processes):
    store = processes.storaged().start()
    make = processes.catalogd if request.param == "catalogd" else processes.up_over
    return [Catalog(make(store, name=f"replica-{n}").start().http) for n in range(2)]


def at_once(calls):
    """Runs the calls in threads of their own, started together; returns their results in order."""
    together = threading.Barrier(len(calls))

    def run(call):
        together.wait(timeout=20)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=90) for future in [pool.submit(run, call) for call in calls]]


def test_racing_creates_of_one_name_agree(replicas):
    urls = [catalog.url for catalog in replicas]

    answers = at_once([lambda n=n: Catalog(urls[n % 2]).register("race", "f", objects(f"k{n}")) for n in range(12)])

    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert sorted(answer.json()["dataset"]["revision"] for answer in answers) == list(range(1, 13))
    assert len({answer.json()["dataset"]["dataset_id"] for answer in answers}) == 1
    seen = [catalog.get("race", headers=CURRENT).json() for catalog in replicas]
    assert seen[0] == seen[1] and seen[0]["revision"] == 12


def test_racing_fingerprints_have_one_winner(replicas):
    urls = [catalog.url for catalog in replicas]

    for attempt in range(10):
        name = f"schema.{attempt}"
        answers = at_once([lambda n=n, name=name: Catalog(urls[n]).register(name, f"f{n}", objects(f"k{n}")) for n in range(2)])

        assert sorted(answer.status_code for answer in answers) == [201, 409]
        winner = next(n for n, answer in enumerate(answers) if answer.status_code == 201)
        assert error_code(answers[1 - winner]) == "fingerprint_conflict"
        assert [c.get(name, headers=CURRENT).json()["schema_fingerprint"] for c in replicas] == [f"f{winner}"] * 2


def test_different_names_end_in_one_list(replicas):
    urls = [catalog.url for catalog in replicas]

    answers = at_once([lambda n=n: Catalog(urls[n % 2]).register(f"many.d{n:02}", "f", objects("k")) for n in range(30)])

    assert {answer.status_code for answer in answers} == {201}
    names = [f"many.d{n:02}" for n in range(30)]
    for catalog in replicas:
        eventually("the other's commits are seen", lambda c=catalog: [d["name"] for d in c.datasets(prefix="many.")] == names)
    assert replicas[0].datasets(prefix="many.") == replicas[1].datasets(prefix="many.")


def test_a_commit_is_seen_at_once_by_no_cache_and_soon_by_all(replicas):
    first, second = replicas
    created = first.register("fresh", "f", objects("k")).json()["dataset"]

    assert second.get("fresh", headers=CURRENT).json() == created
    assert first.drop("fresh").status_code == 204
    assert second.get("fresh", headers=CURRENT).status_code == 404
    assert second.undrop("fresh").status_code == 200
    eventually("the undrop is seen", lambda: first.get("fresh").status_code == 200)


def test_writes_take_newer_state_into_account(replicas):
    first, second = replicas
    assert first.register("newer", "f1", objects("a")).status_code == 201

    conflict = second.register("newer", "f2", objects("b"))
    replaced = second.register("newer", "f1", objects("c"))

    assert conflict.status_code == 409, "the second has never read this name, yet its write is conditional"
    assert (replaced.status_code, replaced.json()["dataset"]["revision"]) == (200, 2)
