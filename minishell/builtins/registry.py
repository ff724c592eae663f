"""The one table of built-in utilities: what each is, where it is, what of it matters elsewhere.

SPECIAL: XCU 2.15; a failure ends a script, assignments before it stay.  INTRINSIC: XCU 1.7;
found without PATH.  REGULAR: others that POSIX describes.  EXTENSION: from other shells.
"""
from __future__ import annotations

SPECIAL, INTRINSIC, REGULAR, EXTENSION = 'special', 'intrinsic', 'regular', 'extension'

# Traits.
DECLARES = 1            # arguments x=… are assignments
# Changes nothing but what the copy of a subshell environment has (not the working directory,
# the umask, traps, jobs, limits, descriptors, aliases) and does not sleep, for a trap could
# not run in the copy; it prints nothing, or something.
COPIED = 2
COPIED_PRINTS = 4
NO_INPUT = 8            # leaves standard input alone; of `read`, some uses take lines alone
NUMBERED = 16           # can be told what descriptor to use (run/commands.py, run_directly)
WRITES = 32             # does nothing but write what its arguments say
RUNS = 64               # what it runs gets the x of `x=1 exec`
JUMPS = 128             # in a loop or a function
SUCCEEDS, FAILS = 256, 512              # whatever its arguments
CONDITION = 1024        # the operands of `test`
BEFORE_PATH = 2048      # of the course, and yet found before programs


class Utility:
    """A row: its kind, the module in builtins/ (or its path) and the function there, its
    traits, and what `help` shows."""

    __slots__ = ('kind', 'module', 'function', 'traits', 'synopsis', 'description')

    def __init__(self, kind: str, module: str, function: str, traits: int, synopsis: str,
                 description: str) -> None:
        self.kind = kind
        self.module = module
        self.function = function
        self.traits = traits
        self.synopsis = synopsis
        self.description = description


BUILTINS: dict[str, Utility] = {
    '.': Utility(SPECIAL, 'control', 'dot', RUNS,
        '. filename [arguments]',
        'run a file in this environment'),
    ':': Utility(SPECIAL, 'plain', 'colon', COPIED | NO_INPUT | SUCCEEDS,
        ':',
        'do nothing; the arguments are expanded'),
    '[': Utility(REGULAR, 'testing', 'test', COPIED | NO_INPUT | CONDITION,
        '[ arg... ]',
        'test a condition'),
    'alias': Utility(INTRINSIC, 'lookup', 'alias', 0,
        'alias [-p] [name[=value] ... ]',
        'define or print aliases'),
    'bg': Utility(INTRINSIC, 'jobcontrol', 'bg', 0,
        'bg [job_spec ...]',
        'continue jobs in the background'),
    'bind': Utility(EXTENSION, 'binding', 'bind', 0,
        'bind [-lpsvPSVX] [-m keymap] [-f filename] [-q name] [-u name] [-r keyseq] [-x '
        'keyseq:shell-command] [keyseq:readline-function or readline-command]',
        'say what keys do in the line editor'),
    'break': Utility(SPECIAL, 'control', 'break_', COPIED | NO_INPUT | JUMPS,
        'break [n]',
        'leave enclosing loops'),
    'builtin': Utility(EXTENSION, 'lookup', 'builtin', 0,
        'builtin [shell-builtin [arg ...]]',
        'run a built-in utility, no function'),
    'caller': Utility(EXTENSION, 'calling', 'caller', COPIED_PRINTS,
        'caller [expr]',
        'say where the function being run was called'),
    'cd': Utility(INTRINSIC, 'directories', 'cd', NUMBERED,
        'cd [-L|[-P [-e]] [-@]] [dir]',
        'change the working directory'),
    'command': Utility(INTRINSIC, 'lookup', 'command', COPIED_PRINTS,
        'command [-pVv] command [arg ...]',
        'run a command, no function, or say what it is'),
    'compgen': Utility(EXTENSION, 'completion', 'compgen', 0,
        'compgen [-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [-F '
        'function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [word]',
        'print what completes a word'),
    'complete': Utility(EXTENSION, 'completion', 'complete', 0,
        'complete [-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [-G globpat] [-W '
        'wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [name '
        '...]',
        'say how the arguments of commands are completed'),
    'compopt': Utility(EXTENSION, 'completion', 'compopt', 0,
        'compopt [-o|+o option] [-DEI] [name ...]',
        'change the options of completions'),
    'continue': Utility(SPECIAL, 'control', 'continue_', COPIED | NO_INPUT | JUMPS,
        'continue [n]',
        'go on with the next turn of a loop'),
    'declare': Utility(EXTENSION, 'attributes', 'declare', DECLARES | COPIED_PRINTS,
        'declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]',
        'give variables attributes, or print them'),
    'dirs': Utility(EXTENSION, 'directorystack', 'dirs', NUMBERED,
        'dirs [-clpv] [+N] [-N]',
        'print the directory stack'),
    'disown': Utility(EXTENSION, 'jobcontrol', 'disown', 0,
        'disown [-h] [-ar] [jobspec ... | pid ...]',
        'forget jobs'),
    'echo': Utility(REGULAR, 'printing', 'echo', COPIED_PRINTS | NO_INPUT | NUMBERED | WRITES,
        'echo [-neE] [arg ...]',
        'write the arguments'),
    'enable': Utility(EXTENSION, 'enabling', 'enable_', 0,
        'enable [-a] [-dnps] [-f filename] [name ...]',
        'have built-in utilities, or programs in their place'),
    'eval': Utility(SPECIAL, 'control', 'eval_', RUNS,
        'eval [arg ...]',
        'run the arguments as commands'),
    'exec': Utility(SPECIAL, 'control', 'exec_', RUNS,
        'exec [-cl] [-a name] [command [argument ...]] [redirection ...]',
        'become a program, or make redirections stay'),
    'exit': Utility(SPECIAL, 'control', 'exit_', COPIED | NO_INPUT,
        'exit [n]',
        'leave the shell'),
    'export': Utility(SPECIAL, 'declaring', 'export', DECLARES | COPIED_PRINTS | NO_INPUT,
        'export [-fn] [name[=value] ...] or export -p',
        'give variables to children'),
    'false': Utility(REGULAR, 'plain', 'false', COPIED | NO_INPUT | FAILS,
        'false',
        'fail'),
    'fc': Utility(INTRINSIC, 'history', 'fc', 0,
        'fc [-e ename] [-lnr] [first] [last] or fc -s [pat=rep] [command]',
        'list, edit or run commands of the history'),
    'fg': Utility(INTRINSIC, 'jobcontrol', 'fg', 0,
        'fg [job_spec]',
        'continue a job in the foreground'),
    'getopts': Utility(INTRINSIC, 'reading', 'getopts', COPIED,
        'getopts optstring name [arg ...]',
        'parse options'),
    'hash': Utility(INTRINSIC, 'hashing', 'hash_', 0,
        'hash [-lr] [-p pathname] [-dt] [name ...]',
        'remember where programs are, or forget'),
    'help': Utility(EXTENSION, 'helping', 'help_', 0,
        'help [-dms] [pattern ...]',
        'say what built-in utilities do'),
    'history': Utility(EXTENSION, 'historylist', 'history', 0,
        'history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]',
        'print or change the list of commands'),
    'jobs': Utility(INTRINSIC, 'jobcontrol', 'jobs', 0,
        'jobs [-lnprs] [jobspec ...] or jobs -x command [args]',
        'list jobs'),
    'kill': Utility(INTRINSIC, 'processes', 'kill', 0,
        'kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]',
        'send a signal to processes'),
    'let': Utility(EXTENSION, 'arithmetic', 'let', COPIED | NO_INPUT,
        'let arg [arg ...]',
        'evaluate arithmetic'),
    'local': Utility(EXTENSION, 'declaring', 'local', DECLARES | COPIED_PRINTS | NO_INPUT,
        'local [option] name[=value] ...',
        'make variables local to a function'),
    'logout': Utility(EXTENSION, 'control', 'logout', 0,
        'logout [n]',
        'leave a login shell'),
    'mapfile': Utility(EXTENSION, 'mapping', 'mapfile', 0,
        'mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c '
        'quantum] [array]',
        'read lines into an array'),
    'mkfifo': Utility(REGULAR, 'directories', 'mkfifo', 0,
        'mkfifo [-m mode] file ...',
        'make FIFOs'),
    'popd': Utility(EXTENSION, 'directorystack', 'popd', NUMBERED,
        'popd [-n] [+N | -N]',
        'go back to a directory of the stack'),
    'printf': Utility(REGULAR, 'formatting', 'printf',
        COPIED_PRINTS | NO_INPUT | NUMBERED | WRITES,
        'printf [-v var] format [arguments]',
        'write the arguments in a format'),
    'pushd': Utility(EXTENSION, 'directorystack', 'pushd', NUMBERED,
        'pushd [-n] [+N | -N | dir]',
        'put a directory on the stack and go there'),
    'pwd': Utility(REGULAR, 'directories', 'pwd', COPIED_PRINTS | NUMBERED,
        'pwd [-LP]',
        'print the working directory'),
    'read': Utility(INTRINSIC, 'reading', 'read', NO_INPUT | NUMBERED,
        'read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t '
        'timeout] [-u fd] [name ...]',
        'read a line into variables'),
    'readarray': Utility(EXTENSION, 'mapping', 'mapfile', 0,
        'readarray [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] '
        '[-c quantum] [array]',
        'read lines into an array'),
    'readonly': Utility(SPECIAL, 'declaring', 'readonly', DECLARES | COPIED_PRINTS | NO_INPUT,
        'readonly [-aAf] [name[=value] ...] or readonly -p',
        'have variables never changed'),
    'return': Utility(SPECIAL, 'control', 'return_', COPIED | NO_INPUT | JUMPS,
        'return [n]',
        'leave a function or a dot script'),
    'set': Utility(SPECIAL, 'declaring', 'set_', COPIED,
        'set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]',
        'set options and positional parameters, or print variables'),
    'shift': Utility(SPECIAL, 'control', 'shift', COPIED | NO_INPUT,
        'shift [n]',
        'drop positional parameters'),
    'shopt': Utility(EXTENSION, 'shopt', 'shopt', 0,
        'shopt [-pqsu] [-o] [optname ...]',
        'set or print options that set does not know'),
    'source': Utility(EXTENSION, 'control', 'dot', RUNS,
        'source filename [arguments]',
        'run a file in this environment'),
    'suspend': Utility(EXTENSION, 'jobcontrol', 'suspend', 0,
        'suspend [-f]',
        'stop this shell'),
    'test': Utility(REGULAR, 'testing', 'test', COPIED | NO_INPUT | CONDITION,
        'test [expr]',
        'test a condition'),
    'times': Utility(SPECIAL, 'processes', 'times', 0,
        'times',
        'print the processor time used'),
    'trap': Utility(SPECIAL, 'trapping', 'trap', 0,
        'trap [-lp] [[arg] signal_spec ...]',
        'set what signals and the exit do, or print it'),
    'true': Utility(REGULAR, 'plain', 'true', COPIED | NO_INPUT | SUCCEEDS,
        'true',
        'succeed'),
    'type': Utility(INTRINSIC, 'lookup', 'type_', NUMBERED,
        'type [-afptP] name [name ...]',
        'say what a name is'),
    'typeset': Utility(EXTENSION, 'attributes', 'declare', DECLARES | COPIED_PRINTS,
        'typeset [-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...]',
        'give variables attributes, or print them'),
    'ulimit': Utility(INTRINSIC, 'limits', 'ulimit', 0,
        'ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]',
        'set or print limits of this process'),
    'umask': Utility(INTRINSIC, 'limits', 'umask', 0,
        'umask [-p] [-S] [mode]',
        'set or print the file mode creation mask'),
    'unalias': Utility(INTRINSIC, 'lookup', 'unalias', 0,
        'unalias [-a] name [name ...]',
        'remove aliases'),
    'unset': Utility(SPECIAL, 'declaring', 'unset', COPIED | NO_INPUT,
        'unset [-f] [-v] [-n] [name ...]',
        'remove variables or functions'),
    'wait': Utility(INTRINSIC, 'waiting', 'wait', 0,
        'wait [-fn] [-p var] [id ...]',
        'wait for processes'),
}

# Utilities of the course, and those that explain commands and abbreviate them: they run only
# where PATH has no program of their name; bash has none of them, so lists of built-in utilities
# leave them out.
COURSE: dict[str, Utility] = {
    'abbr': Utility(EXTENSION, 'abbreviating', 'abbr', 0,
        'abbr -a [-p command|anywhere] [-r regex] [-f function] [--set-cursor[=marker]] name '
        '[text ...] or abbr -e name ... or abbr -l|-s or abbr -q name ... or '
        'abbr --rename old new',
        'say which words the line editor replaces as they are typed'),
    'alarm': Utility(EXTENSION, 'course.signalling', 'alarm', 0,
        'alarm [-i] [-v name] [seconds]',
        'have SIGALRM sent, and say what was left of the alarm before'),
    'demo': Utility(EXTENSION, 'course.demo', 'demo', 0,
        'demo -l or demo [-y] [--predict] lesson or demo -s|-x lesson',
        'run a lesson of the course step by step, and compare'),
    'explain': Utility(EXTENSION, 'explain.utility', 'explain', 0,
        'explain [-v] command, explain -s signal, explain term',
        'say what a command would do, or what a term means; nothing is run'),
    'fds': Utility(EXTENSION, 'course.describing', 'fds', 0,
        'fds [-t] [-v name] [pid|%job ...]',
        'show descriptors and the open file descriptions they refer to'),
    'flock': Utility(EXTENSION, 'course.locking', 'flock', BEFORE_PATH,
        'flock [-sxun] [-w seconds] [-E status] descriptor or flock [-sxuno] [-w seconds] '
        '[-E status] file command [argument ...]',
        'lock an open file description, which the shell then holds'),
    'fork': Utility(EXTENSION, 'course.processes', 'fork', 0,
        'fork [name]',
        'make a copy of this shell, which goes on here, too: 0 in the variable there'),
    'getpid': Utility(EXTENSION, 'course.processes', 'getpid', 0,
        'getpid [-pgst] [-v name]',
        'print the IDs of this process, its parent, group, session, the foreground group'),
    'glass': Utility(EXTENSION, 'glass.utility', 'glass', 0,
        'glass [-f] [on|off|pid|%job ...]',
        'show processes, what they do and why they wait; on: below the prompt, -f: on the '
        'whole screen'),
    'ipc': Utility(EXTENSION, 'course.ipc', 'ipc', 0,
        'ipc [-qms] [-v name] or ipc clean [-f]',
        'list queues, shared memory and semaphores, or remove what was left behind'),
    'lockf': Utility(EXTENSION, 'course.locking', 'lockf', 0,
        'lockf [-rnut] [-w seconds] [-s start] [-l length] [-v name] descriptor',
        'lock bytes of a file for this process'),
    'locks': Utility(EXTENSION, 'course.locking', 'locks', 0,
        'locks [-p pid] [-v name] [file ...]',
        'list the locks on files'),
    'mq': Utility(EXTENSION, 'course.queues', 'mq', 0,
        'mq create [-x] [-m mode] key, mq send [-n] [-w seconds] key type [text], '
        'mq recv [-nt] [-s size] [-w seconds] [-v name] key [type], mq stat [-v name] key, '
        'mq set [-m mode] [-b bytes] key, mq rm key',
        'send and receive messages'),
    'pause': Utility(EXTENSION, 'course.signalling', 'pause', 0,
        'pause [-m signal,...|-m -] [-t seconds [-v name]]',
        'sleep until a trap has run'),
    'pcb': Utility(EXTENSION, 'course.pcb', 'pcb', 0,
        'pcb [-efms] [pid|%job ...]',
        'show what the kernel keeps about processes'),
    'pipe': Utility(EXTENSION, 'course.describing', 'pipe', 0,
        'pipe [-n] [-c bytes] name name',
        'make a pipe, its descriptors in variables'),
    'sem': Utility(EXTENSION, 'course.semaphores', 'sem', 0,
        'sem create [-x] [-m mode] name [value ...], '
        'sem wait [-nu] [-w seconds] [-i index] name, sem post [-u] [-i index] name, '
        'sem zero [-n] [-w seconds] [-i index] key, sem value [-i index] [-v name] name, '
        'sem unlink name',
        'wait for semaphores and post them'),
    'shm': Utility(EXTENSION, 'course.segments', 'shm', 0,
        'shm create [-x] [-m mode] key size, shm attach [-r] key, shm detach key, '
        'shm read [-o offset] [-n bytes] [-v name] key, shm write [-o offset] key text, '
        'shm stat [-v name] key, shm rm key',
        'share memory with other processes'),
    'siginterrupt': Utility(EXTENSION, 'course.signalling', 'siginterrupt', 0,
        'siginterrupt [-r] [-v name] [signal ...]',
        'have trapped signals end every wait'),
    'sigmask': Utility(EXTENSION, 'course.signalling', 'sigmask', 0,
        'sigmask [-b|-u|-s signal ...] [-v name] or sigmask -p [-v name]',
        'block signals, or print what is blocked or pending'),
    'signals': Utility(EXTENSION, 'course.signalling', 'signals', 0,
        'signals [-v name] [pid|%job]',
        'print which signals a process catches, ignores and blocks, and which are pending'),
    'sysopen': Utility(EXTENSION, 'course.sysio', 'sysopen', 0,
        'sysopen [-arw] [-m mode] [-o option,...] -u descriptor|name file',
        'open a file by one system call'),
    'sysread': Utility(EXTENSION, 'course.sysio', 'sysread', 0,
        'sysread [-c name] [-i descriptor] [-o descriptor] [-p offset] [-s bytes] '
        '[-t seconds] [name]',
        'read by one system call'),
    'sysseek': Utility(EXTENSION, 'course.sysio', 'sysseek', 0,
        'sysseek [-u descriptor] [-w start|current|end] offset',
        'set the offset of an open file description'),
    'syswrite': Utility(EXTENSION, 'course.sysio', 'syswrite', 0,
        'syswrite [-c name] [-o descriptor] [-p offset] data',
        'write by system calls'),
    'trace': Utility(EXTENSION, 'glass.trace', 'trace', 0,
        'trace [-g] [-o file.html|.svg|.json|.perfetto.json] [--as-is] [--no-io] [--all] '
        '[--predict] command [arg ...]',
        'run commands, and tell step by step what their processes did'),
    'undo': Utility(EXTENSION, 'undoing', 'undo', 0,
        'undo [-l] [-r]',
        "put back what the last line has changed of the shell's state, not of files"),
    'waitpid': Utility(EXTENSION, 'course.processes', 'waitpid', 0,
        'waitpid [-hu] [-v name] [pid]',
        'wait for a child, and say how it has ended'),
    'why': Utility(EXTENSION, 'glass.utility', 'why', 0,
        'why [pid|%job ...]',
        'say what a process waits for, since when, and who could wake it'),
}


def row_of(name: str) -> Utility:
    """The row of a built-in utility, of the course or not."""
    return BUILTINS.get(name) or COURSE[name]


def named(traits: int) -> frozenset[str]:
    """The utilities that have one of some traits."""
    return frozenset([name for name, row in BUILTINS.items() if row.traits & traits])


def is_special(name: str) -> bool:
    """Whether a name is that of a special built-in utility."""
    row = BUILTINS.get(name)
    return row is not None and row.kind == SPECIAL
