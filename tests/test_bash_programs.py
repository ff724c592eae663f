"""Programs for bash that others wrote, unchanged: they do under minishell what they do there.

What the system's packages `pass`, `liquidprompt`, `git` and `shunit2` bring; what
is not installed is skipped.  Their own suites are run by hand: docs/conformance.md.
"""
from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

BASH = '/bin/bash'
SYSTEM_PATH = '/usr/bin:/bin:/usr/sbin:/sbin'

PASSWORDS = """
gpg --batch --quiet --passphrase '' \\
    --quick-generate-key 'A B <a@example.org>' rsa1024 2>/dev/null
run() { echo "\\$ $*"; "$@"; echo "status $?"; }
run pass init a@example.org
run pass git init -q
run pass insert -m mail/work <<<$'secret of work\\nuser: me'
echo 'with blanks' | run pass insert -e 'a folder/of mine'
run pass show mail/work
run pass show 'a folder/of mine'
run pass mail/none
run pass generate -n site 12 | sed 's/password for .*/password/; s/^.\\{12\\}$/12 characters/'
run pass show site | tr -c '\\n' x
run pass ls
run pass find o
run pass grep blanks
run pass mv mail/work mail/home
run pass cp mail/home other/home
run pass rm -f mail/home
run pass ls
run pass rm nothing
run pass insert
run pass git log --format=%s
run pass --help | head -5
"""
PROMPTS = """
. /usr/lib/git-core/git-sh-prompt
show() { echo "$1: $(__git_ps1 ' (%s)')"; }
show 'no repository'
git init -q -b main . && show new
git config user.email a@example.org; git config user.name a
git commit -q --allow-empty -m 1; echo a >a; show plain
GIT_PS1_SHOWDIRTYSTATE=1 GIT_PS1_SHOWUNTRACKEDFILES=1 GIT_PS1_SHOWSTASHSTATE=1
show untracked; git add a; show staged; git commit -q -m 2; echo b >a; show changed
git stash -q; show stash; git checkout -q HEAD~1 2>/dev/null; show detached
GIT_PS1_DESCRIBE_STYLE=branch; show described; GIT_PS1_STATESEPARATOR='|'; show separator
git checkout -q -b side; echo c >a; git add a; git commit -q -m 3
git merge main >/dev/null 2>&1; show merging; git reset -q --hard
git rebase main >/dev/null 2>&1; show rebasing; git rebase --abort
GIT_PS1_SHOWCOLORHINTS=1; __git_ps1 'before ' ' after'; printf '%q\\n' "$PS1"
GIT_PS1_COMPRESSSPARSESTATE=1 GIT_PS1_SHOWUPSTREAM='verbose name'
git clone -q . "$HOME/clone"; cd "$HOME/clone"; git commit -q --allow-empty -m 4; show upstream
mkdir below; cd below; show below; cd ../.git; show inside
"""
LIQUID = """
complete() { :; }
. /usr/share/liquidprompt/liquidprompt --no-activate
LP_ENABLE_LOAD=0 LP_ENABLE_BATT=0 LP_ENABLE_TEMP=0 LP_ENABLE_TIME=0 LP_ENABLE_JOBS=0
lp_activate --no-config
declare -F | grep -c lp_
__lp_set_prompt 2>/dev/null || _lp_set_prompt
printf '%q\\n' "$PS1"
cd /; _lp_set_prompt 2>/dev/null; printf '%q\\n' "$PS1"
"""
TESTS = """
setUp() { value=${value-}x; }
test_equal() { assertEquals 'the same' a "${value:0:1}a" && echo not; assertEquals x x; }
test_true() { assertTrue '[ 1 -eq 1 ]'; assertFalse "[[ ${value} == y ]]"; }
test_skip() { startSkipping; fail; }
test_contains() { assertContains "${BASH_VERSION:0:1} of" 5; assertNull ''; assertNotNull $0; }
. /usr/share/shunit2/shunit2
"""


PROGRAMS = [
    ('/usr/bin/pass', 'gpg', PASSWORDS),
    ('/usr/lib/git-core/git-sh-prompt', 'git', PROMPTS),
    ('/usr/share/liquidprompt/liquidprompt', 'tput', LIQUID),
    ('/usr/share/shunit2/shunit2', 'sed', TESTS),
]


def outcome(shell: list[str], script: str, work: Path) -> tuple[int, str, str]:
    """Run a script in an empty folder that is its home, and `bash` is the shell."""
    work.mkdir()
    for name in 'bin', 'home':
        (work / name).mkdir()
    bash = work / 'bin' / 'bash'
    words = ' '.join(f"'{word}'" for word in shell)
    bash.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    bash.chmod(0o755)
    (work / 'script').write_text(script)
    done = subprocess.run(
        [bash, work / 'script'], cwd=work / 'home', capture_output=True, text=True,
        stdin=subprocess.DEVNULL, check=False, timeout=120,
        env={'PATH': f'{work}/bin:{SYSTEM_PATH}', 'HOME': str(work / 'home'),
             'GNUPGHOME': str(work / 'home'), 'LC_ALL': 'C.UTF-8', 'TERM': 'xterm',
             'GIT_CONFIG_NOSYSTEM': '1', 'USER': 'nobody', 'SHELL': '/bin/bash'})
    return done.returncode, without_chance(done.stdout), without_chance(done.stderr)


def without_chance(text: str) -> str:
    """Output without commit names and times."""
    text = re.sub(r'\b[0-9a-f]{7,40}\b', 'HASH', text)
    return re.sub(r'(?m)^gpg: .*\n', '', text)


@pytest.mark.skipif(not os.path.exists(BASH), reason='bash is not installed')
@pytest.mark.parametrize(('file', 'needed', 'script'), PROGRAMS,
                         ids=[Path(file).name for file, _, _ in PROGRAMS])
def test_a_program_does_what_it_does_on_bash(
        file: str, needed: str, script: str, minishell: list[str], tmp_path: Path) -> None:
    if not os.path.exists(file) or shutil.which(needed) is None:
        pytest.skip(f'{file} or {needed} is not installed')
    work = tmp_path / 'work'            # the same path for both
    expected = outcome([BASH], script, work)
    work.rename(tmp_path / 'of bash')
    found = outcome([*minishell, '--bash'], script, work)
    subprocess.run(['gpgconf', '--homedir', str(work / 'home'), '--kill', 'all'],
                   capture_output=True, check=False) if needed == 'gpg' else None
    assert found == expected
