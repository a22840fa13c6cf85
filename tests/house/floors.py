"""The rooms of the house, their floors, and what may enter them from outside."""

import ast
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "jaxminuit"

FLOORS = {
    "core": 1,
    "plot": 1,
    "problem": 2,
    "stats": 2,
    "minimise": 3,
    "cost": 3,
    "drive": 4,
    "errors": 4,
    "fit": 5,
    "batch": 6,
    "minuit": 6,
    "command": 6,
    "adapters": 6,
    "demo": 6,
    "cli": 7,
    "ipywidget": 7,
    "qtwidget": 7,
    "results": 7,
    "experimental": 7,
    "fortran": 7,
    "minimize": 7,
    "pdg_format": 7,
    "pdl": 7,
    "testing": 7,
    "typing": 7,
    "util": 7,
    "warnings": 7,
    "__main__": 8,
    "__init__": 8,
}
ROOT_READERS = {"cli", "__main__"}  # may import the package itself, for its version
OPTIONAL = {  # third parties that a function may import when it needs them
    "IPython",
    "PySide6",
    "boost_histogram",
    "flatbuffers",
    "iminuit",
    "ipywidgets",
    "matplotlib",
    "numba",
    "optimistix",
    "pandas",
    "prompt_toolkit",
    "pyarrow",
    "pyhf",
    "readline",
    "scipy",
    "tabulate",
    "tqdm",
    "unicodeitplus",
}


@dataclass(frozen=True)
class Import:
    """One import statement's target: the room inside the package, or None and the third party's top name."""

    room: str | None
    module: str
    line: int
    hidden: bool


def sources(folder: Path = PACKAGE) -> list[Path]:
    """All Python files of the package."""
    return sorted(p for p in folder.rglob("*.py") if "__pycache__" not in p.parts)


def room_of(path: Path, package: Path = PACKAGE) -> str:
    """The room of a file: its first folder, or its own name at the top."""
    first = path.relative_to(package).parts[0]
    return first.removesuffix(".py")


def imports(path: Path, package: Path = PACKAGE) -> list[Import]:
    """Every import of a file; hidden ones stand inside a function or a condition."""
    tree = ast.parse(path.read_text())
    open_nodes = {id(node) for node in _module_level(tree)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for module, name in _targets(node, path, package):
                found.append(Import(_room(module, name, package), module, node.lineno, id(node) not in open_nodes))
    return found


def _module_level(tree):
    """Statements at the top of a module, those in a top-level try (optional third parties) included."""
    for node in tree.body:
        yield node
        if isinstance(node, ast.Try):
            yield from node.body


def _targets(node, path, package):
    if isinstance(node, ast.Import):
        return [(alias.name, None) for alias in node.names]
    module = node.module or ""
    if node.level:
        parents = (package.name, *path.relative_to(package).parts)[: -node.level]
        module = ".".join([*parents, module]).rstrip(".")
    return [(module, alias.name) for alias in node.names]


def _room(module, name, package):
    parts = module.split(".")
    if parts[0] != package.name:
        return None
    if len(parts) > 1:
        return parts[1]
    is_room = name and ((package / name).is_dir() or (package / f"{name}.py").is_file())
    return name if is_room else "__init__"
