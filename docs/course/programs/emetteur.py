"""Sends a text through the FIFO `tube` to whoever reads it (lesson 33)."""
import os

if not os.path.exists('tube'):
    os.mkfifo('tube', 0o600)
with open('tube', 'w') as tube:
    tube.write('Coucou...')
