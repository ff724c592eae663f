"""Option parsing shared by the built-in utilities (XBD 12.2, the utility syntax guidelines)."""
from __future__ import annotations

from minishell.errors import SynopsisError


def parse_options(argv: list[str], flags: str, with_argument: str = '',
                  ) -> tuple[dict[str, str], list[str]]:
    """Split argv[1:] into options and operands.

    The dict maps each option letter given to its argument ('' for a plain flag; the last
    one counts), in the order in which they were given last.  Raises SynopsisError for an
    unknown letter or a missing argument.
    """
    options: dict[str, str] = {}
    index = 1
    while index < len(argv):
        word = argv[index]
        if len(word) < 2 or word[0] != '-':
            break
        index += 1
        if word == '--':
            break
        at = 1
        while at < len(word):
            letter = word[at]
            at += 1
            options.pop(letter, None)
            if letter in flags:
                options[letter] = ''
            elif letter in with_argument:
                if at < len(word):
                    options[letter] = word[at:]
                elif index < len(argv):
                    options[letter] = argv[index]
                    index += 1
                else:
                    raise SynopsisError(f'-{letter}: option requires an argument')
                break
            else:
                raise SynopsisError(f'-{letter}: invalid option')
    return options, argv[index:]
