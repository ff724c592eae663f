"""Scripts at hand with bytes deleted, doubled, swapped, taken from each other, or strange.

No grammar is known here: where a piece begins and ends is a matter of chance.
"""
from __future__ import annotations

import functools
import random
import re

from scripts_at_hand import all_scripts

WINDOW = 1500                   # bytes of a long script that are taken at once
TOKEN = re.compile(rb'\s+|\w+|.', re.DOTALL)
STRANGE = (
    b'\0', b'\x01', b'\x1b', b'\x7f', b'\x80', b'\xc2', b'\xff', b'\r', b'\v', b'\t', b'\n',
    b'\xc2\xa0', b'\xc2\xb2', b'\xd9\xa1', b'\xe2\x80\xa8', b'\xed\xa0\x80',
    b'\xf0\x9f\x90\x9a',
    b'9' * 5000, b'0' * 5000, b'9' * 20, b'4294967296', b'2147483648', b'-1', b'-' + b'9' * 30,
    b'x' * 3000, b'[' * 200, b'(' * 50, b'$(' * 30, b'`' * 3, b'"' * 3, b'{' * 40, b'\\\n',
    b'\\',
    b'${', b'}', b'$((', b'))', b'((', b'[[ ', b' ]]', b'<<E\n', b'\nE\n', b'<<-"E"\n', b"$'",
    b'"', b"'", b'`', b'$', b'&', b'|', b';', b';;', b';&', b'&>', b'<(', b'>&', b'<<<', b'|&',
    b'@', b'*', b'#', b'!', b'?', b'~', b'=', b'+=', b':', b'/', b'^', b',', b'%', b'-',
    b'${@', b'${*', b'${!', b'${#', b'[0]', b'[@]', b'//', b'@Q', b':1:2', b'1<<99', b'2**64',
    b' if ', b' then ', b' fi ', b' do ', b' done ', b' in ', b' esac ', b' case ', b' for ',
    b' function ', b' ! ', b' { ', b' } ', b'()', b'\nfi\n', b'\ndone\n',
)


@functools.cache
def scripts() -> tuple[bytes, ...]:
    """What is mutated."""
    return all_scripts()


class Mutator:
    """Makes one input; every choice comes from one seed, and from what scripts there are.

    `sources` are the scripts it starts from and takes pieces of.
    """

    def __init__(self, seed: int, sources: tuple[bytes, ...] | None = None) -> None:
        self.random = random.Random(seed)
        self.sources = scripts() if sources is None else sources

    def mutated(self) -> bytes:
        """A script in which a few places have changed, perhaps cut off somewhere."""
        data = bytearray(self.window())
        for _ in range(self.random.choice((1, 1, 1, 2, 2, 3, 5, 8))):
            self.change(data)
        if self.random.random() < 0.25:
            del data[self.random.randrange(len(data) + 1):]
        return bytes(data)

    def window(self) -> bytes:
        """A script, or some lines of a long one."""
        data = self.random.choice(self.sources)
        if len(data) <= WINDOW:
            return data
        start = self.random.randrange(len(data) - WINDOW)
        return data[data.find(b'\n', start) + 1:start + WINDOW]

    def chunk(self, data: bytes | bytearray, most: int = 40) -> bytes:
        """Some bytes of it."""
        start = self.random.randrange(len(data) + 1)
        return bytes(data[start:start + self.random.randrange(1, most)])

    def token(self, data: bytes) -> bytes:
        """Some tokens of it."""
        tokens = TOKEN.findall(data[:WINDOW]) or [b'']
        start = self.random.randrange(len(tokens))
        return b''.join(tokens[start:start + self.random.choice((1, 1, 2, 3, 6))])

    def change(self, data: bytearray) -> None:
        """Change one place."""
        choice = self.random
        at = choice.randrange(len(data) + 1)
        kind = choice.randrange(8)
        if kind == 0:
            data[at:at] = choice.choice(STRANGE)
        elif kind == 1:
            data[at:at + 1] = choice.choice(STRANGE)
        elif kind == 2:
            data[at:at] = bytes((choice.randrange(256),))
        elif kind == 3:
            del data[at:at + choice.choice((1, 1, 1, 2, 4, 20))]
        elif kind == 4:
            piece = self.chunk(data)
            data[at:at] = piece * choice.choice((1, 1, 2, 3, 50))
        elif kind == 5:
            first, second = sorted((at, choice.randrange(len(data) + 1)))
            width = choice.randrange(1, 12)
            left, right = data[first:first + width], data[second:second + width]
            if second >= first + width:
                data[second:second + width] = left
                data[first:first + width] = right
        elif kind == 6:
            other = choice.choice(self.sources)
            data[at:at + choice.choice((0, 0, 1, 5))] = self.token(other)
        else:
            other = choice.choice(self.sources)
            data[at:at + choice.choice((0, 10, 60))] = self.chunk(other, 80)
