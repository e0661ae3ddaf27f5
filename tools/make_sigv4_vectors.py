#!/usr/bin/env python3
"""Writes src/s3/botocore_vectors_internal.h: requests as botocore signs them, which our verifier must accept and our
signer must sign alike.

usage: make_sigv4_vectors.py > src/s3/botocore_vectors_internal.h     (needs botocore; its version is noted in the file)
"""

import datetime
import hashlib

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2013, 5, 24, 0, 0, 0)
HOST = "127.0.0.1:9000"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEY = "AKIAIOSFODNN7EXAMPLE"

# Name, method, target as it goes over the wire, headers, body, session token.
REQUESTS = [
    ("list buckets", "GET", "/", {}, b"", None),
    ("empty key", "GET", "/lake/?list-type=2&prefix=&delimiter=%2F&encoding-type=url", {}, b"", None),
    ("query not in order", "GET", "/lake?prefix=b&list-type=2&max-keys=7&delimiter=%2F&start-after=a%20b%2Bc", {}, b"", None),
    ("names that are prefixes of each other", "GET", "/lake?a=1&a-b=2&a.b=3&aB=4&a%20b=5", {}, b"", None),
    ("a parameter twice", "GET", "/lake?x=2&x=10&x=1", {}, b"", None),
    ("sub-resource without value", "GET", "/lake?uploads", {}, b"", None),
    ("range", "GET", "/lake/a", {"Range": "bytes=0-9", "If-Match": '"abc"'}, b"", None),
    ("space and plus", "GET", "/lake/a%20b%2Bc", {}, b"", None),
    ("unicode", "PUT", "/lake/donn%C3%A9es/%E6%97%A5%E6%9C%AC.parquet", {}, b"data", None),
    ("reserved characters", "PUT", "/lake/%21%22%23%24%25%26%27%28%29%2A%2C%3A%3B%3D%3F%40%5B%5D%7B%7D~-._", {}, b"", None),
    ("dots and slashes", "PUT", "/lake/a//b/../c/./d/", {}, b"x", None),
    ("metadata with spaces", "PUT", "/lake/a", {"x-amz-meta-note": "  two   words  ", "Content-Type": "text/plain; charset=utf-8"}, b"body", None),
    ("conditional put", "PUT", "/lake/_catalog/manifests/flights.parquet", {"If-None-Match": "*", "x-amz-checksum-crc32": "AAAAAA=="}, b"", None),
    ("multi delete", "POST", "/lake?delete", {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, b"<Delete/>", None),
    ("session token", "GET", "/lake/a", {}, b"", "AQoDYXdzEPT//////////wEXAMPLE=="),
]


def sign(method, target, headers, body, token):
    request = AWSRequest(method=method, url=f"http://{HOST}{target}", headers=headers, data=body)
    request.context["payload_signing_enabled"] = True
    request.context["timestamp"] = NOW.strftime("%Y%m%dT%H%M%SZ")
    botocore.auth.S3SigV4Auth(Credentials(KEY, SECRET, token), "s3", "us-east-1").add_auth(request)
    return request.headers


def presign(method, target, token):
    request = AWSRequest(method=method, url=f"http://{HOST}{target}")
    botocore.auth.S3SigV4QueryAuth(Credentials(KEY, SECRET, token), "s3", "us-east-1", expires=3600).add_auth(request)
    return request.url.removeprefix(f"http://{HOST}")


def text(value):
    return 'R"~(' + value + ')~"'


def main():
    botocore.auth.get_current_datetime = lambda: NOW
    print("#pragma once\n")
    print("#include <string_view>\n#include <utility>\n#include <vector>\n")
    print(f"// Written by tools/make_sigv4_vectors.py with botocore {botocore.__version__}. Not to be edited.")
    print("// clang-format off")
    print("namespace tarn::s3 {\n")
    print("struct BotocoreVector {")
    print("  std::string_view name;\n  std::string_view method;\n  std::string_view target;")
    print("  std::vector<std::pair<std::string_view, std::string_view>> headers;  ///< those that the caller set")
    print("  std::string_view session_token;\n  std::string_view payload_sha256;")
    print("  std::string_view authorization;     ///< of the header form")
    print("  std::string_view presigned_target;  ///< the same method and target without headers, for an hour\n};\n")
    print(f"inline constexpr std::string_view kBotocoreHost = \"{HOST}\";")
    print("inline const std::vector<BotocoreVector> kBotocoreVectors = {")
    for name, method, target, headers, body, token in REQUESTS:
        signed = sign(method, target, dict(headers), body, token)
        listed = ", ".join(f"{{{text(k)}, {text(v)}}}" for k, v in headers.items())
        print(f"    {{{text(name)}, {text(method)}, {text(target)},\n     {{{listed}}},\n     {text(token or '')},")
        print(f"     {text(hashlib.sha256(body).hexdigest())},\n     {text(signed['Authorization'])},")
        print(f"     {text(presign(method, target, token))}}},")
    print("};\n\n}  // namespace tarn::s3\n// clang-format on")


if __name__ == "__main__":
    main()
