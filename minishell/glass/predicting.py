"""`trace --predict`: what the user says that will come, and how it came."""
from __future__ import annotations

from minishell.builtins.reading import read_record
from minishell.codec import decoded
from minishell.errors import BuiltinError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.glass.story import Story
    from minishell.state.shell import Shell

QUESTIONS = {
    'processes': 'How many processes will be forked?',
    'pipes': 'How many pipes will there be?',
    'signals': 'Which signals will end or stop processes (INT PIPE ...; none)?',
    'status': 'What will $? be?',
}
NONE = ('', 'none', '-', '0')


def ask(shell: Shell) -> dict[str, str]:
    """Ask the user on standard error; what he answers to what has been asked, until the end of
    the input.  Raises BuiltinError."""
    answers: dict[str, str] = {}
    for name, question in QUESTIONS.items():
        shell.tell(f'{question} ', '')
        try:
            data, found = read_record(shell, shell.input, b'\n', True)
        except OSError as error:
            raise BuiltinError(f'standard input: {error.strerror}') from None
        if not found:
            shell.tell('')
            break
        answers[name] = decoded(data).strip()
    return answers


def mark(story: Story, answers: dict[str, str]) -> str:
    """Lines that compare the answers with what came."""
    right, lines = 0, []
    for name, answer in answers.items():
        fact = _fact(story, name)
        foretold = _same(name, answer, fact)
        right += foretold
        lines.append(f'{name}: {fact}, ' + ('as foretold' if foretold else
                                            f'not {answer or "what was left open"}'))
    return '\n'.join([*lines, f'foretold: {right} of {len(lines)}']) + '\n'


def _fact(story: Story, name: str) -> str:
    if name == 'processes':
        return str(len(story['procs']) - 1)
    if name == 'pipes':
        return str(sum(each['kind'] == 'pipe' and each['name'] is None
                       for each in story['objects']))
    if name == 'status':
        return str(story['status'])
    ended = [str(process['end']['signal']) for process in story['procs']
             if process['end'] is not None and 'signal' in process['end']]
    stopped = [step['text'].partition(' ')[2] for step in story['steps'] if step['k'] == 'stop']
    return ' '.join(sorted({name.removeprefix('SIG') for name in ended + stopped})) or 'none'


def _same(name: str, answer: str, fact: str) -> bool:
    if name != 'signals':
        return answer == fact
    words = answer.upper().replace(',', ' ').split()
    given = {word.removeprefix('SIG') for word in words if word.lower() not in NONE}
    return given == (set() if fact == 'none' else set(fact.split()))
