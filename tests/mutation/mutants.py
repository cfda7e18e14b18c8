"""Finds every small change of a module that would be a mistake somebody could make: its mutants."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

_TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_REPLACED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_OPPOSITE = {"min": "max", "max": "min", "any": "all", "all": "any"}
# What is not run, or is only read by people, is no place for a mistake that a test could notice.
_LEFT_OUT = {"annotation", "returns", "decorator_list", "type_params"}
_AROUND = 32
_NOTHING = ast.Pass()
_TOKEN = re.compile(r"\w+|[<>=!/*+|&-]+|.")


@dataclass(frozen=True)
class Mutant:
    """One change of a syntax tree: `fields` of `node`, as they are to be; `where` is the function or class it is in."""

    node: ast.AST
    fields: dict[str, object]
    statement: ast.stmt
    where: str

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Change the tree, and put it right again."""
        before = {name: getattr(self.node, name) for name in self.fields}
        self._set(self.fields)
        try:
            yield
        finally:
            self._set(before)

    def _set(self, fields: dict[str, object]) -> None:
        for name, value in fields.items():
            setattr(self.node, name, value)

    def __str__(self) -> str:
        was = _head(self.statement)
        with self.planted():
            became = _head(self.statement)
        return f"{self.where}: {_difference(was, became)}"


def mutants(tree: ast.Module) -> Iterator[Mutant]:
    """Give all mutants of a module, in the order of its lines."""
    for statement in tree.body:
        yield from _in_statement(statement, "module")


def _in_statement(statement: ast.stmt, where: str) -> Iterator[Mutant]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        where = statement.name if where == "module" else f"{where}.{statement.name}"
    for node in _nodes(statement):
        for fields in _changes(node):
            yield Mutant(node, fields, statement, where)
    for name in ("body", "orelse", "finalbody"):
        block = getattr(statement, name, [])
        for number, inner in enumerate(block):
            for instead in _removed(inner):
                yield Mutant(statement, {name: [*block[:number], *instead, *block[number + 1 :]]}, inner, where)
            yield from _in_statement(inner, where)
    for handler in getattr(statement, "handlers", []):
        for inner in handler.body:
            yield from _in_statement(inner, where)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Give a statement and the expressions in it, without the statements in it."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in _LEFT_OUT:
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST) and not isinstance(each, ast.stmt | ast.excepthandler):
                yield from _nodes(each)


def _removed(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Give what may stand in place of a statement that was forgotten."""
    match statement:
        case ast.Expr(value=ast.Constant()):
            return  # a docstring
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Break() | ast.Continue():
            yield [_NOTHING]
        case ast.If():
            yield statement.orelse or [_NOTHING]
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _names(value):
            yield [_NOTHING]  # something is changed that was there before


def _names(value: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}


def _changes(node: ast.AST) -> Iterator[dict[str, object]]:
    """Give the fields of one node as each change would have them."""
    yield from _of_operators(node)
    yield from _of_values(node)
    yield from _of_collections(node)
    yield from _of_conditions(node)


def _of_operators(node: ast.AST) -> Iterator[dict[str, object]]:
    """Turn a comparison, move its boundary, take the opposite operator."""
    match node:
        case ast.Compare(ops=ops):
            for number, op in enumerate(ops):
                for other in _TURNED[type(op)]:
                    yield {"ops": [*ops[:number], other(), *ops[number + 1 :]]}
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _REPLACED:
            yield {"op": _REPLACED[type(op)]()}
        case ast.BoolOp(op=op):
            yield {"op": ast.Or() if isinstance(op, ast.And) else ast.And()}
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield {"operand": ast.UnaryOp(ast.Not(), operand)}


def _of_values(node: ast.AST) -> Iterator[dict[str, object]]:
    """Take the other truth, one more, one less, nothing; words are for people, and what they read is held elsewhere."""
    match node:
        case ast.Constant(value=bool(value)):
            yield {"value": not value}
        case ast.Constant(value=int(value) | float(value)):
            yield {"value": value + 1}
            yield {"value": value - 1}
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield {"value": None}


def _of_collections(node: ast.AST) -> Iterator[dict[str, object]]:
    """Forget one entry, one named argument, one condition; take the other end."""
    match node:
        case ast.Set(elts=entries) if len(entries) > 1:
            for number in range(len(entries)):
                yield {"elts": _without(entries, number)}
        case ast.Dict(keys=keys, values=values):
            for number in range(len(keys)):
                yield {"keys": _without(keys, number), "values": _without(values, number)}
        case ast.Call(func=func, keywords=keywords):
            for number in range(len(keywords)):
                yield {"keywords": _without(keywords, number)}
            if isinstance(func, ast.Name) and func.id in _OPPOSITE:
                yield {"func": ast.Name(_OPPOSITE[func.id], ast.Load())}


def _without(entries: Sequence[object], number: int) -> list[object]:
    return [*entries[:number], *entries[number + 1 :]]


def _of_conditions(node: ast.AST) -> Iterator[dict[str, object]]:
    """Negate; a comparison or a "not" alone is turned by itself already."""
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) if not _turns(test):
            yield {"test": ast.UnaryOp(ast.Not(), test)}
        case ast.comprehension(ifs=conditions):
            for number, test in enumerate(conditions):
                yield {"ifs": _without(conditions, number)}
                if not _turns(test):
                    yield {"ifs": [*conditions[:number], ast.UnaryOp(ast.Not(), test), *conditions[number + 1 :]]}


def _turns(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) or (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))


def _head(statement: ast.stmt) -> str:
    """Give the text of a statement on one line; of one that holds others, what stands before them."""
    if not hasattr(statement, "body"):
        return " ".join(ast.unparse(ast.fix_missing_locations(statement)).split())
    text = ast.unparse(statement).partition("\n    ")[0]
    return " ".join(text.split())


def _difference(was: str, became: str) -> str:
    """Show what changed, with a little of what stands around it."""
    if was == became:
        return f"{was} [removed]"
    old, new = _TOKEN.findall(was), _TOKEN.findall(became)
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    before, after = "".join(old[:start]), "".join(old[len(old) - end :])
    changed = f"[{''.join(old[start : len(old) - end])} → {''.join(new[start : len(new) - end])}]"
    return f"{before[-_AROUND:]}{changed}{after[:_AROUND]}"


def _alike(some: list[str], others: list[str]) -> int:
    pairs = zip(some, others, strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(some), len(others)))
