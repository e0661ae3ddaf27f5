"""Fixtures: our programs as processes in a folder of their own, their logs shown when a test fails."""

from urllib.parse import urlsplit

import pytest

from support import s3 as s3_support
from support.catalog import Catalog
from support.process import Catalogd, Storaged, TarnUp, TarnUpOverStore

LOG_TAIL_CHARS = 6000
SERVERS = pytest.StashKey()


class Processes:
    """Makes servers whose folders and logs lie under `folder`, and kills them all at the end."""

    def __init__(self, folder):
        self.folder = folder
        self.all = []

    def adopt(self, server):
        self.all.append(server)
        return server

    def log_path(self, name):
        return self.folder / f"{name}-{len(self.all)}.log"

    def storaged(self, *flags, data=None, **kwargs):
        return self.adopt(Storaged(data or self.folder / "data", self.log_path("storaged"), *flags, **kwargs))

    def catalogd(self, storaged, *flags, **kwargs):
        return self.adopt(Catalogd(storaged.s3, storaged.credentials_file, self.log_path("catalogd"), *flags, **kwargs))

    def up(self, *flags, data=None, **kwargs):
        return self.adopt(TarnUp(data or self.folder / "data", self.log_path("tarn-up"), *flags, **kwargs))

    def up_over(self, storaged, **kwargs):
        """A `tarn up` that keeps everything in a remote store."""
        return self.adopt(TarnUpOverStore(storaged.s3, storaged.credentials_file, self.log_path("tarn-up"), **kwargs))

    def kill_all(self):
        for server in reversed(self.all):
            if server.is_running():
                server.kill()


def start_processes(request, folder):
    processes = Processes(folder)
    request.node.stash.setdefault(SERVERS, []).append(processes)
    yield processes
    processes.kill_all()


@pytest.fixture
def processes(request, tmp_path):
    yield from start_processes(request, tmp_path)


@pytest.fixture(scope="module")
def module_processes(request, tmp_path_factory):
    yield from start_processes(request, tmp_path_factory.mktemp("module"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for node in item.listchain():
            for processes in node.stash.get(SERVERS, []):
                for server in processes.all:
                    report.sections.append((f"log of {server.name}", server.log_text()[-LOG_TAIL_CHARS:]))
    return report


class Lake:
    """A store and a catalog over it, whichever way they run."""

    def __init__(self, store, catalog):
        self.store = store
        self.catalog_server = catalog

    @property
    def servers(self):
        return [self.store] if self.store is self.catalog_server else [self.store, self.catalog_server]

    @property
    def catalog(self):
        return Catalog(self.catalog_server.http)

    @property
    def credentials(self):
        return self.store.credentials

    def s3(self, role="data", **config):
        return s3_support.client(self.store.s3, getattr(self.credentials, role), **config)

    def cli_environment(self, role="data"):
        """What the `tarn` verbs need to find this lake."""
        credential = getattr(self.credentials, role)
        prefix = "TARN_DATA" if role == "data" else "TARN"
        return {
            "TARN_SERVER": self.catalog_server.http,
            "TARN_S3": self.store.s3,
            f"{prefix}_ACCESS_KEY_ID": credential.access_key_id,
            f"{prefix}_SECRET_ACCESS_KEY": credential.secret_access_key,
        }


def separate_lake(processes):
    store = processes.storaged().start()
    return Lake(store, processes.catalogd(store).start())


def up_lake(processes):
    server = processes.up().start()
    return Lake(server, server)


LAKES = {"separate": separate_lake, "up": up_lake}


@pytest.fixture(params=LAKES)
def lake(request, processes):
    """storaged and catalogd as two processes, then `tarn up`: what holds for one holds for the other."""
    return LAKES[request.param](processes)


@pytest.fixture(scope="module")
def storaged(module_processes):
    """One storaged for a whole file."""
    return module_processes.storaged().start()


@pytest.fixture(scope="module")
def shared_lake(module_processes):
    """One `tarn up` for a whole file."""
    return up_lake(module_processes)


@pytest.fixture
def bucket(request, storaged):
    """A fresh bucket of the file's storaged, named after the test."""
    name = "".join(c if c.isalnum() else "-" for c in request.node.name.lower()).strip("-")[:63].strip("-")
    s3_support.client(storaged.s3, storaged.credentials.admin).create_bucket(Bucket=name)
    return name


@pytest.fixture
def s3(storaged):
    """boto3 with the data credential, on the file's storaged."""
    return s3_support.client(storaged.s3, storaged.credentials.data)


@pytest.fixture
def put_line(s3, bucket):
    """The request line of a presigned PUT of the key `k`."""

    def line(key="k"):
        url = urlsplit(s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key}))
        return f"PUT {url.path}?{url.query} HTTP/1.1"

    return line
