"""usage: ./dev bench [ROW...] [--list] [--dir DIR]"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test"))

from bench.rows import ROWS  # noqa: E402 (needs the path above)

VERDICT = {True: "ok", False: "SHORT", None: "-"}


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description="Prints the benchmark table.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"which ones (default: all of {', '.join(ROWS)})")
    parser.add_argument("--list", action="store_true", help="print the rows' names")
    parser.add_argument("--dir", type=Path, default=ROOT / "build", help="where scratch folders go: the disk to be measured")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(ROWS))
        return 0
    unknown = [name for name in arguments.rows if name not in ROWS]
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}")

    print("| what | limit or peer, same run | measured: median (range) | must reach | |")
    print("|---|---|---|---|---|")
    for name in arguments.rows or ROWS:
        with tempfile.TemporaryDirectory(prefix=f"bench-{name}-", dir=arguments.dir) as scratch:
            for row in ROWS[name](Path(scratch)):
                print(f"| {row.what} | {row.against} | {row.measured} | {row.must_reach} | {VERDICT[row.is_met]} |", flush=True)
    return 0


sys.exit(main())
