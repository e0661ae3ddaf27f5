#!/usr/bin/env python3
"""Says whether every test file is part of the build: one that silently left it fails here.

usage: check_tests_built.py ROOT BUILD    (exit 1 and one line a forgotten file)

- Every x_test.cc of src/ and bench/ is compiled (it is in BUILD/compile_commands.json) into a program that ctest runs.
- Every x_test.py of test/ and tools/ is named by a ctest command.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

# CMake's object files: -o src/base/CMakeFiles/TARGET.dir/x.cc.o
OBJECT = re.compile(r" -o \S*CMakeFiles/([^/]+)\.dir/")


def compiled(build):
    """Source file -> the target that compiles it."""
    commands = json.loads((build / "compile_commands.json").read_text())
    targets = {}
    for command in commands:
        object_file = OBJECT.search(command["command"])
        if object_file:
            targets[Path(command["file"]).resolve()] = object_file.group(1)
    return targets


def ctest_commands(build):
    """The command lines that ctest would run."""
    listing = subprocess.run(
        ["ctest", "--test-dir", str(build), "--show-only=json-v1"], check=True, capture_output=True, text=True
    ).stdout
    return [test.get("command", []) for test in json.loads(listing)["tests"]]


def forgotten(root, targets, commands):
    """One line for each test file under root that no test of `commands` runs."""
    words = {word for command in commands for word in command}
    programs = {Path(command[0]).name for command in commands if command}
    for path in sorted([*(root / "src").rglob("*_test.cc"), *(root / "bench").rglob("*_test.cc")]):
        target = targets.get(path.resolve())
        if target is None:
            yield f"{path.relative_to(root)}: no target compiles it"
        elif target not in programs:
            yield f"{path.relative_to(root)}: ctest does not run {target}"
    for path in sorted([*(root / "test").rglob("*_test.py"), *(root / "tools").rglob("*_test.py")]):
        if str(path) not in words:
            yield f"{path.relative_to(root)}: no ctest command names it"


def main(arguments):
    root, build = Path(arguments[1]).resolve(), Path(arguments[2]).resolve()
    found = list(forgotten(root, compiled(build), ctest_commands(build)))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
