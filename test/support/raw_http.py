"""HTTP with every byte decided by the test: for requests that no client library would send."""

import socket
import xml.etree.ElementTree as ElementTree


class RawHttp:
    """A connection on which a test decides every byte."""

    def __init__(self, url):
        host, port = url.removeprefix("http://").split(":")
        self.host = f"{host}:{port}"
        self.socket = socket.create_connection((host, int(port)), timeout=100)

    def send(self, line, *headers, body=b""):
        self.socket.sendall("\r\n".join([line, f"Host: {self.host}", *headers, "", ""]).encode() + body)
        return self

    def answer(self):
        """(status, S3 error code or None) of the next answer."""
        text = b""
        while b"\r\n\r\n" not in text:
            received = self.socket.recv(65536)
            if not received:
                return None
            text += received
        head, body = text.split(b"\r\n\r\n", 1)
        length = next(int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length"))
        while len(body) < length:
            body += self.socket.recv(65536)
        code = ElementTree.fromstring(body).findtext("Code") if body.startswith(b"<") else None
        return int(head.split()[1]), code
