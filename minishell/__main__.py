"""`python -m minishell`, or this file run by its path with `python -I -S`."""
import sys


def start_from_image(folder: str) -> bool:
    """Load the modules as `image.py` says; false if there is no image that holds."""
    import marshal
    import posix
    try:
        fd = posix.open(f'{folder}/__pycache__/image.{sys.hexversion:x}', posix.O_CLOEXEC)
    except OSError:
        return False
    try:
        index = marshal.loads(posix.read(fd, int.from_bytes(posix.read(fd, 8), 'little')))
        names = {'__name__': 'minishell.image'}
        exec(index[0], names)
        return bool(names['load'](folder, fd, index))   # type: ignore[operator]
    except (EOFError, ValueError, TypeError):
        return False
    finally:
        posix.close(fd)


def start(folder: str) -> None:
    """Load the modules; one by one for those who ask Python what it imports."""
    if 'importtime' in sys._xoptions or start_from_image(folder):
        return
    from minishell.image import write_while_importing
    write_while_importing(folder)


if not __package__:             # run by its path: the package's folder is not known yet;
    # first, or each start would look for us in three folders of Python's (0.3 ms)
    sys.path.insert(0, __file__.rpartition('/')[0].rpartition('/')[0])
    start(__file__.rpartition('/')[0])

from minishell.cli import main  # noqa: E402

main(sys.argv)
