# SPDX-License-Identifier: MIT
"""On the host: which clock a guest goes by, and where what it measured is written."""

import json
import pathlib

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
OUT = TOP / "build/out"
KERNEL = "6.12"  # the stock tsm.ko is not in 6.1
INSTRUCTIONS_PER_S = 10**9  # in virtual time


def add_option(parser):
    parser.add_argument("--wall", action="store_true",
                        help="by the wall clock; else a nanosecond is an instruction")


def of(args):
    """An option of tests/vm/vm."""
    return "--pin" if args.wall else "--virtual-time"


def name(args):
    return "wall" if args.wall else "instructions"


def described(args):
    return ("the wall's, 2 processors" if args.wall
            else "instructions, one processor of 10^9 a second")


def write(file, args, rows):
    OUT.mkdir(parents=True, exist_ok=True)
    written = {"kernel": KERNEL, "clock": name(args), "rows": rows}
    (OUT / file).write_text(json.dumps(written, indent=1) + "\n")
    print(f"written to {(OUT / file).relative_to(TOP)}")
