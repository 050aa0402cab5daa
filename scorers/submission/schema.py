"""The published form of a bundle's files, as JSON Schema, and validation against it."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

SCHEMA = "pie-submission/1"
"""Name and version of the form. A change that older readers can't read gets a new number."""

SCHEMA_FILE = Path(__file__).parent / "pie-submission-1.schema.json"


def fault(part: str, value: Any) -> str | None:
    """What is wrong with ``value``, or ``None``.

    Args:
        part: ``manifest``, ``generation``, ``source``, ``verdict`` or ``figures``.
        value: Parsed JSON.
    """
    error = next(iter(_validator(part).iter_errors(value)), None)
    if error is None:
        return None
    place = "/".join(map(str, error.absolute_path))
    return f"{place or 'the whole'}: {error.message[:200]}"


@lru_cache(maxsize=8)
def _validator(part: str) -> Validator:
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return Draft202012Validator({"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]})
