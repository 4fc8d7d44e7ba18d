"""Entry of a worker process: ``python PATH/TO/worker CONTROL_FD RESULT_FD``, or ``... fork SOCKET_FD FRAMEWORK``.

The second form imports the framework and then forks workers, which go on as the first does; see :mod:`.forkserver`.

The control descriptor carries one JSON line with the key and the name of the job file, and for some jobs a second line
when more is ready; it is closed before any user code runs.  The key is kept in the writer's closure only.  That makes
forging a result hard, not impossible: code in this process can, with effort, search its memory.
"""

import importlib
import importlib.util
import json
import os
import sys

NAME = "_transpile_hybrid_worker"


def _package() -> None:
    """Load this folder as a package of a name of its own, whatever the user's modules are called."""
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != folder]
    spec = importlib.util.spec_from_file_location(
        NAME, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    _package()
    if sys.argv[1] == "fork":
        _server = importlib.import_module(NAME + ".forkserver")
        _control, _result = _server.serve(int(sys.argv[2]), sys.argv[3])
    else:
        _control, _result = int(sys.argv[1]), int(sys.argv[2])
    _stream = os.fdopen(_control, "r")
    _first = json.loads(_stream.readline())
    with open(_first["job"], encoding="utf-8") as _file:
        _job = json.load(_file)
    sys.argv[:] = [_job.get("path", "")]
    importlib.import_module(NAME + ".jobs").main(_job, _first.pop("key"), _stream, _result)
