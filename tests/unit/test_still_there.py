"""What a command needs to be there, as far as that is plain."""
from __future__ import annotations

import pytest

from minishell.interactive.still_there import is_gone, needed

pytest.importorskip('prompt_toolkit')


@pytest.mark.parametrize(('text', 'files'), [
    ('cd a', ['a']), ('cd -P a/b && make x/y', ['a/b']), ('cd a; ls b/c', ['a']), ('cd -', []),
    ('cd "a b"', []), ('cd $x/y', []), ('pushd +1', []), ('cat a/b c | sort d/e', ['a/b']),
    ('./configure --prefix=/opt/x', ['./configure']), ('~/bin/f x/y', ['~/bin/f']),
    ('A=/b/c cat d/e', []), ('python3 -m x ~/s/t.py', ['~/s/t.py']), ('tail -n 5 a/b', ['a/b']),
    # What makes files, what is no file:
    ('mkdir -p a/b', []), ('git checkout origin/main', []), ('sed s/a/b/ c/d', []),
    ('touch a/b', []), ('cp a/b c/d', []), ('echo a/b', []), ('curl http://a/b', []),
    ('cat >a/b', []), ('sort < a | cat', ['a']), ('sort <a/b >c', ['a/b']), ('wc <<E', []),
    ('cat <(ls a/b)', []), ('x <$f', []), ('<', []), ('ls a/*', []), ('', []), ('  ', []),
    ('# a/b', []),
    ('cat <<E\na/b\nE', []), ('for x in a/b; do :; done', []), ('rm -r a/b -- c/d',
                                                                ['a/b', 'c/d']),
])
def test_files_that_are_needed(text: str, files: list[str]) -> None:
    assert needed(text) == files


def test_what_cannot_be_seen_is_not_gone() -> None:
    assert [is_gone(path) for path in ('/', '/no such file', '/dev/null/x', 'a\0b',
                                       'x' * 5000)] == [0, 1, 1, 0, 0]
