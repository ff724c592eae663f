"""Compiles a C program and becomes it; shows the errors and becomes an editor if there are any
(lesson 14)."""
import os
import sys

ERRORS = 'erreurs'


def run(*command, errors=None):
    """Fork, exec the command in the child, wait for it; its exit status."""
    pid = os.fork()
    if pid == 0:
        try:
            if errors is not None:
                file = os.open(errors, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
                os.dup2(file, 2)
                os.close(file)
            os.execvp(command[0], command)
        except OSError as error:
            print(f'{command[0]}: {error.strerror}', file=sys.stderr)
            os._exit(127)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if len(sys.argv) != 2:
    print(f'usage: {sys.argv[0]} source', file=sys.stderr)
    sys.exit(1)
source = sys.argv[1]
if not os.path.isfile(source):
    print(f"{source} n'existe pas", file=sys.stderr)
    sys.exit(2)
if run('cc', source, errors=ERRORS) == 0:
    os.execv('./a.out', ['a.out'])
run('more', ERRORS)
editor = os.environ.get('EDITOR', 'vi')
os.execvp(editor, [editor, source])
