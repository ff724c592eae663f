"""`python -m minishell`, or this file run by its path with `python -I -S`."""
import sys

if not __package__:             # run by its path: the package's folder is not known yet
    sys.path.append(__file__.rpartition('/')[0].rpartition('/')[0])

from minishell.cli import main  # noqa: E402

main(sys.argv)
