"""How things are timed: load programs as processes, slices in turn, medians and ranges of ratios."""

import json
import re
import shutil
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support.process import binary, clean_environment

SLICE_TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Row:
    """One line of the table. `is_met` is None where nothing was promised or the peer is missing."""

    what: str
    against: str
    measured: str
    must_reach: str
    is_met: bool | None


@dataclass(frozen=True)
class Ratios:
    """Ours over theirs, slice by slice, and the median speeds behind them."""

    ours: float
    theirs: float
    ratios: list

    @property
    def median(self):
        return statistics.median(self.ratios)

    def text(self):
        return f"{self.median:.2f}x ({min(self.ratios):.2f}-{max(self.ratios):.2f}); {self.ours:,.0f} against {self.theirs:,.0f} a second"


def interleave(ours, theirs, slices):
    """Calls the two in turn, A B B A A B …, each returning operations a second, after one warm-up of both."""
    ours(), theirs()
    a, b = [], []
    for i in range(slices):
        for side in (0, 1) if i % 2 == 0 else (1, 0):
            if side == 0:
                a.append(ours())
            else:
                b.append(theirs())
    return Ratios(statistics.median(a), statistics.median(b), [x / y for x, y in zip(a, b)])


def run_json(argv, environment=None):
    """The one line of JSON that a load program prints."""
    done = subprocess.run(
        [str(word) for word in argv],
        env={**clean_environment(), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=SLICE_TIMEOUT_SECONDS,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, argv))}: {done.stderr or done.stdout}")
    return json.loads(done.stdout)


def http_load(mode, *arguments, credential=None):
    environment = {}
    if credential:
        environment = {"TARN_ACCESS_KEY_ID": credential.access_key_id, "TARN_SECRET_ACCESS_KEY": credential.secret_access_key}
    return run_json([binary("http_load"), mode, *arguments], environment)["per_second"]


def rocksdb_puts(folder, threads, puts, size_bytes):
    shutil.rmtree(folder, ignore_errors=True)
    speed = run_json([binary("rocksdb_puts"), "--dir", folder, "--threads", threads, "--puts", puts, "--size", size_bytes])["per_second"]
    shutil.rmtree(folder)
    return speed


def wrk(url, connections, seconds):
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", url], capture_output=True, text=True, timeout=SLICE_TIMEOUT_SECONDS, check=True
    )
    if "Non-2xx" in done.stdout:
        raise RuntimeError(f"{url} answered errors:\n{done.stdout}")
    return float(re.search(r"Requests/sec:\s*([\d.]+)", done.stdout).group(1))


def rss_bytes(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no VmRSS of process {pid}")
