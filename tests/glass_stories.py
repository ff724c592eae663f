"""Stories written by hand, a step a line: `0.4 sh fork P1: grep x f` (ms, who, what)."""
from __future__ import annotations

import re
from typing import Any

SHELL_FDS = {'0': 'tty', '1': 'tty', '2': 'tty'}


def told(command: str, text: str, **others: Any) -> dict[str, Any]:
    """The story of a command from its steps; what they say of descriptors is replayed."""
    teller = Teller(command)
    for line in text.strip().splitlines():
        if line.strip():
            ms, who, what = line.split(None, 2)
            teller.tell(float(ms) / 1000, who, what)
    return teller.end() | others


class Teller:
    def __init__(self, command: str) -> None:
        self.t = 0.0
        self.procs: dict[str, dict[str, Any]] = {}
        self.objects: dict[str, dict[str, Any]] = {}
        self.fds: dict[str, dict[str, str]] = {}
        self.fill: dict[str, int] = {}
        self.story: dict[str, Any] = {
            'version': 1, 'command': command, 'engine': 'ptrace', 'incomplete': [], 'notes': [],
            'stops': 0, 'duration': 0.0, 'status': 0, 'pipestatus': [0],
            'procs': [], 'objects': [], 'tty': [], 'steps': []}
        self.born('sh', None, '', dict(SHELL_FDS))
        self.procs['sh'].update(argv=['minishell'], node=None)

    def born(self, name: str, parent: str | None, source: str, fds: dict[str, str]) -> None:
        number = 4200 + len(self.procs)
        at = self.story['command'].find(source)
        self.procs[name] = {
            'id': name, 'pid': number, 'ppid': self.procs[parent]['pid'] if parent else 4100,
            'pgid': number if name in ('sh', 'P1') else 4201, 'parent': parent, 'argv': [],
            'node': [source, at, at + len(source)] if source and at >= 0 else None,
            'born': self.t, 'exec': None, 'died': None, 'reaped': None, 'end': None,
            'segs': []}
        self.fds[name] = fds
        self.story['procs'].append(self.procs[name])

    def tell(self, t: float, who: str, what: str) -> None:
        self.t = t
        verb, _, rest = what.partition(' ')
        step: dict[str, Any] = {
            'seq': len(self.story['steps']) + 1, 't': t, 'p': who, 'k': verb, 'obj': None,
            'to': None, 'text': what, 'say': f'{who} {what}', 'conf': 'exact', 'fds': None}
        if (found := re.search(r'[①-⑳]', what)):
            step['obj'] = found[0]
        before = dict(self.fds[who])
        method = getattr(self, 'do_' + verb.replace('$?', 'status'), None)
        if '→' in verb:
            self.do_dup2(step, verb)
        elif verb[0] == '†':
            self.do_exit(step, verb)
        elif verb[0] == '"':
            step.update(k='write', say=f'{who} writes {what} to the terminal')
        elif ' by ' in what:
            step.update(k='signal.delivered', text=f'signal {what}',
                        say=f'{who} receives {what}')
        elif method is not None:
            method(step, rest)
        elif verb[:3] == '$?=':
            step.update(k='end', say=f'The shell sets {verb}')
        if self.fds.get(who) != before or step['seq'] == 1:
            step['fds'] = dict(self.fds[who])
        self.story['steps'].append(step)
        self.count()

    def count(self) -> None:
        """Who holds what, behind a step."""
        for name, one in self.objects.items():
            ends = {end: [p for p, fds in self.fds.items() if name + end in fds.values()]
                    for end in 'rw'}
            now = {'readers': ends['r'], 'writers': ends['w'], 'fill': self.fill[name]}
            last = one['holders'][-1:]
            if not last or any(last[0][key] != now[key] for key in now):
                one['holders'].append({'t': self.t} | now)

    def made(self, name: str, kind: str, path: str | None = None) -> None:
        if name not in self.objects:
            self.objects[name] = {'id': name, 'kind': kind, 'name': path, 'bytes': 0,
                                  'holders': []}
            self.story['objects'].append(self.objects[name])
            self.fill[name] = 0

    def hold(self, who: str, what: str) -> None:
        free = next(n for n in range(3, 30) if str(n) not in self.fds[who])
        self.fds[who][str(free)] = what

    def do_pipe(self, step: dict[str, Any], name: str) -> None:
        self.made(name, 'pipe')
        self.hold(step['p'], name + 'r')
        self.hold(step['p'], name + 'w')
        step['say'] = f'{step["p"]} makes the pipe {name}'

    def do_open(self, step: dict[str, Any], rest: str) -> None:
        """open f, open ff=①r"""
        path, _, end = rest.partition('=')
        if end:
            self.made(end[0], 'fifo', path)
            self.hold(step['p'], end)
        step.update(text=f'open {end[:1] or path}', say=f'{step["p"]} opens {path}')

    def do_fork(self, step: dict[str, Any], rest: str) -> None:
        child, _, source = rest.partition(': ')
        self.born(child, step['p'], source, dict(self.fds[step['p']]))
        step.update(to=child, text=f'fork {child}',
                    say=f'{step["p"]} forks {child}: a copy with the same descriptors')

    def do_close(self, step: dict[str, Any], end: str) -> None:
        fds = self.fds[step['p']]
        numbers = [fd for fd, what in fds.items() if what == end]
        fds.pop(max(numbers, key=int))
        side = 'reading' if end[-1] == 'r' else 'writing'
        step['say'] = f'{step["p"]} closes its {side} end of {end[:-1]}'

    def do_dup2(self, step: dict[str, Any], verb: str) -> None:
        name, _, fd = verb.partition('→')
        self.fds[step['p']][fd] = name + ('r' if fd == '0' else 'w')
        step.update(k='dup2', say=f'{step["p"]}: its descriptor {fd} is {name}')

    def do_exec(self, step: dict[str, Any], rest: str) -> None:
        self.procs[step['p']].update(argv=rest.split(), exec=self.t)
        step.update(text='exec ' + rest.split()[0], say=f'{step["p"]} becomes {rest}')

    def do_read(self, step: dict[str, Any], rest: str) -> None:
        if step['obj']:
            self.fill[step['obj']] -= size_of(rest)
        step['say'] = f'{step["p"]} reads {rest}'

    def do_write(self, step: dict[str, Any], rest: str) -> None:
        if step['obj']:
            self.fill[step['obj']] += size_of(rest)
            self.objects[step['obj']]['bytes'] += size_of(rest)
        step['say'] = f'{step["p"]} writes {rest}'

    def do_EOF(self, step: dict[str, Any], rest: str) -> None:      # noqa: N802
        step.update(k='eof', say=f'{step["p"]} reads the end of {rest}: nobody can write to it')

    def do_EPIPE(self, step: dict[str, Any], rest: str) -> None:    # noqa: N802
        step.update(k='epipe', say=f'{step["p"]} writes into {rest}, nobody can read: EPIPE')

    def do_exit(self, step: dict[str, Any], rest: str) -> None:
        who = self.procs[step['p']]
        who.update(died=self.t, end={'signal': rest[1:], 'core': False} if rest[0] == '†'
                   else {'exit': int(rest)})
        self.fds[step['p']].clear()
        step.update(k='exit', say=f'{step["p"]} ends: {step["text"]}')

    def do_reap(self, step: dict[str, Any], rest: str) -> None:
        self.procs[rest]['reaped'] = self.t
        step.update(to=rest, say=f'{step["p"]} has waited for {rest}')

    def do_tty(self, step: dict[str, Any], rest: str) -> None:
        self.story['tty'].append({'t': self.t, 'procs': rest.split('+')})
        step['say'] = f'The terminal belongs to {rest}'

    def pause(self, step: dict[str, Any], state: str, why: str) -> None:
        self.procs[step['p']]['segs'].append(
            {'from': self.t, 'to': None, 'state': state, 'why': why, 'evidence': 'model'})

    def resume(self, step: dict[str, Any]) -> None:
        self.procs[step['p']]['segs'][-1]['to'] = self.t

    def do_block(self, step: dict[str, Any], rest: str) -> None:
        self.pause(step, 'asleep', rest)
        step.update(text=rest, say=f'{step["p"]} sleeps: {rest}')

    def do_wake(self, step: dict[str, Any], rest: str) -> None:
        self.resume(step)

    def do_stop(self, step: dict[str, Any], rest: str) -> None:
        self.pause(step, 'stopped', rest)
        step.update(text='stopped', say=f'{step["p"]} is stopped by {rest}')

    def do_continue(self, step: dict[str, Any], rest: str) -> None:
        self.resume(step)

    def end(self) -> dict[str, Any]:
        for one in self.procs.values():
            for seg in one['segs']:
                seg['to'] = self.t if seg['to'] is None else seg['to']
        self.story['duration'] = self.t
        return self.story


def size_of(text: str) -> int:
    """① 16 B"""
    return int(text.split()[-2])


PIPELINE = told('grep x f | sort -uf | wc -l', """
6.1 sh pipe ①
8.9 sh fork P1: grep x f
10.1 sh tty P1+P2+P3
11.5 sh close ①w
11.6 P1 close ①r
11.9 P1 ①→1
12.3 P1 close ①w
12.6 sh pipe ②
13.6 sh fork P2: sort -uf
16.2 sh close ①r
16.6 sh close ②w
18.8 sh fork P3: wc -l
20.9 P2 close ②r
21.2 P2 ①→0
21.4 P2 close ①r
21.6 P1 exec grep x f
21.8 P3 ②→0
22.3 P2 ②→1
22.9 P2 close ②w
23.4 sh close ②r
24.1 P3 close ②r
25.9 P2 exec sort -uf
26.5 P3 exec wc -l
28.1 P2 block read ①: it is empty
28.6 sh wait
28.8 sh block wait: for a child to end
29.0 P3 block read ②: it is empty
29.1 P1 open f
29.4 P1 read f 19 B
29.5 P1 write ① 16 B
29.6 P2 wake
29.7 P2 read ① 16 B
29.8 P1 close ①w
29.9 P2 EOF ①
30.1 P1 exit 0
30.3 P2 write ② 8 B
30.4 P3 wake
30.6 P3 read ② 8 B
30.8 P2 close ①r
31.0 P2 close ②w
31.4 P3 EOF ②
31.7 P2 exit 0
32.0 P3 "2\\n"
32.4 P3 close ②r
32.8 P3 exit 0
33.1 sh wake
33.5 sh reap P1
34.1 sh reap P2
34.7 sh reap P3
35.1 sh tty sh
35.4 sh $?=0
""", stops=253, pipestatus=[0, 0, 0])

CTRL_C = told('sleep 100 | cat', """
0.7 sh pipe ①
2.1 sh fork P1: sleep 100
4.0 sh tty P1+P2
4.9 sh close ①w
5.2 P1 close ①r
5.9 P1 ①→1
6.2 P1 close ①w
9.2 sh fork P2: cat
10.3 P1 exec sleep 100
11.2 P2 ①→0
11.9 P2 close ①r
12.5 P1 block sleep: for the clock
13.7 sh close ①r
14.5 sh wait
14.6 sh block wait: for a child to end
15.5 P2 exec cat
17.3 P2 block read ①: it is empty
1150.7 P2 wake
1150.8 P2 SIGINT by tty
1150.9 P1 wake
1151.0 P1 SIGINT by tty
1151.2 P2 †SIGINT
1151.4 P1 †SIGINT
1152.2 sh wake
1152.4 sh reap P1
1152.9 sh reap P2
1153.8 sh tty sh
1155.1 sh $?=130
""", status=130, pipestatus=[130, 130])

YES = told('yes | head -1', """
0.5 sh pipe ①
2.0 sh fork P1: yes
4.1 sh tty P1+P2
5.0 sh close ①w
5.3 P1 close ①r
5.6 P1 ①→1
5.9 P1 close ①w
7.1 sh fork P2: head -1
8.3 P1 exec yes
9.2 P2 ①→0
9.9 P2 close ①r
10.5 sh close ①r
10.9 sh wait
11.0 sh block wait: for a child to end
11.4 P1 write ① 8192 B
11.6 P1 write ① 8192 B
11.8 P1 write ① 8192 B
11.9 P1 write ① 8192 B
12.0 P1 write ① 8192 B
12.2 P1 write ① 8192 B
12.4 P1 write ① 8192 B
12.6 P1 write ① 8192 B
12.7 P1 block write ①: it is full
13.2 P2 exec head -1
15.4 P2 read ① 8192 B
15.5 P1 wake
15.6 P1 write ① 8192 B
15.7 P2 "y\\n"
15.8 P1 block write ①: it is full
15.9 P2 close ①r
16.0 P1 wake
16.1 P1 EPIPE ①
16.2 P1 SIGPIPE by kernel
16.4 P2 exit 0
16.6 P1 †SIGPIPE
17.7 sh wake
17.8 sh reap P1
18.2 sh reap P2
19.1 sh tty sh
19.3 sh $?=0
""", pipestatus=[141, 0])

BACKGROUND = told('(sleep 1; exit 7) & wait $!', """
4.0 sh fork P1: (sleep 1; exit 7)
7.7 sh wait
7.8 sh block wait: for P1 to end
9.0 P1 fork P2: sleep 1
10.9 P1 wait
11.1 P1 block wait: for P2 to end
12.5 P2 exec sleep 1
16.0 P2 block sleep: for the clock
1016.2 P2 wake
1016.9 P2 exit 0
1017.1 P1 wake
1017.9 P1 reap P2
1018.4 P1 exit 7
1018.7 sh SIGCHLD by P1
1019.0 sh wake
1019.9 sh reap P1
1020.9 sh $?=7
""", status=7, pipestatus=[7])

FIFO = told('mkfifo ff; cat <ff & sleep .1; echo hi >ff; wait', """
3.9 sh fork P1: cat <ff
6.9 P1 block open ff: nobody has opened the other end
9.2 sh fork P2: sleep .1
10.4 sh tty P2
11.3 sh wait
11.4 sh block wait: for P2 to end
12.9 P2 exec sleep .1
17.3 P2 block sleep: for the clock
117.6 P2 wake
118.1 P2 exit 0
118.9 sh wake
119.6 sh reap P2
120.8 sh tty sh
121.4 P1 wake
122.1 P1 open ff=①r
122.3 sh open ff=①w
122.6 P1 ①→0
122.7 P1 close ①r
123.2 sh write ① 3 B
123.6 sh close ①w
123.8 sh wait
123.9 sh block wait: for P1 to end
124.3 P1 exec cat
125.9 P1 read ① 3 B
126.0 P1 "hi\\n"
126.2 P1 EOF ①
126.3 P1 close ①r
126.6 P1 exit 0
128.2 sh wake
128.6 sh reap P1
129.1 sh $?=0
""")

CTRL_Z = told('sleep 3 | cat', """
0.4 sh pipe ①
2.0 sh fork P1: sleep 3
3.1 sh tty P1+P2
3.6 sh close ①w
3.8 P1 close ①r
4.0 P1 ①→1
4.2 P1 close ①w
4.4 sh fork P2: cat
5.5 P1 exec sleep 3
6.5 P2 ①→0
7.0 P2 close ①r
7.4 sh close ①r
8.0 sh wait
8.1 sh block wait: for a child to end
9.1 P1 block sleep: for the clock
10.7 P2 exec cat
13.4 P2 block read ①: it is empty
964.6 P2 wake
964.7 P2 SIGTSTP by tty
964.7 P1 wake
964.8 P1 SIGTSTP by tty
964.8 P1 stop SIGTSTP
964.9 P2 stop SIGTSTP
965.0 sh wake
965.3 sh tty sh
965.5 sh $?=148
""", status=148, pipestatus=[148])

SITUATIONS = {'pipeline': PIPELINE, 'ctrl-c': CTRL_C, 'yes': YES, 'background': BACKGROUND,
              'fifo': FIFO, 'ctrl-z': CTRL_Z}
