"""`python -m minishell`, or this file run by its path with `python -I -S`."""
import _signal
import gc
import sys

# First of all: until the shell has its own handler, SIGINT ends it as it ends any program.
# The launcher had it blocked until now (-X held), or Python, which has a handler of its own
# from the middle of its start on, would say something about one that came since.  Where the
# launcher could not, what Python has noted by now comes as an exception.
try:
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
except KeyboardInterrupt:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    _signal.raise_signal(_signal.SIGINT)


def found_blocked() -> bool:
    """Whether SIGINT was blocked when the launcher, which hands its line of /proc/PID/stat
    on as --stat, was started: its field 32 says so."""
    stat = next((word for word in sys.argv if word[:7] == '--stat='), '')
    blocked = ''.join(stat.rpartition(')')[2].split()[29:30])
    return blocked.isdecimal() and bool(int(blocked) & 1 << _signal.SIGINT - 1)


# SIGCHLD tells the shell of its children: blocked, as whoever started it may have left it, the
# shell would wait for ever.
_signal.pthread_sigmask(
    _signal.SIG_UNBLOCK, [_signal.SIGCHLD, _signal.SIGINT]
    if 'held' in sys._xoptions and not found_blocked() else [_signal.SIGCHLD])


def start_from_image(folder: str) -> bool:
    """Load the modules as `image.py` says; false if there is no image that holds.

    Who can write it or its folder decides what every shell does: nobody may but root and who
    runs.  Its length and checksum, and that it was made by the `image.py` there is now, are
    looked at before anything in it is believed.  (Python compiles this at each start: 0.2 ms.)
    """
    import marshal
    import posix
    from _imp import source_hash
    try:
        kept = posix.stat(folder + '/__pycache__')
        fd = posix.open(f'{folder}/__pycache__/image.{sys.hexversion:x}',
                        posix.O_CLOEXEC | posix.O_NOFOLLOW | posix.O_NONBLOCK)
    except OSError:
        return False
    try:
        found = posix.fstat(fd)
        own = posix.stat(folder + '/image.py')
        head = posix.read(fd, 16)
        length = int.from_bytes(head[:8], 'little')
        if (kept.st_mode | found.st_mode) & 0o022 or not {
                kept.st_uid, found.st_uid} <= {0, posix.geteuid()} or length > found.st_size:
            return False
        data = posix.read(fd, length)
        stamp = source_hash(length, b'%d %d %d' % (
            own.st_size, own.st_mtime_ns, found.st_size))
        if source_hash(int.from_bytes(stamp, 'little', signed=True), data) != head[8:]:
            return False
        index = marshal.loads(data)
        names = {'__name__': 'minishell.image'}
        exec(index[0], names)
        return bool(names['load'](folder, fd, index))   # type: ignore[operator]
    except OSError:
        return False
    finally:
        posix.closerange(fd, fd + 1)    # without errors


def start(folder: str) -> None:
    """Load the modules; one by one for those who ask Python what it imports."""
    if 'importtime' not in sys._xoptions and not start_from_image(folder):
        sys.pycache_prefix = '/dev/null'        # until image.py has seen whose files these are
        from minishell.image import write_while_importing
        write_while_importing(folder)


gc.set_threshold(0)             # nothing that is loaded is garbage; `cli.main` sets another
if not __package__:             # run by its path: the package's folder is not known yet;
    # first, or each start would look for us in three folders of Python's (0.3 ms)
    sys.path.insert(0, __file__.rpartition('/')[0].rpartition('/')[0])
    try:
        start(__file__.rpartition('/')[0])
        from minishell.cli import main
    except (OSError, MemoryError) as error:
        sys.exit(f'minishell: cannot be loaded: {error}')
else:
    from minishell.cli import main

main(sys.argv)
