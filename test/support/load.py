"""Concurrent load that remembers what it was promised, so that a look after a crash can be judged.

Each key (or dataset name) belongs to one writer, which knows the set of states it may be in: one state after an answer,
two while an operation is under way or after it ended without an answer.
"""

import random
import threading


class Promises:
    """What the store may hold under each key. Written by the key's own writer; judged when all writers are still."""

    def __init__(self):
        self.allowed = {}

    def begin(self, key, state):
        """An operation that would make `key` hold `state` is about to be sent."""
        self.allowed[key] = self.allowed.get(key, frozenset([None])) | {state}

    def applied(self, key, state):
        self.allowed[key] = frozenset([state])

    def not_applied(self, key, state, before):
        """The server said that it surely did not apply it: what was allowed `before` it holds."""
        self.allowed[key] = before

    def observed(self, key, state):
        """Judges what was found, and holds the store to it from now on."""
        allowed = self.allowed.get(key, frozenset([None]))
        assert state in allowed, f"{key} holds {state}, which is none of {sorted(map(str, allowed))}"
        self.allowed[key] = frozenset([state])

    def keys(self):
        return sorted(self.allowed)


class Load:
    """`writers` threads, each calling `step(writer, rng)` until stop() or until a step returns False."""

    def __init__(self, writers, step, seed):
        self.stopping = threading.Event()
        self.errors = []
        self.threads = [threading.Thread(target=self._write, args=(n, step, random.Random(f"{seed}/{n}"))) for n in range(writers)]
        for thread in self.threads:
            thread.start()

    def _write(self, writer, step, rng):
        try:
            while not self.stopping.is_set() and step(writer, rng):
                pass
        except Exception as error:
            self.errors.append(error)

    def stop(self):
        """Waits for every writer; raises what went wrong in one of them."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "a writer hangs: the server neither answers nor closes"
        if self.errors:
            raise self.errors[0]


def pause(rng, low_seconds, high_seconds):
    """A random moment later: where in the work the crash comes is what these tests vary."""
    threading.Event().wait(rng.uniform(low_seconds, high_seconds))
