"""What `minishell -c :` loads: a new import on the way there is a decision.

Each of our modules costs about 0.15 ms, some of the standard library's up to 20.
"""
from __future__ import annotations

import subprocess
import sys

FORBIDDEN = {
    'argparse', 'asyncio', 'collections', 'contextlib', 'dataclasses', 'enum',
    'functools', 'locale', 'os', 'pathlib', 'prompt_toolkit', 're', 'signal', 'site',
    'subprocess', 'typing', 'warnings',
}

# In alphabetical order; what bare `python -I -S` loads is left out.
OURS = [
    'minishell',
    'minishell.builtins',
    'minishell.builtins.plain',
    'minishell.builtins.registry',
    'minishell.cli',
    'minishell.codec',
    'minishell.compile',
    'minishell.compile.compiler',
    'minishell.compile.simple',
    'minishell.compile.words',
    'minishell.environment',
    'minishell.errors',
    'minishell.expand',
    'minishell.expand.splitting',
    'minishell.run',
    'minishell.run.commands',
    'minishell.run.ending',
    'minishell.run.utilities',
    'minishell.session',
    'minishell.state',
    'minishell.state.attributes',
    'minishell.state.options',
    'minishell.state.shell',
    'minishell.state.variables',
    'minishell.status',
    'minishell.syntax',
    'minishell.syntax.lexer',
    'minishell.syntax.names',
    'minishell.syntax.nodes',
    'minishell.syntax.parser',
    'minishell.syntax.source',
    'minishell.syntax.words',
    'minishell.system',
    'minishell.system.blocking',
    'minishell.system.overdue',
    'minishell.system.signals',
]
STANDARD = [
    '__future__',
    'gc',
]


def loaded(argv: list[str]) -> set[str]:
    """The modules that a Python loads until its end, which may be an _exit."""
    argv = [argv[0], '-X', 'importtime', *argv[1:]]
    done = subprocess.run(argv, capture_output=True, text=True, check=True,
                          stdin=subprocess.DEVNULL)
    lines = [line for line in done.stderr.splitlines()
             if line.startswith('import time:')][1:]
    return {line.rpartition('|')[2].strip() for line in lines}


def test_modules_loaded_by_an_empty_command(minishell: list[str]) -> None:
    bare = loaded([sys.executable, '-I', '-S', '-c', 'pass'])
    modules = loaded([*minishell, '-c', ':']) - bare
    ours = sorted(name for name in modules if name.partition('.')[0] == 'minishell')
    assert ours == OURS
    assert sorted(modules - set(ours)) == STANDARD


def test_modules_an_empty_command_never_loads(minishell: list[str]) -> None:
    modules = loaded([*minishell, '-c', ':'])
    assert 'minishell.cli' in modules
    assert not {name.partition('.')[0] for name in modules} & FORBIDDEN
