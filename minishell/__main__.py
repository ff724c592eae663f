"""`python -m minishell`, or this file run by its path with `python -I -S`."""
import sys

if not __package__:             # run by its path: the package's folder is not known yet;
    # first, or each start would look for us in three folders of Python's (0.3 ms)
    sys.path.insert(0, __file__.rpartition('/')[0].rpartition('/')[0])

from minishell.cli import main  # noqa: E402

main(sys.argv)
