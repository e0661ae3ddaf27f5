"""The checks of this folder, each shown a tree that it must accept and one that it must refuse."""

import json
from pathlib import Path

import check_layers
import check_map
import check_tests_built
import pytest


def tree(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


BELOW = {"src/base/result.h": "", "src/store/object_store.h": "", "src/s3/client.h": "", "src/s3/wire_internal.h": "", "src/store/contract_suite.h": ""}


@pytest.mark.parametrize(
    "name, line, complaint",
    [
        ("src/store/disk.cc", '#include "s3/client.h"', "store may not include s3"),
        ("src/base/log.cc", '#include "store/object_store.h"', "base may not include store"),
        ("src/apps/main.cc", '#include "s3/wire_internal.h"', "is private to s3"),
        ("src/store/disk.cc", '#include "disk.h"', "is not a full path"),
        ("src/store/disk.cc", '#include "base/gone.h"', "there is no src/base/gone.h"),
        ("src/store/disk.h", "#include <rocksdb/db.h>", "third-party library"),
        ("src/base/log.h", "#include <fmt/format.h>", "third-party library"),
        ("src/s3/xml.h", "#include <pugixml.hpp>", "third-party library"),
        ("src/store/disk.h", "#include <boost/asio/io_context.hpp>", "third-party library"),
        ("src/store/disk_test.cc", '#include "s3/client.h"', "store may not include s3"),
        ("src/s3/client.cc", '#include "store/contract_suite.h"', "is for tests alone"),
        ("src/attic/old.cc", "", "is not in the table"),
    ],
)
def test_layers_refuses(tmp_path, name, line, complaint):
    root = tree(tmp_path, {**BELOW, name: line + "\n"})

    found = list(check_layers.violations(root))

    assert len(found) == 1, found
    assert name in found[0] and complaint in found[0]


@pytest.mark.parametrize(
    "name, line",
    [
        ("src/s3/client.cc", '#include "store/object_store.h"'),
        ("src/s3/client.cc", '#include "s3/wire_internal.h"'),
        ("src/store/disk.cc", "#include <rocksdb/db.h>"),
        ("src/store/index_internal.h", "#include <rocksdb/db.h>"),
        ("src/store/disk.h", "#include <boost/asio/awaitable.hpp>"),
        ("src/store/disk.h", "#include <vector>\n#include <sys/stat.h>\n#include <unistd.h>"),
        ("src/apps/main.cc", '#include "s3/client.h"'),
        ("src/s3/client_test.cc", '#include "store/contract_suite.h"'),
        ("src/store/other_suite.h", "#include <gtest/gtest.h>"),
    ],
)
def test_layers_accepts(tmp_path, name, line):
    root = tree(tmp_path, {**BELOW, name: line + "\n"})

    assert list(check_layers.violations(root)) == []


def test_layers_lets_tests_use_their_declared_modules(tmp_path):
    root = tree(
        tmp_path,
        {
            **BELOW,
            "src/store/CMakeLists.txt": "tarn_module(store DEPENDS async TEST_DEPENDS s3)",
            "src/store/disk_test.cc": '#include "s3/client.h"\n',
            "src/store/disk.cc": '#include "s3/client.h"\n',
        },
    )

    assert [line.split(":")[0] for line in check_layers.violations(root)] == ["src/store/disk.cc"]


PAGE = "# Architecture\n\n## Map\n\n| folder | what |\n|---|---|\n| `src/` | code |\n| `src/base/` | basics |\n\n## Next\n"


def test_map_accepts_exactly_the_folders_there_are(tmp_path):
    root = tree(tmp_path, {"docs/architecture.md": PAGE + "| `docs/` | elsewhere |\n", "src/base/result.h": ""})

    # docs/ itself holds the page, and a row outside the map does not count.
    assert list(check_map.differences(root)) == ["docs/architecture.md: the map does not name docs/"]


def test_map_refuses_what_is_not_there(tmp_path):
    page = PAGE.replace("| `src/` |", "| `docs/` | pages |\n| `src/gone/` | lost |\n| `src/` |")
    root = tree(tmp_path, {"docs/architecture.md": page, "src/base/result.h": ""})

    assert list(check_map.differences(root)) == ["docs/architecture.md: the map names src/gone/, which is not there"]


def test_map_refuses_a_page_without_a_map(tmp_path):
    root = tree(tmp_path, {"src/base/result.h": ""})

    assert "docs/architecture.md: the map does not name src/base/" in list(check_map.differences(root))


def test_tests_built_finds_each_way_to_forget_one(tmp_path):
    root = tree(tmp_path, dict.fromkeys(["src/a/x_test.cc", "src/a/y_test.cc", "src/a/z_test.cc", "test/e2e/smoke_test.py"], ""))
    targets = {Path(root / "src/a/x_test.cc"): "tarn_a_test", Path(root / "src/a/y_test.cc"): "tarn_b_test"}
    commands = [["/build/tarn_a_test", "--gtest_filter=X.Y"]]

    found = list(check_tests_built.forgotten(root, targets, commands))

    assert found == [
        "src/a/y_test.cc: ctest does not run tarn_b_test",
        "src/a/z_test.cc: no target compiles it",
        "test/e2e/smoke_test.py: no ctest command names it",
    ]


def test_tests_built_is_silent_when_all_are_run(tmp_path):
    root = tree(tmp_path, dict.fromkeys(["src/a/x_test.cc", "test/e2e/smoke_test.py"], ""))
    targets = {Path(root / "src/a/x_test.cc"): "tarn_a_test"}
    commands = [["/build/tarn_a_test"], ["python", "-m", "pytest", str(root / "test/e2e/smoke_test.py")]]

    assert list(check_tests_built.forgotten(root, targets, commands)) == []


def test_tests_built_reads_what_cmake_wrote(tmp_path):
    command = "clang++ -O2 -o src/a/CMakeFiles/tarn_a_test.dir/x_test.cc.o -c x_test.cc"
    entry = {"directory": "/b", "command": command, "file": str(tmp_path / "src/a/x_test.cc")}
    tree(tmp_path, {"build/compile_commands.json": json.dumps([entry])})

    assert check_tests_built.compiled(tmp_path / "build") == {tmp_path / "src/a/x_test.cc": "tarn_a_test"}
