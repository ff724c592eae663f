"""docs/architecture.md is true: modules have lines, imports point up the table."""
from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / 'minishell'
TOUR = ROOT / 'docs' / 'architecture.md'

MODULES = sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob('*.py')
                 if path.name != '__init__.py')
INITS = sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob('__init__.py'))
TABLE = [row.strip('*`') for row in
         re.findall(r'^\| *(\**`[\w/.]+`\**) *\|', TOUR.read_text(), re.MULTILINE)]

# Packages that know nothing of each other although one stands below the other.
STRANGERS = {'system': ['syntax'], 'expand': ['syntax']}

# Packages whose files, too, stand in the table in import order
IN_ORDER = ('compile', 'interactive', 'run', 'state')

# What only some folders may touch: a name, and where.
RESERVED = {
    'fork': 'system/', 'forkpty': 'system/', 'posix_spawn': 'system/',
    'posix_spawnp': 'system/', 'wait': 'system/', 'wait3': 'system/',
    'wait4': 'system/', 'waitid': 'system/', 'waitpid': 'system/',
    '_signal': 'system/', 'signal': 'system/', 'termios': 'system/',
    'tty': 'system/', 'pty': 'system/', 'prompt_toolkit': 'interactive/',
    # What changes descriptors, groups and other processes: those who watch are told there.
    'dup': 'system/', 'dup2': 'system/', 'pipe': 'system/', 'pipe2': 'system/',
    'close': 'system/', 'closerange': 'system/', 'fcntl': 'system/',
    'set_inheritable': 'system/', 'set_blocking': 'system/', 'memfd_create': 'system/',
    'kill': 'system/', 'killpg': 'system/', 'pidfd_open': 'system/',
    'setpgid': 'system/', 'setpgrp': 'system/', 'setsid': 'system/',
    'tcsetpgrp': 'system/', 'tcgetpgrp': 'system/', 'raise_signal': 'system/',
    'execv': 'system/', 'execve': 'system/', 'execvp': 'system/', 'execvpe': 'system/',
}
# These run before any other module is there, and make them: SIGINT must find its default,
# and the image is read and written.
BEFORE_ALL = ('__main__.py', 'image.py')
RINGS: list[set[str]] = [
]
LONGEST = 550           # lines; more than a reader holds in mind


class Import(NamedTuple):
    """One imported module of ours ('syntax/nodes.py') or of others ('posix')."""

    target: str
    line: int
    on_load: bool       # not inside a function


def layer(module: str) -> str:
    """The row of the table whose place counts: the module's own or its package's."""
    return module if module in ORDER else module.partition('/')[0] + '/'


# Layers from the lowest to the highest: rows outside packages, and packages;
# a module set in bold on its own is a layer too (builtins/registry.py, below compile/).
ORDER = [row for row in TABLE if '/' not in row or row.endswith('/')
         or re.search(rf'^\| *\*\*`{re.escape(row)}`', TOUR.read_text(), re.MULTILINE)]


def ours(dotted: str, name: str | None = None) -> str:
    """'minishell.syntax', 'nodes' → 'syntax/nodes.py'; others' modules as they are."""
    if dotted.partition('.')[0] != 'minishell':
        return dotted
    path = '/'.join(dotted.split('.')[1:])
    within = '/'.join(part for part in (path, name) if part) + '.py'
    return within if name and (PACKAGE / within).exists() else path + '.py'


def running(node: ast.AST) -> Iterable[ast.AST]:
    """The parts of a node that may run: not what `if TYPE_CHECKING:` guards."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) \
            and node.test.id == 'TYPE_CHECKING':
        return node.orelse
    return ast.iter_child_nodes(node)


def imports(module: str) -> list[Import]:
    """Every import that may run, in functions too."""
    found: list[Import] = []

    def visit(node: ast.AST, on_load: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(ours(alias.name), node.lineno, on_load)
                         for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{module}:{node.lineno}: relative import'
            source = node.module or ''
            found.extend(Import(ours(source, alias.name), node.lineno, on_load)
                         for alias in node.names)
        inner = on_load and not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in running(node):
            visit(child, inner)

    visit(tree(module), True)
    return found


def tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(), module)


def test_the_table_was_read() -> None:
    assert {'errors.py', 'syntax/', 'syntax/parser.py', 'cli.py'} <= set(TABLE)
    assert len(TABLE) == len(set(TABLE))
    assert ORDER.index('builtins/registry.py') < ORDER.index('run/') \
        < ORDER.index('builtins/') < ORDER.index('compile/') < ORDER.index('cli.py')


@pytest.mark.parametrize('module', MODULES)
def test_every_module_has_a_line_in_the_tour(module: str) -> None:
    assert module in TABLE


@pytest.mark.parametrize('row', TABLE)
def test_every_line_of_the_tour_names_what_exists(row: str) -> None:
    path = PACKAGE / row
    assert path.is_dir() if row.endswith('/') else path.is_file()


@pytest.mark.parametrize('init', INITS)
def test_packages_themselves_are_empty(init: str) -> None:
    assert (PACKAGE / init).read_text() == ''


@pytest.mark.parametrize('module', MODULES)
def test_imports_point_up_the_table(module: str) -> None:
    package = module.partition('/')[0]
    for target, line, _ in imports(module):
        if target.endswith('.py'):
            where = f'minishell/{module}:{line} imports {target}'
            assert (PACKAGE / target).exists(), f'{where}, which does not exist'
            assert ORDER.index(layer(target)) <= ORDER.index(layer(module)), \
                f'{where}, which stands below it'
            if package in IN_ORDER:
                assert TABLE.index(target) <= TABLE.index(module), \
                    f'{where}, which stands below it'
            assert target.partition('/')[0] not in STRANGERS.get(package, []), \
                f'{where}, a stranger to it'


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not by an import within a function either.  RINGS are those still to be opened: whoever
    opens one takes it out."""
    graph = {module: {found.target for found in imports(module) if found.target in MODULES}
             for module in MODULES}
    assert rings(graph) == RINGS


def test_none_at_all_when_modules_are_loaded() -> None:
    graph = {module: {found.target for found in imports(module) if found.on_load
                      and found.target in MODULES} for module in MODULES}
    assert rings(graph) == []


def rings(graph: dict[str, set[str]]) -> list[set[str]]:
    """The largest sets of modules each of which leads to all others, sorted."""
    def reached(module: str) -> set[str]:
        found: set[str] = set()
        todo = [module]
        while todo:
            for target in graph[todo.pop()] - found:
                found.add(target)
                todo.append(target)
        return found

    reach = {module: reached(module) for module in graph}
    found = {frozenset(other for other in reach[module] if module in reach[other])
             for module in graph if module in reach[module]}
    return [set(ring) for ring in sorted(found, key=min)]


@pytest.mark.parametrize('module', MODULES)
def test_the_kernel_and_the_prompt_are_reached_in_one_place(module: str) -> None:
    uses = [(target.partition('.')[0], line) for target, line, _ in imports(module)]
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module in ('os', 'posix'):
            uses += [(alias.name, node.lineno) for alias in node.names]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) \
                and node.value.id in ('os', 'posix'):
            uses.append((node.attr, node.lineno))
    for name, line in uses:
        allowed = '' if module in BEFORE_ALL else RESERVED.get(name, '')
        assert module.startswith(allowed), \
            f'minishell/{module}:{line} uses {name}, which belongs to {allowed}'


@pytest.mark.parametrize('module', MODULES)
def test_files_stay_readable(module: str) -> None:
    assert len((PACKAGE / module).read_text().splitlines()) <= LONGEST
