"""Prints what comes through the FIFO `tube` (lesson 33)."""
with open('tube') as tube:
    print('Reçu :', tube.read())
