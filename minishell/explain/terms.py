"""What a term means in a sentence: signals, errors, exit statuses, files, words of a course."""
from __future__ import annotations

from minishell.status import SIGNAL_BASE
from minishell.system import signals

ENDS, DUMPS, STOPS, GOES_ON, NOTHING = (
    'ends the process', 'ends the process, with a core file where that is allowed',
    'stops the process', 'continues a stopped process', 'nothing')
# By the name: what it does by default, and what it is for.
SIGNALS = {
    'HUP': (ENDS, 'the terminal is gone, or a daemon is to read its files again'),
    'INT': (ENDS, 'Ctrl-C: the terminal sends it to its foreground process group'),
    'QUIT': (DUMPS, 'Ctrl-\\: as SIGINT, from the terminal'),
    'ILL': (DUMPS, 'the processor does not know an instruction'),
    'TRAP': (DUMPS, 'a breakpoint of a debugger'),
    'ABRT': (DUMPS, 'the program has called abort(3)'),
    'BUS': (DUMPS, 'memory that is not there: past the end of a file that is mapped'),
    'FPE': (DUMPS, 'an arithmetic error, a division by zero for one'),
    'KILL': (ENDS, 'cannot be caught, blocked or ignored'),
    'USR1': (ENDS, 'for programs to agree on'),
    'SEGV': (DUMPS, 'an address that is not the process’s'),
    'USR2': (ENDS, 'for programs to agree on'),
    'PIPE': (ENDS, 'a write to a pipe that has no reader'),
    'ALRM': (ENDS, 'the time that alarm(2) was asked for is over'),
    'TERM': (ENDS, 'a request to end: what kill sends if no signal is named'),
    'STKFLT': (ENDS, 'unused'),
    'CHLD': (NOTHING, 'a child has ended, stopped or gone on'),
    'CONT': (GOES_ON, 'go on: what fg and bg send'),
    'STOP': (STOPS, 'cannot be caught, blocked or ignored'),
    'TSTP': (STOPS, 'Ctrl-Z: the terminal sends it to its foreground process group'),
    'TTIN': (STOPS, 'a background process has read from its terminal'),
    'TTOU': (STOPS, 'a background process has written to its terminal, or set its modes'),
    'URG': (NOTHING, 'urgent data on a socket'),
    'XCPU': (DUMPS, 'more processor time than ulimit -t allows'),
    'XFSZ': (DUMPS, 'a file larger than ulimit -f allows'),
    'VTALRM': (ENDS, 'a timer of the process’s own time is over'),
    'PROF': (ENDS, 'a timer of its time and the kernel’s for it is over'),
    'WINCH': (NOTHING, 'the window has another size'),
    'IO': (ENDS, 'input or output is possible'),
    'PWR': (ENDS, 'the power fails'),
    'SYS': (DUMPS, 'a system call that there is not, or that is not allowed'),
}
FILES = {
    '/proc/locks': 'the locks on files: number, kind, whether advisory, READ or WRITE, '
                   'process, device and inode, first and last byte; -> is one that waits',
    '/proc/PID/stat': 'a process in one line: its ID, name, state, parent, group, session, '
                      'terminal, …, times',
    '/proc/PID/status': 'the same in words, with its masks of signals (SigPnd ShdPnd pending, '
                        'SigBlk blocked, SigIgn ignored, SigCgt caught), bit n-1 for signal n',
    '/proc/PID/fd': 'its descriptors, as links to what they refer to',
    '/proc/PID/fdinfo': 'offset and flags of each open file description',
    '/proc/PID/maps': 'its segments: addresses, rights, file; code, data, heap, stack, shared',
    '/proc/PID/wchan': 'the function of the kernel that it sleeps in',
    '/proc/sysvipc': 'the message queues, semaphores and shared memory segments of System V',
    '/dev/shm': 'where named semaphores (sem.NAME) and shared memory of POSIX are, as files',
    '/dev/null': 'a file that is always empty, and takes whatever is written',
}
# Terms, in English and in French: a sentence.
TERMS = {
    ('zombie',): 'a process that has ended and whose parent has not waited for it yet: its '
                 'memory and descriptors are free, its status is kept',
    ('orphan', 'orphelin'): 'a process whose parent has ended first: process 1, or the nearest '
                            'subreaper, becomes its parent and waits for it',
    ('pending', 'pendant'): 'a signal that has been sent and not been acted on yet',
    ('blocked', 'masqué', 'masked'): 'a signal that the process has put off (its mask): sent, '
                                     'it stays pending until it is unblocked',
    ('delivered', 'délivré'): 'a pending signal is delivered when the process acts on it: the '
                              'default, nothing, or its handler',
    ('handler', 'traitement', 'gestionnaire'): 'what a process runs when a signal is '
                                               'delivered; in a shell, the action of a trap',
    ('pipe', 'tube'): 'a buffer of the kernel, 65,536 bytes, with an end to write to and an '
                      'end to read from; empty, a reader waits; full, a writer; the end of the '
                      'file comes when no process has the end to write to open',
    ('fifo', 'named pipe', 'tube nommé'): 'a pipe with a name in a folder: opening waits '
                                          'until the other end is opened, too',
    ('fork', 'filiation'): 'makes a copy of the process: both go on behind the call, which '
                           'gives 0 in the child and the child’s ID in the parent',
    ('exec', 'commutation d’image', "commutation d'image", 'recouvrement'):
        'puts another program into the process: its ID, descriptors and ignored signals stay',
    ('wait', 'attente'): 'waits until a child has ended, takes its status and lets it go',
    ('process', 'processus'): 'a program that runs: memory, descriptors, a place among the '
                              'processes',
    ('process group', 'groupe de processus', 'job'): 'the processes of one job: signals of the '
                                                     'terminal go to all of them',
    ('session',): 'the process groups of one login, with one terminal',
    ('descriptor', 'file descriptor', 'descripteur'): 'the number by which a process knows '
                                                      'something it has open',
    ('open file description', 'objet fichier ouvert'): 'what an open made: offset and flags; '
                                                       'dup and fork share it',
    ('inode',): 'what a file is, without its name: type, mode, owner, size, blocks',
    ('lock', 'verrou'): 'what keeps others from a file, or some of its bytes, if they ask: '
                        'advisory',
    ('flock',): 'a lock of a whole file, which an open file description holds',
    ('lockf', 'record lock'): 'a lock of some bytes, which a process holds on an inode: any '
                              'close of the file drops it',
    ('semaphore', 'sémaphore'): 'a number that cannot fall below 0: who takes the last waits '
                                'for who gives',
    ('message queue', 'file de messages'): 'messages of several types in the kernel, taken '
                                           'from it in their order',
    ('shared memory', 'mémoire partagée', 'segment partagé'): 'memory that several processes '
                                                              'have among their own',
    ('signal',): 'a number that the kernel delivers to a process, between two instructions',
    ('race', 'course critique', 'situation de concurrence'): 'a result that depends on who '
                                                             'comes first',
    ('deadlock', 'interblocage'): 'each waits for what another holds',
    ('core', 'core dump'): 'the memory of a process at its end, in a file, for a debugger',
    ('umask', 'masque de création'): 'the permission bits that new files do not get',
    ('daemon', 'démon'): 'a process without a terminal, in a session of its own',
    ('subreaper',): 'a process that orphans among its descendants are given to, instead of 1',
}


def explained(words: list[str]) -> str | None:
    """A term in a sentence; None if it is none that is known."""
    text = ' '.join(words)
    if words[0] in ('errno', 'signal') and len(words) == 2:
        return error(words[1]) if words[0] == 'errno' else signal(words[1])
    if text in FILES:
        return f'{text}: {FILES[text]}.'
    if text[:6] == '/proc/' and text.split('/')[2].isdecimal():
        general = '/'.join(['', 'proc', 'PID', *text.split('/')[3:4]])
        if general in FILES:
            return f'{text}: {FILES[general]}.'
    if text.isdecimal() and len(text) < 4:
        return status(int(text))
    for names, sentence in TERMS.items():
        if text.lower() in names:
            others = [name for name in names if name != text.lower()]
            said = f' ({", ".join(others)})' if others else ''
            return f'{text}{said}: {sentence}.'
    return error(text) if text[:1] == 'E' and text.isupper() else None


def signal(text: str) -> str | None:
    """A signal in a sentence, by its name or number."""
    number = int(text) if text.isdecimal() and len(text) < 4 else signals.number_of(text)
    if number is None or number not in signals.NAMES and not \
            signals.RTMIN <= number <= signals.RTMAX:
        return None
    name = signals.name_of(number)
    default, purpose = SIGNALS.get(name, (ENDS, 'a real-time signal: each one sent is '
                                                'delivered, with those of lower numbers first'))
    done = 'stops' if default == STOPS else 'ends'
    return f'SIG{name} is signal {number}: {purpose}. By default: {default}. ' \
           f'A command that it {done} has status {SIGNAL_BASE + number}.'


def error(text: str) -> str | None:
    """An error of the system in a sentence, by its name or number."""
    import errno
    import posix
    names = {number: name for name, number in vars(errno).items() if name[:1] == 'E'}
    if text.isdecimal() and len(text) < 4:
        number = int(text)
    else:
        found = getattr(errno, text, None) if text.isidentifier() else None
        if not isinstance(found, int):
            return None
        number = found
    if number not in errno.errorcode:
        return None
    return f'{errno.errorcode.get(number, names.get(number, "?"))} is error {number}: ' \
           f'{posix.strerror(number)}.'


def status(number: int) -> str | None:
    """An exit status in a sentence (XCU 2.8.2)."""
    if number == 0:
        return '0: success; true for if, while, && and ||.'
    if number == 126:
        return '126: the command was found, but could not be executed.'
    if number == 127:
        return '127: the command was not found.'
    if number > 255:
        return None
    if number > SIGNAL_BASE:
        name = signals.NAMES.get(number - SIGNAL_BASE)
        if name is not None:
            return f'{number}: 128+{number - SIGNAL_BASE}: ended by SIG{name} ' \
                   f'({SIGNALS.get(name, ("", "a signal"))[1]}), or exit {number}.'
    return f'{number}: failure, as the command itself means it.'
