"""The dialect of bash: where it departs from the default, which is that of the standard.

Bash mode is on if the shell is called `bash`, by `--bash` or `set -o bash`, or for a script
whose first line names bash; `set -o posix` wins over it.  What differs asks
`shell.as_bash(KEY)`; the rows of docs/differences.md say in their column "bash mode" what
is here.  What a shopt option decides needs no question of its own: it begins otherwise.
"""
from __future__ import annotations

AS_BASH = {         # key -> how the row of docs/differences.md begins
    'array errors': 'a syntax error in `a=(…)`',
    'alias': '`alias x`',
    'assignments': '`x=$(cmd) f >file`',
    'assigning redirections': 'variables assigned by redirections of',
    'break': '`break`, `continue` in a subshell',
    'cd': "`cd ''`",
    'cd -': '`cd -`, OLDPWD',
    'conditional errors': 'a syntax error in `[[ ]]`',
    'dot': '`. file` without a slash',
    'empty values': '`${x/?(a)/b}`',
    'eval': '`eval -x`, `. -x`',
    'exec': '`exec` of a file',
    'export': '`export -p`, `readonly -p`',
    'expansion errors': 'an error in an expansion',
    'fc': '`fc -l`',
    'file names': '`command -v`, `type` of a file',
    'functions': 'functions of the environment',
    'function names': 'a function named `export`',
    'here-documents': '`$*` in a here-document',
    'history file': "the shell's history without HISTFILE",
    'names as found': '`command -v` of `./x`',
    'printf range': '`printf %d` out of range',
    'prompts': 'PS1, PS2 of the environment',
    'quotes in braces': '`"${x-\'}\'}"`',
    'pwd': '`pwd` in a folder',
    'read': '`read`, `getopts` with a bad name',
    'lines': 'LINENO of a command',
    'no folder': '`file/x`, file being no directory',
    'redirections': '`>$x`',
    'removed directory': '`cd ..`',
    'start files': 'ENV',
    'version': '`BASH`, `BASH_VERSION`',
    'set': '`set`',
    'special assignments': '`X=1 :`',
    'special errors': 'error of a special built-in',
    'SIGQUIT': 'SIGQUIT to a script',
    'syntax errors': 'syntax errors',
    'TMOUT': '`TMOUT`',
    'trap': '`trap`',
    'trap -p': '`trap -p`',
    'kill -l': '`kill -l`',
    'kill -L': '`kill -L`',
    'tildes': '`x=~` behind a command name',
    'ulimit': '`ulimit -f`, `-c`',
    'umask': '`umask -S 027`',
    'unquoted parameters': '`$@`, `$*` and `${a[@]}` unquoted',
    'variables of the shell': '`PPID`, `UID`, `EUID`',
    'wait': '`wait $p`',
}
FOLLOWING = (       # rows that follow from the others
    '`BASH_ENV`', 'the files of a login shell', '`for 1x in …`',
    '`<<-` and a delimiter', '`~:x` in a word')
BY_SHOPT = {        # a shopt option that is on by default, but not in bash mode
    'checkhash': 'a remembered utility',
    'expand_aliases': 'aliases in scripts',
    'inherit_errexit': '`set -e` in `$( )`',
    'shift_verbose': '`shift` by too many',
}
# what `set +o posix`, `set -o posix` leave as it is in bash
KEPT_BY_POSIX = {True: ('checkhash', 'inherit_errexit'), False: ('checkhash',)}

OLDER = (31, 32, 40, 41, 42, 43, 44)    # versions that `shopt -s compat31` and so on name


def older_than(version: int, shopts: set[str]) -> bool:
    """Whether an option wants what bash did before a version: 44 is 4.4."""
    return any(f'compat{old}' in shopts for old in OLDER if old < version)


def names_bash(start: bytes) -> bool:
    """Whether a script's first line has bash run it: `#!/bin/bash`, `#!/usr/bin/env bash`."""
    line = start.partition(b'\n')[0]
    words = [word.rpartition(b'/')[2] for word in line[2:].split()]
    if line[:2] != b'#!' or not words:
        return False
    if words[0] == b'env':
        words = [word for word in words[1:] if word[:1] != b'-' and b'=' not in word]
    return words[:1] == [b'bash']
