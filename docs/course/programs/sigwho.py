"""Waits for SIGINT and says who has sent it: the fields of sigwaitinfo(2) (lesson 23)."""
import signal

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
print('pret', flush=True)
found = signal.sigwaitinfo({signal.SIGINT})
print(f'SIGINT: si_code {found.si_code}, si_pid {found.si_pid}')
