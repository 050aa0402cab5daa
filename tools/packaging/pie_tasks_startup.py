"""Start-up shim: makes a bare ``lm_eval --tasks pie_best8`` find this distribution's tasks and its replay model.

lm-eval has no plugin mechanism yet. A ``.pth`` file imports this module whenever Python starts, so it must cost
nothing: it only places a finder in front of ``sys.meta_path`` that waits for lm-eval's own packages to be imported. A
process that never imports lm-eval runs nothing else. Where lm-eval itself reads the entry point group ``lm_eval.tasks``
(which this distribution declares), the shim adds no folder of tasks.
"""

import sys

GROUP = "lm_eval.tasks"


class _Finder:
    """Lets the real finders find lm-eval's packages, and adds to each after it has been executed."""

    def find_spec(self, name, path=None, target=None):
        extend = _EXTENSIONS.get(name)
        if extend is None:
            return None
        spec = self._find(name, path, target)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module):
                execute(module)
                extend(module)

            spec.loader.exec_module = exec_module
        return spec

    def _find(self, name, path, target):
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    return spec
        return None


def _add_tasks(tasks):
    """Give every ``TaskManager`` that loads lm-eval's own tasks ours as well."""
    if _reads_entry_points(tasks):
        return

    import functools
    import inspect

    manager = tasks.TaskManager
    original = manager.__init__
    signature = inspect.signature(original)

    @functools.wraps(original)
    def __init__(self, *args, **kwargs):
        call = signature.bind(self, *args, **kwargs)
        if call.arguments.get("include_defaults", True):
            given = call.arguments.get("include_path") or []
            given = list(given) if isinstance(given, (list, tuple)) else [given]
            folder = _task_folder()
            if folder and folder not in map(str, given):
                call.arguments["include_path"] = [folder, *given]  # the user's own come last, so they win
        original(*call.args, **call.kwargs)

    manager.__init__ = __init__


def _reads_entry_points(tasks):
    """Whether this lm-eval's task loader names the entry point group in its source."""
    from pathlib import Path

    quoted = (f'"{GROUP}"', f"'{GROUP}'")
    for file in Path(tasks.__file__).parent.glob("*.py"):
        source = file.read_text(encoding="utf-8", errors="replace")
        if any(name in source for name in quoted):
            return True
    return False


def _task_folder():
    from importlib.util import find_spec

    spec = find_spec("pie_tasks.lm_eval")
    return spec.submodule_search_locations[0] if spec and spec.submodule_search_locations else None


def _add_models(models):
    """Register the replay model once lm-eval has registered its own."""
    import pie_tasks.models.lm_eval_replay  # noqa: F401


_EXTENSIONS = {"lm_eval.tasks": _add_tasks, "lm_eval.models": _add_models}

sys.meta_path.insert(0, _Finder())
