"""Starting, refusing to start, and stopping: what each program does with a good and a bad environment."""

import re
import signal
import socket
import stat
import subprocess

import pytest
import requests

from support import s3
from support.catalog import Catalog, objects
from support.grpc_catalog import GrpcCatalog
from support.process import BUCKET, Refused, binary, run
from support.waiting import eventually

SECRET = "a-secret-that-must-not-be-shown"


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_generated_credentials_are_private_and_unlogged(processes):
    server = processes.up().start()

    mode = stat.S_IMODE(server.credentials_file.stat().st_mode)
    credentials = server.credentials
    log = server.log_text()

    assert mode == 0o600
    secrets = {credentials.admin.secret_access_key, credentials.data.secret_access_key}
    assert len(secrets) == 2 and all(len(secret) >= 32 for secret in secrets)
    assert not any(secret in log for secret in secrets)


def test_generated_credentials_survive_a_restart(processes):
    server = processes.storaged().start()
    before = server.credentials
    assert server.stop() == 0

    server.restart()

    assert server.credentials == before


def test_given_credentials_are_used_and_none_are_generated(processes):
    environment = {
        "TARN_ACCESS_KEY_ID": "admin-key",
        "TARN_SECRET_ACCESS_KEY": SECRET,
        "TARN_DATA_ACCESS_KEY_ID": "data-key",
        "TARN_DATA_SECRET_ACCESS_KEY": SECRET + "-2",
    }
    server = processes.storaged(environment=environment).start()

    assert not server.credentials_file.exists()
    assert SECRET not in server.log_text()


def test_second_process_on_one_folder_is_refused(processes):
    processes.storaged().start()

    second = processes.storaged(name="second")
    with pytest.raises(Refused) as refused:
        second.start()

    assert refused.value.code not in (0, -signal.SIGABRT, -signal.SIGSEGV)
    assert re.search(r"lock|in use|another|already", refused.value.log, re.IGNORECASE)


def test_folder_is_free_again_after_kill_9(processes):
    server = processes.storaged().start()
    server.kill()

    server.restart()

    assert server.is_running()


@pytest.mark.parametrize("program, flag", [("storaged", "--listen"), ("up", "--s3-listen"), ("up", "--listen"), ("up", "--grpc-listen")])
def test_taken_port_is_named(processes, taken_port, program, flag):
    server = getattr(processes, program)()
    server.LISTEN_FLAGS = {key: value for key, value in server.LISTEN_FLAGS.items() if value != flag}
    server.argv += [flag, f"127.0.0.1:{taken_port}"]

    with pytest.raises(Refused) as refused:
        server.start()

    assert refused.value.code > 0
    assert str(taken_port) in refused.value.log


@pytest.mark.parametrize("has_access_log", ["true", "false"])
def test_access_log_is_of_every_wire_or_of_none(processes, has_access_log):
    server = processes.up(environment={"TARN_ACCESS_LOG": has_access_log}).start()

    assert Catalog(server.http).request("GET", "/v1/datasets").ok
    GrpcCatalog(server.grpc).call("List")
    s3.client(server.s3, server.credentials.admin).list_buckets()
    assert server.stop() == 0  # writes out the log

    logged = set(re.findall(r'"op":"(\w+)"', server.log_path.read_text()))
    wanted = {"listDatasets", "List", "ListBuckets"}
    assert wanted <= logged if has_access_log == "true" else not logged, logged


def test_storaged_stays_small():
    libraries = subprocess.run(["ldd", binary("storaged")], capture_output=True, text=True, check=True).stdout

    assert "libssl" in libraries or "libcrypto" in libraries
    assert not re.search(r"libarrow|libparquet|libgrpc|libduckdb", libraries)


@pytest.mark.parametrize("program", ["storaged", "catalogd", "tarn"])
def test_help_and_version(program):
    shown = run(program, "--help")
    version = run(program, "--version")

    assert shown.returncode == 0 and "--" in shown.stdout
    assert version.returncode == 0 and re.search(r"\d+\.\d+\.\d+", version.stdout)


@pytest.mark.parametrize(
    "program, arguments, complaint",
    [
        ("storaged", ["--no-such-flag"], "no-such-flag"),
        ("storaged", ["--listen", "nonsense"], "nonsense"),
        ("storaged", ["--listen", "127.0.0.1:99999"], "99999"),
        ("catalogd", ["--no-such-flag"], "no-such-flag"),
        ("catalogd", ["--store", "ftp://127.0.0.1"], "ftp"),
        ("tarn", ["no-such-verb"], "no-such-verb"),
        ("tarn", ["up", "--grpc-listen", "nonsense"], "nonsense"),
    ],
)
def test_wrong_flag_is_named(tmp_path, program, arguments, complaint):
    result = run(program, *arguments, cwd=tmp_path)

    assert result.returncode > 0
    assert complaint in result.stdout + result.stderr
    assert not any(tmp_path.iterdir()), "a refused start must leave nothing behind"


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("bucket = 5\n", "1"),
        ('bucket = "lake"\nno_such_key = 1\n', "no_such_key"),
        ("bucket = \n", "1"),
    ],
)
def test_wrong_setting_is_named_with_its_line(tmp_path, text, complaint):
    config = tmp_path / "tarn.toml"
    config.write_text(text)

    result = run("tarn", "up", "--config", config, "--data", tmp_path / "data")

    assert result.returncode > 0
    assert complaint in result.stderr and "tarn.toml" in result.stderr


def test_print_config_masks_secrets(tmp_path):
    environment = {"TARN_ACCESS_KEY_ID": "admin-key", "TARN_SECRET_ACCESS_KEY": SECRET, "TARN_BUCKET": "from-environment"}

    result = run("storaged", "--data", tmp_path / "data", "--print-config", environment=environment)

    assert result.returncode == 0, result.stderr
    assert "admin-key" in result.stdout
    assert SECRET not in result.stdout + result.stderr


def test_flags_win_over_environment_and_file(tmp_path):
    config = tmp_path / "tarn.toml"
    config.write_text('bucket = "from-file"\nlisten = "127.0.0.1:1111"\n')
    environment = {"TARN_BUCKET": "from-environment", "TARN_LISTEN": "127.0.0.1:2222"}

    shown = run("tarn", "up", "--config", config, "--listen", "127.0.0.1:3333", "--print-config", environment=environment)

    assert shown.returncode == 0, shown.stderr
    assert "from-environment" in shown.stdout and "from-file" not in shown.stdout
    assert "127.0.0.1:3333" in shown.stdout and "2222" not in shown.stdout and "1111" not in shown.stdout


@pytest.mark.parametrize("program, arguments", [("tarn", ["up"]), ("catalogd", ["--store", "http://127.0.0.1:1"])])
def test_catalog_on_the_network_wants_tokens(tmp_path, program, arguments):
    if program == "tarn":
        arguments = [*arguments, "--data", tmp_path / "data"]
    result = run(program, *arguments, "--listen", "0.0.0.0:0", environment={"TARN_ACCESS_KEY_ID": "a", "TARN_SECRET_ACCESS_KEY": "b"})

    assert result.returncode > 0
    assert "token" in (result.stdout + result.stderr).lower()


def test_sigterm_ends_each_server_well(processes):
    store = processes.storaged().start()
    catalog = processes.catalogd(store).start()
    up = processes.up(data=processes.folder / "up").start()

    codes = [server.stop() for server in (catalog, store, up)]

    assert codes == [0, 0, 0]


def test_sigterm_lets_a_running_upload_finish(processes):
    server = processes.storaged().start()
    client = s3.client(server.s3, server.credentials.admin)
    client.create_bucket(Bucket=BUCKET)
    url = client.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "slow"})
    host, port = server.s3.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as upload:
        path = url.removeprefix(server.s3)
        upload.sendall(f"PUT {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n".encode())
        # The server's 100 says that it is in the middle of this request.
        assert upload.recv(1024).startswith(b"HTTP/1.1 100")
        upload.sendall(b"abc")
        server.process.terminate()
        eventually("no new connection is accepted", lambda: refuses_connections(host, int(port)))
        upload.sendall(b"def")
        answer = upload.recv(4096)

    assert answer.startswith(b"HTTP/1.1 200")
    assert server.process.wait(20) == 0
    server.restart()
    assert client.get_object(Bucket=BUCKET, Key="slow")["Body"].read() == b"abcdef"


def refuses_connections(host, port):
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return True
    return False


def test_catalogd_waits_for_its_store(processes):
    store = processes.storaged().start()
    catalog = processes.catalogd(store).start()
    assert catalog.stop() == 0
    store.kill()

    catalog.start(wait=False)
    healthy = eventually("healthz answers without a store", lambda: answers(catalog, "/healthz"))
    not_ready = answers(catalog, "/readyz")
    store.restart()
    eventually("readyz turns 200", lambda: answers(catalog, "/readyz") == 200, seconds=30)

    assert healthy == 200
    assert not_ready == 503


def answers(catalog, path):
    try:
        return requests.get(catalog.http + path, timeout=5).status_code
    except requests.ConnectionError:
        return None


def test_catalogd_refuses_to_serve_half_a_catalog(processes):
    server = processes.up().start()
    client = s3.client(server.s3, server.credentials.admin)
    assert Catalog(server.http).register("good", "f", objects("k")).status_code == 201
    client.put_object(Bucket=BUCKET, Key="_catalog/manifests/broken.parquet", Body=b"PAR1 not really")
    assert server.stop() == 0

    with pytest.raises(Refused) as refused:
        server.start()
    quarantined = run("tarn", "quarantine", "_catalog/manifests/broken.parquet", "--data", server.data)
    assert quarantined.returncode == 0, quarantined.stderr
    server.restart()

    assert "broken.parquet" in refused.value.log
    assert [dataset["name"] for dataset in Catalog(server.http).datasets()] == ["good"]


def test_loopback_rejects_foreign_hosts_and_origins(processes):
    server = processes.up().start()
    catalog = Catalog(server.http)

    rebound = catalog.request("GET", "/v1/datasets", headers={"Host": "evil.example"})
    cross = catalog.request("GET", "/v1/datasets", headers={"Origin": "http://evil.example"})
    own = catalog.request("GET", "/v1/datasets", headers={"Origin": server.http})

    assert rebound.status_code in (400, 403, 421)
    assert cross.status_code == 403
    assert own.status_code == 200
