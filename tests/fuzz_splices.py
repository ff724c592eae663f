"""Scripts of the cases with pieces deleted, doubled, swapped, or taken from each other.

Only cases that can do no harm whatever becomes of them: nothing that removes, signals, waits,
leaves the folder, or needs what a case has and a random script hasn't. And none about what
both references are known to lack.
"""
from __future__ import annotations

import functools
import random
import re

from scripts_at_hand import case_scripts

LONGEST = 600
UNFIT = re.compile(
    r'\b(rm|rmdir|mkdir|mkfifo|mv|cp|ln|chmod|kill|sleep|wait|nohup|time|date|ps|yes|head|seq'
    r'|fc|ulimit|LINENO|PATH|LC_\w+)\b|cd [/.]|/(dev|etc|tmp|bin|proc)|> ?/|~|\$SH|\$\$|\$!'
    r'|while (:|true)|until false'
    r'|[^\s\w]\w*\(\)|(^|\W)\d\w*\(\)'      # functions whose name is none
    r'|%\d+\$')                             # printf's arguments by number: not in these two
TOKEN = re.compile(r'\s+|\w+|<<-?|>>|&&|\|\||;;|\$\(\(|\$\(|\$\{|.', re.DOTALL)
INSERTED = ('(', ')', '&&', '||', ';', '{', '}', '"', "'", '\\', '$', '`', '#', '!', '\n', ' ',
            '$(', '${', '<<E\n', '|', 'fi', 'do', 'done', 'then', 'case', 'in', 'esac', ';;',
            '"$@"', '$*', '=', '-', ':', '*')


@functools.cache
def harmless_scripts() -> tuple[str, ...]:
    """The scripts of the cases that may be spliced."""
    return tuple(script for script in case_scripts('posix')
                 if len(script) <= LONGEST and not UNFIT.search(script))


class Splicer:
    """Makes one script; every choice comes from one seed, and from what cases there are."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def script(self) -> str:
        original = self.random.choice(harmless_scripts())
        for _ in range(20):
            tokens = TOKEN.findall(original)
            for _ in range(self.random.choice((1, 1, 2, 3))):
                self.change(tokens)
            changed = ''.join(tokens)
            if changed != original and not UNFIT.search(changed):
                return changed + '\n'
        return original

    def change(self, tokens: list[str]) -> None:
        """Change one place of a script."""
        at = self.random.randrange(len(tokens)) if tokens else 0
        kind = self.random.randrange(5)
        if kind == 0 or not tokens:
            tokens[at:at] = [self.random.choice(INSERTED)]
        elif kind == 1:
            del tokens[at]
        elif kind == 2:
            tokens[at:at] = [self.random.choice(tokens)]
        elif kind == 3:
            other = self.random.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        else:
            others = TOKEN.findall(self.random.choice(harmless_scripts()))
            start = self.random.randrange(len(others))
            length = self.random.randrange(1, 8)
            tokens[at:at + self.random.randrange(3)] = others[start:start + length]
