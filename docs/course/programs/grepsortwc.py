"""grep REGEX FILE | sort -uf | wc -l: three processes and two pipes (lesson 28)."""
import os
import sys


def start(program, reading, writing, unused):
    """Fork a child that becomes a program, its input and output at ends of pipes."""
    pid = os.fork()
    if pid == 0:
        if reading is not None:
            os.dup2(reading, 0)
        if writing is not None:
            os.dup2(writing, 1)
        for end in unused:
            os.close(end)
        os.execvp(program[0], program)
    return pid


regex, name = sys.argv[1:]
first, second = os.pipe(), os.pipe()
every = (*first, *second)
pids = [start(['grep', regex, name], None, first[1], every),
        start(['sort', '-uf'], first[0], second[1], every),
        start(['wc', '-l'], second[0], None, every)]
for end in every:       # or nobody would see the end of a pipe
    os.close(end)
for pid in pids:
    os.waitpid(pid, 0)
