"""Results on their way out: as JSON text and back, and as tables of pandas."""

from jaxminuit.results.json import from_json, to_json
from jaxminuit.results.pandas import to_pandas

__all__ = ["from_json", "to_json", "to_pandas"]
