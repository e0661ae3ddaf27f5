"""nginx with one worker as a peer: it serves one file."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

CONFIGURATION = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nodelay on;
  open_file_cache max=16;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  default_type application/json;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


def is_installed():
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin") is not None


class Nginx:
    def __init__(self, folder, files):
        self.folder = Path(folder)
        (self.folder / "files").mkdir(parents=True)
        for name, content in files.items():
            (self.folder / "files" / name).write_bytes(content)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        configuration = self.folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(folder=self.folder, port=self.port))
        nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
        self.folder.chmod(0o755)
        self.process = subprocess.Popen([nginx, "-p", self.folder, "-c", configuration, "-g", "daemon off; user root;"], stderr=subprocess.DEVNULL)
        give_up = time.monotonic() + 10
        while time.monotonic() < give_up:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
        self.process.kill()
        raise RuntimeError(f"nginx did not start: {(self.folder / 'error.log').read_text()}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
