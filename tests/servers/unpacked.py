"""Programs of Debian packages that are unpacked and not installed, run as if they were.

In a mount namespace of their own the packages' files lie over the machine's: what is compiled into the programs, such
as the folder of their plugins, holds, and nothing outside sees it.
"""

import functools
import os
import subprocess
from pathlib import Path

_TOOL = Path(__file__).resolve().parents[2] / "tools" / "foreign-servers"

# $1 the packages, then pairs of a folder and where to lay it, "--", the command.
_ENTER = """
set -e
for part in usr etc; do mount -t overlay overlay -o "ro,lowerdir=$1/$part:/$part" "/$part"; done
shift
while [ "$1" != -- ]; do mount --bind "$1" "$2"; shift 2; done
shift
exec "$@"
"""


@functools.cache
def why_not():
    """Why such programs can't run here, in words; None when they can."""
    if os.geteuid() != 0:
        return "Cyrus and Courier want root: their packages are laid over /usr in a mount namespace"
    tried = subprocess.run(["unshare", "--mount", "mount", "-t", "overlay", "overlay", "-o", "ro,lowerdir=/etc:/usr",
                            "/usr"], capture_output=True, text=True)
    if tried.returncode != 0:
        return f"Cyrus and Courier want a mount namespace with an overlay: {tried.stderr.strip()}"
    return None


@functools.cache
def packages():
    """The folder that the packages are unpacked in."""
    done = subprocess.run([str(_TOOL)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{_TOOL.name} failed:\n{done.stderr}")
    return Path(done.stdout.strip())


def command(*arguments, laid=(), alone=False):
    """A command line that runs the arguments among the packages. It ends with the thread that starts it.

    laid: pairs of a folder and where it is laid; alone: in a process namespace, with whose first all others die."""
    pairs = [str(part) for pair in laid for part in pair]
    namespaces = ["--mount", "--pid", "--fork", "--kill-child"] if alone else ["--mount"]
    return ["setpriv", "--pdeathsig", "KILL" if alone else "TERM", "unshare", *namespaces,
            "sh", "-c", _ENTER, "enter", str(packages()), *pairs, "--", *map(str, arguments)]
