"""Which names are alike."""
from __future__ import annotations

import pytest

from minishell.likeness import alike, distance

NAMES = ['cat', 'grep', 'git', 'ls', 'sort', 'python3', 'systemctl', 'while', 'do', 'done',
         'INT', 'TERM', 'pipefail', 'x', 'Documents']


@pytest.mark.parametrize(('name', 'found'), [
    ('gerp', ['grep']), ('grpe', ['grep']), ('gti', ['git']), ('sl', ['ls']),
    ('sotr', ['sort']), ('pyhton3', ['python3']), ('sytsemctl', ['systemctl']),
    ('whlie', ['while']), ('don', ['done', 'do']), ('catt', ['cat']), ('Grep', ['grep']),
    ('pipefial', ['pipefail']),
    ('documets', ['Documents']), ('systemdctl', ['systemctl']),
    ('grep', []), ('q', []), ('', []), ('zzz', []), ('xylophone', []), ('y', []), ('lsblk', []),
    ('wilhe', []), ('pyhtno3', ['python3']), ('pathan3', []),
])
def test_what_is_meant(name: str, found: list[str]) -> None:
    assert alike(name, NAMES) == found


def test_distances() -> None:
    """Symmetric; nothing but for the same; never more than to begin anew."""
    words = ['', 'a', 'ab', 'ba', 'abc', 'acb', 'aab', 'Abc', 'xyz', 'abcabc']
    for one in words:
        for other in words:
            far = distance(one, other, 100)
            assert far == distance(other, one, 100)
            assert (far == 0) is (one == other)
            assert far <= 4 * max(len(one), len(other))
            assert distance(one, other, far) == far
            assert far == 0 or distance(one, other, far - 1) > far - 1
