"""`python -m bench.sandbox.part NAME SIZES FILE`: measures one part and writes the result to a file, as JSON.

It is a process of its own, as a worker is, so that its memory and its end are its own.
"""

import json
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from time import perf_counter

import django

from bench.common.errors import NotMeasured
from bench.sandbox.report import Part
from bench.sandbox.sizes import Sizes


def main(name: str, sizes: str, file: str) -> None:
    django.setup()
    begun_at = perf_counter()
    try:
        part: Part = import_module(f"bench.sandbox.{name}").measure(Sizes(**json.loads(sizes)))
    except NotMeasured as error:
        part = Part(name, problem=str(error))
    Path(file).write_text(json.dumps(replace(part, seconds=perf_counter() - begun_at).as_json()), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
