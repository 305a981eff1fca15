"""Imports point one way, and no module needs itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = "mojibake_fix"
SOURCE = Path(__file__).parent.parent / "src" / PACKAGE

LAYERS = (
    {"data", "errors", "lazy", "overlaps", "version"},
    {"plan"},
    {"config", "encodings", "model", "windows"},
    {"detect", "repair", "normalise"},
    {"engine"},
    {"files", "report"},
    {"cli", "adapters"},
    {"__main__"},
)
"""The rooms, lowest first: a room imports itself and rooms of lower layers, so none of its own layer's others."""

LAYER_OF = {room: number for number, layer in enumerate(LAYERS) for room in layer}


@dataclass(frozen=True)
class Import:
    """One module of the package named in an import statement of another."""

    importer: str
    imported: str
    line: int
    at_import_time: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else PACKAGE


def imports_of(importer: str) -> Iterator[Import]:
    path = MODULES[importer]
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    deferred = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) or is_type_checking_block(outer)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for imported in modules_named(node, importer, is_package=path.name == "__init__.py"):
                if imported == PACKAGE or imported.startswith(f"{PACKAGE}."):
                    yield Import(importer, imported, node.lineno, id(node) not in deferred)


def is_type_checking_block(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def modules_named(node: ast.Import | ast.ImportFrom, importer: str, *, is_package: bool) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        parents = importer.split(".")
        kept = len(parents) - node.level + is_package
        base = ".".join([*parents[:kept], *([base] if base else [])])
    names = (f"{base}.{alias.name}" for alias in node.names)
    return sorted({name if name in MODULES else base for name in names})


ALL_IMPORTS = [found for module in MODULES for found in imports_of(module)]


def points_downwards(found: Import) -> bool:
    importer, imported = room_of(found.importer), room_of(found.imported)
    if importer == PACKAGE:
        return True
    return importer == imported or (imported != PACKAGE and LAYER_OF[imported] < LAYER_OF[importer])


def test_every_room_has_a_layer() -> None:
    rooms = {room_of(module) for module in MODULES} - {PACKAGE}
    assert rooms <= LAYER_OF.keys(), "give the new room a place in LAYERS"


def test_imports_point_downwards() -> None:
    assert ALL_IMPORTS
    assert [str(found) for found in ALL_IMPORTS if not points_downwards(found)] == []


def test_no_module_needs_itself_to_be_imported() -> None:
    graph: dict[str, set[str]] = {module: set() for module in MODULES}
    for found in ALL_IMPORTS:
        if found.at_import_time:
            graph[found.importer].add(found.imported)
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("mojibake_fix.plan", "mojibake_fix.errors", True),
        ("mojibake_fix.encodings.tables", "mojibake_fix.encodings.registry", True),
        ("mojibake_fix.detect.misread", "mojibake_fix.repair.lattice", False),
        ("mojibake_fix.engine", "mojibake_fix.cli", False),
        ("mojibake_fix.model.scoring", "mojibake_fix.engine", False),
        ("mojibake_fix.cli.fix", "mojibake_fix", False),
        ("mojibake_fix", "mojibake_fix.engine", True),
    ],
)
def test_the_rule_tells_directions_apart(importer: str, imported: str, allowed: bool) -> None:
    assert points_downwards(Import(importer, imported, 1, at_import_time=True)) is allowed
