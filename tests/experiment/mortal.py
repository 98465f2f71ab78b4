"""Put on a path as `sitecustomize`: kills the process that it is imported by, as MORTAL says.

`leader event 17`: kill -9 in the command's own process at its 17th touch of a file in the folder
FOLDER; `worker time 0.4`: in each worker, when it has computed for 0.4 s. A worker is a copy of the
command's process: one that is begun anew imports nothing from here.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial

TOUCHES = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree")


def arm(how: str, amount: float, folder: str) -> None:
    if how == "time":
        signal.setitimer(signal.ITIMER_PROF, amount)  # ends the process: nobody handles it
        return
    left, process = amount, os.getpid()

    def touched(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if process == os.getpid() and event in TOUCHES and folder in str(arguments[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(touched)


if os.environ.get("MORTAL"):
    who, how, amount = os.environ["MORTAL"].split()
    aim = partial(arm, how, float(amount), os.environ["FOLDER"])
    if who == "worker":
        os.register_at_fork(after_in_child=aim)
    else:
        aim()
