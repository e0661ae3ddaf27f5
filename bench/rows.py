"""The rows of the table. Each is a function (a scratch folder on the disk to be measured) -> list of Row."""

import time

from bench import nginx
from bench.measure import Row, http_load, interleave, rocksdb_puts, rss_bytes, wrk
from support import s3
from support.catalog import Catalog
from support.process import BUCKET, Catalogd, Storaged, TarnUp

SLICES = 5
ONE_THREAD = ("--threads", "1")
QUIET = {"TARN_ACCESS_LOG": "false"}
KIB = 1024
MIB = 1024 * KIB


def storaged(scratch, *flags):
    return Storaged(scratch / "store", scratch / "storaged.log", *flags, environment=QUIET).start()


def catalogd(scratch, store, *flags):
    return Catalogd(store.s3, store.credentials_file, scratch / "catalogd.log", *flags, environment=QUIET).start()


def catalog_get(scratch):
    what, against, must = "catalogd GET dataset, 16 connections, 1 server thread", "nginx, the same bytes from a file, 1 worker", 0.8
    if not nginx.is_installed():
        return [Row(what, against, "nginx is not installed", f">= {must}x", None)]
    store = storaged(scratch)
    catalog = catalogd(scratch, store, *ONE_THREAD)
    try:
        api = Catalog(catalog.http)
        assert api.register("flights", objects=[{"key": "data/flights/part-00000.parquet", "size": 13_493_022}], row_count=3_000_000).ok
        body = api.get("flights").content
        with nginx.Nginx(scratch / "nginx", {"flights.json": body}) as peer:
            ratios = interleave(
                lambda: wrk(f"{catalog.http}/v1/datasets/flights", 16, 3), lambda: wrk(f"{peer.url}/flights.json", 16, 3), SLICES
            )
    finally:
        catalog.stop()
        store.stop()
    return [Row(what, against, ratios.text(), f">= {must}x", ratios.median >= must)]


def put(scratch):
    rows = []
    store = storaged(scratch, *ONE_THREAD)
    s3.client(store.s3, store.credentials.admin).create_bucket(Bucket="bench")
    runs = iter(range(10**6))
    try:
        for connections, requests, must in ((1, 3_000, 0.5), (64, 40_000, 0.8)):
            ratios = interleave(
                lambda: http_load(
                    "put", "--url", store.s3, "--bucket", "bench", "--prefix", f"run{next(runs)}/", "--connections", connections, "--requests",
                    requests, "--size", 4 * KIB, credential=store.credentials.data,
                ),
                lambda: rocksdb_puts(scratch / "rocksdb", connections, requests, 4 * KIB),
                SLICES,
            )
            rows.append(
                Row(
                    f"storaged durable PUT 4 KiB, {connections} connection{'s' if connections > 1 else ''}, 1 I/O thread",
                    f"RocksDB synced puts, {connections} thread{'s' if connections > 1 else ''}, no HTTP",
                    ratios.text(),
                    f">= {must}x",
                    ratios.median >= must,
                )
            )
    finally:
        store.stop()
    return rows


def register(scratch):
    store = storaged(scratch, *ONE_THREAD)
    catalog = catalogd(scratch, store, *ONE_THREAD)
    runs = iter(range(10**6))
    requests = 10_000
    try:
        http_load("register", "--url", catalog.http, "--prefix", "size_", "--connections", 1, "--requests", 1)
        client = s3.client(store.s3, store.credentials.admin)
        manifest_bytes = client.head_object(Bucket=BUCKET, Key="_catalog/manifests/size_0.parquet")["ContentLength"]
        ratios = interleave(
            lambda: http_load(
                "register", "--url", catalog.http, "--prefix", f"run{next(runs)}_", "--connections", 64, "--requests", requests
            ),
            lambda: http_load(
                "put", "--url", store.s3, "--bucket", BUCKET, "--prefix", f"run{next(runs)}/", "--connections", 64, "--requests", requests,
                "--size", manifest_bytes, credential=store.credentials.data,
            ),
            SLICES,
        )
    finally:
        catalog.stop()
        store.stop()
    return [
        Row(
            "register, distinct names, 64 connections, over storaged, 1 I/O thread each",
            f"storaged PUT of the same {manifest_bytes:,} bytes",
            ratios.text(),
            ">= 0.5x",
            ratios.median >= 0.5,
        )
    ]


def rehydrate(scratch):
    count = 100_000
    store = storaged(scratch)
    catalog = catalogd(scratch, store)
    baseline = rss_bytes(catalog.pid)
    http_load("register", "--url", catalog.http, "--prefix", "dataset_", "--connections", 64, "--requests", count)
    catalog.stop()
    store.stop()
    # Cold: both processes are new, and nothing of the store is in their memory.
    store.restart()
    started = time.monotonic()
    catalog = catalogd(scratch, store)
    seconds = time.monotonic() - started
    memory = rss_bytes(catalog.pid)
    catalog.stop()
    store.stop()
    kib_each = (memory - baseline) / count / KIB
    return [
        Row(f"rehydrate {count:,} manifests from storaged, cold", "-", f"{seconds:.1f} s", "<= 20 s", seconds <= 20),
        Row("memory a dataset above the baseline", f"an empty catalogd, {baseline / MIB:.0f} MiB", f"{kib_each:.2f} KiB", "<= 1.5 KiB", kib_each <= 1.5),
    ]


def up(scratch):
    seconds, memory = [], []
    for i in range(SLICES):
        server = TarnUp(scratch / f"up{i}", scratch / "up.log")
        started = time.monotonic()
        server.start()
        seconds.append(time.monotonic() - started)
        memory.append(rss_bytes(server.pid) / MIB)
        server.stop()
    return [
        Row("tarn up on an empty folder, ready", "-", f"{sorted(seconds)[SLICES // 2]:.2f} s", "<= 0.3 s", sorted(seconds)[SLICES // 2] <= 0.3),
        Row("tarn up, memory when ready", "-", f"{max(memory):.0f} MiB", "<= 60 MiB", max(memory) <= 60),
    ]


ROWS = {"catalog-get": catalog_get, "put": put, "register": register, "rehydrate": rehydrate, "up": up}
