"""Makes the project's virtual environment: `python3 bootstrap demo` or `python3 bootstrap dev`.

Needs only Python's standard library. This file stays readable for old Pythons, so that they can say what is missing.
"""

import os
import shutil
import sys

NEEDED = (3, 11)
NEWER_NAMES = ("python3.11", "python3.12", "python3.13", "python3.14")


def use_a_new_enough_python():
    if sys.version_info >= NEEDED:
        return
    which = getattr(shutil, "which", lambda name: None)  # Python 2 has none
    for name in NEWER_NAMES:
        found = which(name)
        if found:
            os.execv(found, [found] + sys.argv)
    sys.exit(
        "gptstore needs Python %d.%d or newer; %s is %d.%d.\n" % (NEEDED + (sys.executable,) + sys.version_info[:2])
        + "Install a newer one, then give it by name:  make PYTHON=python3.12 demo"
    )


if __name__ == "__main__":
    use_a_new_enough_python()
    from command import main

    main()
