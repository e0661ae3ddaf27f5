#!/usr/bin/env python3
"""Holds every #include under src/ to docs/architecture.md: who may use whom, and where third-party types stop.

usage: check_layers.py [ROOT]    (exit 1 and one line a violation when it does not hold)

- A module includes its own headers and those of the modules ALLOWED names. A test, benchmark or fuzzer may also use the
  TEST_DEPENDS of its module's CMakeLists.txt.
- What tests share (x_suite.h, x_fixture.h, x_test_support.h) is included by tests alone.
- `x_internal.h` is private to its module.
- A public header (any other x.h) names no third-party library, Asio's awaitable and executor aside.
- Our own headers are included by their full path from src/, which must exist.
"""

import re
import sys
from pathlib import Path

ALLOWED = {
    "apps": {"ingest", "query", "iceberg", "catalog_api", "catalog", "s3", "store", "http", "duck", "columnar", "async", "base"},
    "ingest": {"catalog", "store", "duck", "columnar", "http", "async", "base"},
    "query": {"catalog", "store", "duck", "columnar", "http", "async", "base"},
    "iceberg": {"catalog", "store", "columnar", "http", "async", "base"},
    "catalog_api": {"catalog", "http", "async", "base"},
    "catalog": {"store", "columnar", "async", "base"},
    "s3": {"store", "http", "async", "base"},
    "store": {"async", "base"},
    "http": {"async", "base"},
    "duck": {"async", "base"},
    "columnar": {"base"},
    "async": {"base"},
    "base": set(),
}

# May appear in a public header; everything else that is not C++'s or the operating system's may not.
PUBLIC_THIRD_PARTY = {"boost/asio/awaitable.hpp", "boost/asio/any_io_executor.hpp"}
THIRD_PARTY_WITHOUT_FOLDER = {"zlib.h", "duckdb.h", "avro.h"}
SYSTEM_PREFIXES = ("sys/", "netinet/", "arpa/", "linux/")

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"(?P<ours>[^"]+)"|<(?P<theirs>[^>]+)>)')
TEST_DEPENDS = re.compile(r"TEST_DEPENDS\s+([a-z0-9_\s]+)")


def module_of(path):
    """The module a path relative to src/ lies in."""
    return path.parts[0]


def test_depends(src, module):
    """The modules that the tests of `module` may use beyond those that the module itself uses."""
    extra = set()
    for cmake in (src / module).rglob("CMakeLists.txt"):
        for match in TEST_DEPENDS.finditer(cmake.read_text()):
            extra |= set(match.group(1).split())
    return extra


def is_for_tests(stem):
    """Whether a file of this name (without its suffix) is a test, or what tests share."""
    return stem.removesuffix("_internal").endswith(("_test", "_bench", "_fuzz", "_suite", "_fixture", "test_support"))


def is_system(header):
    """Whether <header> is the C++ library's, C's or the operating system's."""
    if header in THIRD_PARTY_WITHOUT_FOLDER or header.endswith(".hpp"):
        return False
    return "/" not in header or header.startswith(SYSTEM_PREFIXES)


def violations_in(src, path):
    relative = path.relative_to(src)
    module = module_of(relative)
    if module not in ALLOWED:
        yield f"src/{relative}: module '{module}' is not in the table of tools/check_layers.py"
        return
    may_use = ALLOWED[module] | {module}
    if is_for_tests(path.stem):
        may_use = may_use | test_depends(src, module)
    is_public_header = path.suffix == ".h" and not path.stem.endswith("_internal") and not is_for_tests(path.stem)

    for number, line in enumerate(path.read_text().splitlines(), start=1):
        match = INCLUDE.match(line)
        if not match:
            continue
        where = f"src/{relative}:{number}"
        header = match.group("ours") or match.group("theirs")
        target = Path(header).parts[0]
        if target in ALLOWED and "/" in header:
            if target not in may_use:
                yield f"{where}: {module} may not include {target} ({header})"
            elif header.endswith("_internal.h") and target != module:
                yield f"{where}: {header} is private to {target}"
            elif is_for_tests(Path(header).stem) and not is_for_tests(path.stem):
                yield f"{where}: {header} is for tests alone"
            elif match.group("ours") and not (src / header).exists():
                yield f"{where}: there is no src/{header}"
        elif match.group("ours"):
            if not header.endswith(".pb.h"):
                yield f"{where}: '{header}' is not a full path from src/"
            elif is_public_header:
                yield f"{where}: a public header may not name generated code ({header})"
        elif is_public_header and header not in PUBLIC_THIRD_PARTY and not is_system(header):
            yield f"{where}: a public header may not name a third-party library ({header})"


def violations(root):
    src = Path(root) / "src"
    for path in sorted(src.rglob("*")):
        if path.suffix in (".h", ".cc"):
            yield from violations_in(src, path)


def main(arguments):
    found = list(violations(arguments[1] if len(arguments) > 1 else "."))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
