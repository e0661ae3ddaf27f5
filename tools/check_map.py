#!/usr/bin/env python3
"""Holds the map in docs/architecture.md to the folders there are.

usage: check_map.py [ROOT]    (exit 1 and one line a difference when it does not hold)

The map is the table under the heading "## Map"; the first cell of a row is one folder in backticks with a closing slash.
It names every top-level folder and every folder directly in src/, src/apps/ and test/, and nothing else.
"""

import re
import sys
from pathlib import Path

PARENTS = ("", "src", "src/apps", "test")
# Made by the tools, never committed.
IGNORED = {"build", "tarn-data", "__pycache__"}
ROW = re.compile(r"^\|\s*`([^`]+)/`\s*\|", re.MULTILINE)


def has_files(folder):
    return any(path.is_file() and "__pycache__" not in path.parts for path in folder.rglob("*"))


def folders(root):
    """The folders that the map must name."""
    found = set()
    for parent in PARENTS:
        base = root / parent
        for child in base.iterdir() if base.is_dir() else ():
            hidden = child.name.startswith((".", "_")) or child.name in IGNORED
            if child.is_dir() and not hidden and has_files(child):
                found.add(child.relative_to(root).as_posix())
    return found


def mapped(text):
    """The folders that the page's map names."""
    section = re.search(r"^## Map\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return set(ROW.findall(section.group(1))) if section else set()


def differences(root):
    root = Path(root)
    page = root / "docs/architecture.md"
    named = mapped(page.read_text()) if page.exists() else set()
    there = folders(root)
    for folder in sorted(there - named):
        yield f"docs/architecture.md: the map does not name {folder}/"
    for folder in sorted(named - there):
        yield f"docs/architecture.md: the map names {folder}/, which is not there"


def main(arguments):
    found = list(differences(arguments[1] if len(arguments) > 1 else "."))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
