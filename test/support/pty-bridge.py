# Runs a command under a pseudo terminal of a given size and carries bytes between it and our own stdin and stdout.
# Usage: pty-bridge.py ROWS COLUMNS COMMAND [ARGUMENT...]
# When stdin closes (also because the test died) the terminal hangs up, and soon after the command is killed.
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

GRACE_SECONDS = 3
rows, columns, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    # Wait until the size is set: a program asks for it once, at its start.
    os.read(0, 1)
    os.execvp(command[0], command)

fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
os.write(terminal, b"\n")


def write_all(target, data):
    while data:
        data = data[os.write(target, data) :]


def signal_group(number):
    try:
        os.killpg(child, number)  # The child leads a session, hence a group, of its own.
    except ProcessLookupError:
        pass


inputs = [terminal, 0]
kill_at = None
while True:
    wait = None if kill_at is None else max(0, kill_at - time.monotonic())
    ready, _, _ = select.select(inputs, [], [], wait)
    if terminal in ready:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says EIO when the last process has closed the terminal.
            break
        if not data:
            break
        try:
            write_all(1, data)
        except BrokenPipeError:
            pass
    if 0 in ready:
        typed = os.read(0, 65536)
        if typed:
            write_all(terminal, typed)
        else:
            inputs.remove(0)
            signal_group(signal.SIGHUP)
            kill_at = time.monotonic() + GRACE_SECONDS
    if kill_at is not None and time.monotonic() >= kill_at:
        break

if kill_at is not None:
    while time.monotonic() < kill_at and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.02)
    signal_group(signal.SIGKILL)
try:
    _, status = os.waitpid(child, 0)
except ChildProcessError:
    status = 0
sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
