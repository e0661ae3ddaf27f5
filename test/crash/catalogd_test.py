"""kill -9 catalogd, or the storaged under it, while datasets are registered and dropped: what was acknowledged holds, what
was surely not applied does not, and both programs agree after a restart."""

import os
import random

import pytest
import requests

from support.catalog import Catalog, error_code, objects
from support.load import Load, Promises, pause
from support.waiting import eventually

ROUNDS = int(os.environ.get("TARN_CRASH_ROUNDS", "5"))
WRITERS = 8
NAMES_PER_WRITER = 4
SURELY_NOT_APPLIED = {"store_unavailable", "deadline_exceeded"}


class Writers:
    """Registers and drops, each writer on its own names. A state is the key of the dataset's one object."""

    def __init__(self, url):
        self.catalogs = [Catalog(url) for _ in range(WRITERS)]
        self.promises = Promises()
        self.acknowledged = 0
        self.revisions = {}

    def step(self, writer, rng):
        """One operation; False when the catalog is gone."""
        catalog = self.catalogs[writer]
        name = f"w{writer}.d{rng.randrange(NAMES_PER_WRITER)}"
        state = None if rng.random() < 0.2 else f"data/{rng.getrandbits(60)}"
        before = self.promises.allowed.get(name, frozenset([None]))
        self.promises.begin(name, state)
        try:
            if state is None:
                answer = catalog.drop(name)
            else:
                answer = catalog.register(name, "f", objects(state), headers={"X-Request-Timeout-Ms": "3000"})
        except requests.RequestException:
            return False
        if answer.status_code in (200, 201, 204) or (state is None and answer.status_code == 404):
            self.promises.applied(name, state)
            self.acknowledged += 1
        elif error_code(answer) in SURELY_NOT_APPLIED:
            self.promises.not_applied(name, state, before)
        else:
            assert error_code(answer) == "commit_state_unknown", answer.text
        return True

    def verify(self):
        found = {dataset["name"]: dataset for dataset in self.catalogs[0].datasets()}
        for name in self.promises.keys():
            dataset = found.pop(name, None)
            self.promises.observed(name, dataset["objects"][0]["key"] if dataset else None)
            if dataset:
                assert dataset["revision"] >= self.revisions.get(name, 0), f"{name} went back"
                self.revisions[name] = dataset["revision"]
        assert not found, f"ghosts: {sorted(found)}"


def serving(catalogd):
    return lambda: Catalog(catalogd.http).request("GET", "/readyz").status_code == 200


@pytest.mark.parametrize("victim", ["catalogd", "storaged", "both"])
@pytest.mark.timeout(60 + 30 * ROUNDS)
def test_acknowledged_registers_survive_kill_9(processes, victim):
    seed = os.environ.get("TARN_CRASH_SEED", str(random.SystemRandom().getrandbits(32)))
    print(f"TARN_CRASH_SEED={seed}")
    rng = random.Random(seed)
    store = processes.storaged().start()
    catalogd = processes.catalogd(store).start()
    writers = Writers(catalogd.http)
    victims = {"catalogd": [catalogd], "storaged": [store], "both": [store, catalogd]}[victim]

    for round_number in range(ROUNDS):
        load = Load(WRITERS, writers.step, f"{seed}/{round_number}")
        pause(rng, 0.05, 0.8)
        for server in victims:
            server.kill()
        pause(rng, 0.0, 0.2)
        for server in victims:
            server.restart()
        load.stop()
        eventually("the catalog serves", serving(catalogd), seconds=30)
        writers.verify()
        # Memory says what the store says: a catalog that starts anew sees the same.
        catalogd.kill()
        catalogd.restart()
        writers.verify()
        print(f"round {round_number + 1}/{ROUNDS}: {writers.acknowledged} acknowledged writes so far, all there", flush=True)

    assert writers.acknowledged > 10 * ROUNDS, "hardly anything was written: this tested nothing"
