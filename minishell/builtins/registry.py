"""The one table of built-in utilities: name -> class, module, function.

SPECIAL: XCU 2.15; a failure ends a script, assignments before it stay.  INTRINSIC: XCU 1.7;
found without PATH.  REGULAR: others that POSIX describes.  EXTENSION: from other shells.
"""
from __future__ import annotations

SPECIAL, INTRINSIC, REGULAR, EXTENSION = 'special', 'intrinsic', 'regular', 'extension'

BUILTINS: dict[str, tuple[str, str, str]] = {
    '.': (SPECIAL, 'control', 'dot'),
    ':': (SPECIAL, 'plain', 'colon'),
    '[': (REGULAR, 'testing', 'test'),
    'alias': (INTRINSIC, 'lookup', 'alias'),
    'bg': (INTRINSIC, 'jobcontrol', 'bg'),
    'break': (SPECIAL, 'control', 'break_'),
    'builtin': (EXTENSION, 'lookup', 'builtin'),
    'cd': (INTRINSIC, 'directories', 'cd'),
    'command': (INTRINSIC, 'lookup', 'command'),
    'continue': (SPECIAL, 'control', 'continue_'),
    'declare': (EXTENSION, 'attributes', 'declare'),
    'dirs': (EXTENSION, 'directorystack', 'dirs'),
    'disown': (EXTENSION, 'jobcontrol', 'disown'),
    'echo': (REGULAR, 'printing', 'echo'),
    'eval': (SPECIAL, 'control', 'eval_'),
    'exec': (SPECIAL, 'control', 'exec_'),
    'exit': (SPECIAL, 'control', 'exit_'),
    'export': (SPECIAL, 'declaring', 'export'),
    'false': (REGULAR, 'plain', 'false'),
    'fc': (INTRINSIC, 'history', 'fc'),
    'fg': (INTRINSIC, 'jobcontrol', 'fg'),
    'getopts': (INTRINSIC, 'reading', 'getopts'),
    'hash': (INTRINSIC, 'lookup', 'hash_'),
    'jobs': (INTRINSIC, 'jobcontrol', 'jobs'),
    'kill': (INTRINSIC, 'processes', 'kill'),
    'let': (EXTENSION, 'arithmetic', 'let'),
    'local': (EXTENSION, 'declaring', 'local'),
    'mkfifo': (REGULAR, 'directories', 'mkfifo'),
    'popd': (EXTENSION, 'directorystack', 'popd'),
    'printf': (REGULAR, 'formatting', 'printf'),
    'pushd': (EXTENSION, 'directorystack', 'pushd'),
    'pwd': (REGULAR, 'directories', 'pwd'),
    'read': (INTRINSIC, 'reading', 'read'),
    'readonly': (SPECIAL, 'declaring', 'readonly'),
    'return': (SPECIAL, 'control', 'return_'),
    'set': (SPECIAL, 'declaring', 'set_'),
    'shift': (SPECIAL, 'control', 'shift'),
    'source': (SPECIAL, 'control', 'dot'),
    'suspend': (EXTENSION, 'jobcontrol', 'suspend'),
    'test': (REGULAR, 'testing', 'test'),
    'times': (SPECIAL, 'processes', 'times'),
    'trap': (SPECIAL, 'trapping', 'trap'),
    'true': (REGULAR, 'plain', 'true'),
    'type': (INTRINSIC, 'lookup', 'type_'),
    'typeset': (EXTENSION, 'attributes', 'declare'),
    'ulimit': (INTRINSIC, 'limits', 'ulimit'),
    'umask': (INTRINSIC, 'limits', 'umask'),
    'unalias': (INTRINSIC, 'lookup', 'unalias'),
    'unset': (SPECIAL, 'declaring', 'unset'),
    'wait': (INTRINSIC, 'waiting', 'wait'),
}
# Arguments x=… are assignments.
DECLARING = frozenset(('export', 'readonly', 'local', 'declare', 'typeset'))
