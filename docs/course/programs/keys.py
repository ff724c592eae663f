"""Types lines and keys at a shell on a terminal of its own, and shows what is to be seen there
(lessons 23 and 24).

A parameter is a line; `^C`, `^Z`, `^\\` are keys, pressed as soon as a job has the terminal,
or, behind `?LINE`, as soon as that line is to be seen.
"""
import os
import pty
import select
import sys

PROMPT = b'% '
KEYS = {'^C': b'\x03', '^Z': b'\x1a', '^\\': b'\x1c'}

shell, terminal = pty.fork()
if shell == 0:
    os.environ.update(PS1=PROMPT.decode(), TERM='dumb', HISTFILE='/dev/null')
    os.environ.pop('ENV', None)
    try:
        os.execvp('minishell', ['minishell', '-i'])
    except OSError as error:
        print(f'minishell: {error.strerror}')
        os._exit(127)

seen = b''


def look():
    """Show what has come to the terminal."""
    global seen
    if not select.select([terminal], [], [], 0.01)[0]:
        return
    try:
        came = os.read(terminal, 4096)
    except OSError:                 # nobody has the terminal open any more
        came = b''
    if not came:
        sys.exit('the shell has ended')
    seen += came
    sys.stdout.buffer.write(came.replace(b'\r', b''))
    sys.stdout.flush()


def watch(there):
    """Show what comes until there() holds."""
    while not there():
        look()


def prompted():
    """Whether the shell waits for a line."""
    return os.tcgetpgrp(terminal) == shell and seen.endswith(PROMPT)


def running():
    """Whether a job has the terminal."""
    return os.tcgetpgrp(terminal) not in (0, shell)


def send(keys):
    """Type, and look only for what comes then."""
    global seen
    seen = b''
    os.write(terminal, keys)


waited = False
for word in sys.argv[1:]:
    if word in KEYS:
        if not waited:
            watch(running)
        send(KEYS[word])
    elif word.startswith('?'):
        wanted = word[1:].encode() + b'\r\n'
        while wanted not in seen:
            look()
    else:
        watch(prompted)
        send(word.encode() + b'\n')
    waited = word.startswith('?')
watch(prompted)
print()
os.close(terminal)
os.waitpid(shell, 0)
