"""Random keys: whatever is typed, the prompt is there again behind Ctrl-C, and the terminal as
it was behind `exit`.  MINISHELL_KEYS says how many sequences are typed."""
from __future__ import annotations

import os
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Terminal

    Start = Callable[..., Terminal]

pytest.importorskip('prompt_toolkit')
COUNT = int(os.environ.get('MINISHELL_KEYS', '60'))
ESCAPE = b'\x1b'
# No command can come of the letters, and PATH leads nowhere.
LETTERS = [c.encode() for c in 'aabbzz    \'"$\\`{[(|&;<>!#^~*?@%/.:-=+_0123é語\u0301👩🏽']
CONTROLS = [bytes([code]) for code in range(32) if code not in b'\3\4'] + [b'\x7f']
WORDS = [b'!!', b'!-1:p', b'^a^b', b'@cwd', b'cdwb"_ipoJ~RuvGk', b'2dw', b'3x', b'.', b"ci'",
         b'da"', b'\x18\x05', b'\x18\x15', b'\xff', b'\xe8\xaa', b'a' * 50, b'if a', b'"a\nb']
SEQUENCES = [
    b'[A', b'[B', b'[C', b'[D', b'[H', b'[F', b'[3~', b'[5~', b'[6~', b'[1;5C', b'[1;2D', b'OP',
    b'OS',
    b'[200~$ a\rb\x1b[201~', b'[200~\x1b[201~', b'[24;80R', b'[<0;1;1M', b'[I', b'', b'b',
    b'f', b'd', b'.', b'<', b'>', b'/', b'^', b'r', b'\r', b'\x1f', b'2', b'-']
KEYS = st.sampled_from(LETTERS + CONTROLS + WORDS + [ESCAPE + end for end in SEQUENCES])


@pytest.mark.parametrize('mode', ['emacs', 'vi'])
def test_no_keys_cost_the_prompt_or_the_terminal(
    mode: str, start: Start, tmp_path: Path,
) -> None:
    for name in ('a', 'ab', 'b語'):
        (tmp_path / name).mkdir()
    terminal = start(echo=True, TERM='xterm', PS1='$ ', HISTFILE='h', VISUAL=':',
                     PATH='/nosuch')
    fd = terminal.child.child_fd
    terminal.type(f'set -o ignoreeof {mode}; stop=end; echo 0$stop\r')
    terminal.until('0end')
    tried = 0

    @settings(max_examples=COUNT, deadline=None, database=None, phases=[Phase.generate],
              derandomize='MINISHELL_KEYS' not in os.environ,
              suppress_health_check=list(HealthCheck))
    @given(st.lists(KEYS, max_size=12))
    def type_keys(keys: list[bytes]) -> None:
        nonlocal tried
        tried += 1
        os.write(fd, b''.join(keys) + b'z' + ESCAPE)    # z ends what wants another key
        until_read(terminal)            # Ctrl-C drops what has not been
        os.write(fd, b'\3')
        os.write(fd, f' echo {tried}$stop\r'.encode())  # a byte may be taken to be older
        shown = terminal.until(f'{tried}end')
        assert 'Traceback' not in shown and 'xception' not in shown, (keys, shown)

    type_keys()
    terminal.type('exit 0\rexit 0\r')      # twice: there may be stopped jobs
    terminal.child.expect_exact(pexpect.EOF)
    assert termios.tcgetattr(fd)[:4] == modes_of_a_new_one()
    assert terminal.end() == 0


def modes_of_a_new_one() -> list[object]:
    """The modes that a terminal has at first; the shell may have set others at once."""
    ends = os.openpty()
    try:
        return termios.tcgetattr(ends[0])[:4]
    finally:
        for end in ends:
            os.close(end)


def until_read(terminal: Terminal) -> None:
    """Wait until the shell sleeps and has said what it has to say: it has read all then."""
    def asleep() -> bool:
        if not terminal.silent():
            terminal.child.read_nonblocking(4096, timeout=0)
            return False
        state = Path(f'/proc/{terminal.pid}/stat').read_text().rpartition(')')[2].split()[0]
        return state == 'S' and terminal.silent()
    terminal.until_true(asleep)
