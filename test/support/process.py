"""Our programs as processes: started on free ports, killed, stopped and restarted on the same ones."""

import os
import queue
import subprocess
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path

RELEASE_BIN_DIR = Path(__file__).resolve().parents[2] / "build" / "release" / "bin"
# A server must not outlive a test run that was itself killed. (Not by preexec_fn: that makes Python fork in earnest, and
# the gRPC library in this process aborts in the child: https://github.com/grpc/grpc/issues/43055.)
DIE_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"]
READY_SECONDS = 60
STOP_SECONDS = 20
ANY_PORT = "127.0.0.1:0"
BUCKET = "lake"


def binary(name):
    """The path of one of our programs; TARN_BIN_DIR says which build (default: the release preset's)."""
    path = Path(os.environ.get("TARN_BIN_DIR", RELEASE_BIN_DIR)) / name
    assert path.exists(), f"{path} is not built"
    return str(path)


def clean_environment():
    """This environment without anything that configures our programs or other S3 clients."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("TARN_", "AWS_"))}


@dataclass(frozen=True)
class Credential:
    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True)
class Credentials:
    admin: Credential
    data: Credential

    @staticmethod
    def read(path):
        tables = tomllib.loads(Path(path).read_text())
        return Credentials(admin=Credential(**tables["admin"]), data=Credential(**tables["data"]))


class Refused(Exception):
    """The program ended before it was ready."""

    def __init__(self, name, code, log):
        super().__init__(f"{name} exited with {code} before it was ready:\n{log}")
        self.code = code
        self.log = log


class Server:
    """One of our servers. `arguments` maps each ready-line key to the flag that sets its address."""

    LISTEN_FLAGS = {}

    def __init__(self, name, argv, log_path, environment=None):
        self.name = name
        self.argv = [str(word) for word in argv]
        self.log_path = Path(log_path)
        self.environment = environment or {}
        self.addresses = {}
        self.process = None

    def start(self, wait=True):
        """Starts it, on the ports of last time if there was one; returns self when it has printed `ready`."""
        argv = list(self.argv)
        for key, flag in self.LISTEN_FLAGS.items():
            argv += [flag, self.addresses.get(key, ANY_PORT).removeprefix("http://")]
        self.log = self.log_path.open("ab", buffering=0)
        self.log.write(f"--- {' '.join(argv)}\n".encode())
        self.process = subprocess.Popen(
            [*DIE_WITH_PARENT, *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env={**clean_environment(), **self.environment},
        )
        self.ready_line = queue.Queue()
        # Reads to the end so that the server never blocks on a full pipe.
        threading.Thread(target=self._read_stdout, args=(self.process.stdout, self.ready_line), daemon=True).start()
        if wait:
            self.wait_ready()
        return self

    def _read_stdout(self, stdout, ready_line):
        for line in stdout:
            try:
                self.log.write(line)
            except ValueError:  # closed: the server was restarted meanwhile
                pass
            if line.split()[:1] == [b"ready"]:
                ready_line.put(line.decode())
        ready_line.put(None)

    def wait_ready(self, seconds=READY_SECONDS):
        try:
            line = self.ready_line.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"{self.name} was not ready within {seconds} s:\n{self.log_text()}") from None
        if line is None:
            raise Refused(self.name, self.process.wait(STOP_SECONDS), self.log_text())
        self.addresses = dict(word.split("=", 1) for word in line.split()[1:])

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL: what a power cut looks like to everything but the disk."""
        if self.is_running():
            self.process.kill()
        self.process.wait(STOP_SECONDS)

    def stop(self):
        """SIGTERM; returns the exit code."""
        if self.is_running():
            self.process.terminate()
        return self.process.wait(STOP_SECONDS)

    def restart(self):
        assert not self.is_running()
        return self.start()

    def log_text(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""


class Storaged(Server):
    """The S3 server over the folder `data`."""

    LISTEN_FLAGS = {"s3": "--listen"}

    def __init__(self, data, log_path, *flags, name="storaged", **kwargs):
        super().__init__(name, [binary("storaged"), "--data", data, *flags], log_path, **kwargs)
        self.data = Path(data)

    @property
    def s3(self):
        return self.addresses["s3"]

    @property
    def credentials_file(self):
        return self.data / "credentials.toml"

    @property
    def credentials(self):
        return Credentials.read(self.credentials_file)


class Catalogd(Server):
    """The catalog over the store at `store_url`."""

    LISTEN_FLAGS = {"http": "--listen", "grpc": "--grpc-listen"}

    def __init__(self, store_url, credentials_file, log_path, *flags, name="catalogd", **kwargs):
        argv = [binary("catalogd"), "--store", store_url, "--bucket", BUCKET, "--credentials", credentials_file, *flags]
        super().__init__(name, argv, log_path, **kwargs)

    @property
    def http(self):
        return self.addresses["http"]

    @property
    def grpc(self):
        return self.addresses["grpc"].removeprefix("http://")


class TarnUp(Server):
    """Both in one process over the folder `data`."""

    LISTEN_FLAGS = {"s3": "--s3-listen", "http": "--listen", "grpc": "--grpc-listen"}

    def __init__(self, data, log_path, *flags, name="tarn-up", **kwargs):
        super().__init__(name, [binary("tarn"), "up", "--data", data, *flags], log_path, **kwargs)
        self.data = Path(data)

    s3 = Storaged.s3
    http = Catalogd.http
    grpc = Catalogd.grpc
    credentials_file = Storaged.credentials_file
    credentials = Storaged.credentials


class TarnUpOverStore(Server):
    """A `tarn up` without a folder: catalog over the store at `store_url`."""

    LISTEN_FLAGS = Catalogd.LISTEN_FLAGS

    def __init__(self, store_url, credentials_file, log_path, *flags, name="tarn-up", **kwargs):
        argv = [binary("tarn"), "up", "--store", store_url, "--credentials", credentials_file, *flags]
        super().__init__(name, argv, log_path, **kwargs)

    http = Catalogd.http
    grpc = Catalogd.grpc


def run(program, *arguments, environment=None, seconds=60, text=True, **kwargs):
    """Runs one of our programs to its end; returns the CompletedProcess."""
    return subprocess.run(
        [binary(program), *map(str, arguments)],
        env={**clean_environment(), **(environment or {})},
        capture_output=True,
        text=text,
        timeout=seconds,
        stdin=subprocess.DEVNULL,
        **kwargs,
    )
