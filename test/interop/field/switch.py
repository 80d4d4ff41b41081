"""A switch for TAP interfaces of network namespaces, with bad weather on each of its ports.

Kernels without sch_netem cannot delay, reorder or repeat packets; this does it for every packet that passes.
Standard input takes lines of JSON: {"plug": name, "namespace": ..., "interface": ...} attaches an interface that exists,
{"set": name, ...} changes its lan, cut, loss, delay, jitter, reorder, duplicate or rate (bit/s; 0: no bound), and
{"count": id} is answered with the bytes each port has sent and was given.
"""
import ctypes
import fcntl
import heapq
import itertools
import json
import os
import random
import select
import struct
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI, CLONE_NEWNET = 0x400454CA, 0x0002, 0x1000, 0x40000000
# Bytes that wait behind a narrow place before more are dropped, as in a household's router.
BACKLOG = 30_000
LIBC = ctypes.CDLL(None, use_errno=True)


class Port:
    def __init__(self, fd):
        self.fd = fd
        self.lan, self.cut = 0, False
        self.loss = self.reorder = self.duplicate = 0.0
        self.delay = self.jitter = 0.0
        self.rate = 0
        # When the narrow place has passed on all it was given, in each direction.
        self.free = {"up": 0.0, "down": 0.0}
        self.sent = self.given = self.lost = 0

    def narrow(self, way, size, at):
        """When a packet is through the narrow place; None if its queue is full."""
        if self.rate == 0:
            return at
        begins = max(at, self.free[way])
        if (begins - at) * self.rate / 8 > BACKLOG:
            return None
        self.free[way] = begins + size * 8 / self.rate
        return self.free[way]


def attach(namespace, interface):
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    other = os.open("/run/netns/" + namespace, os.O_RDONLY)
    try:
        if LIBC.setns(other, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", interface.encode(), IFF_TAP | IFF_NO_PI))
        return fd
    finally:
        LIBC.setns(own, CLONE_NEWNET)
        os.close(own)
        os.close(other)


def main():
    ports, by_fd, places = {}, {}, {}
    waiting, order, last = [], itertools.count(), {}
    poll = select.epoll()
    poll.register(0, select.EPOLLIN)
    os.set_blocking(0, False)
    text = b""

    def send(one, other, frame):
        if one.cut or other.cut or random.random() < 1 - (1 - one.loss) * (1 - other.loss):
            one.lost += 1
            return
        now = time.monotonic()
        due = one.narrow("up", len(frame), now)
        due = None if due is None else other.narrow("down", len(frame), due)
        if due is None:
            one.lost += 1
            return
        due += (one.delay + other.delay + random.random() * (one.jitter + other.jitter)) / 1000
        way = (one.fd, other.fd)
        # Only what is reordered overtakes: TCP would take everything else for loss.
        if random.random() < max(one.reorder, other.reorder):
            due = now
        else:
            due = last[way] = max(due, last.get(way, 0.0))
        heapq.heappush(waiting, (due, next(order), other, frame))
        if random.random() < max(one.duplicate, other.duplicate):
            heapq.heappush(waiting, (due + 0.001, next(order), other, frame))

    def heard(port):
        for _ in range(64):
            try:
                frame = os.read(port.fd, 65_536)
            except OSError:
                return
            port.sent += len(frame)
            target, source = frame[:6], frame[6:12]
            places[source] = port
            found = places.get(target)
            for other in [found] if found is not None else ports.values():
                if other is not port and other.lan == port.lan:
                    send(port, other, frame)

    def obey(line):
        command = json.loads(line)
        if "plug" in command:
            port = Port(attach(command["namespace"], command["interface"]))
            ports[command["plug"]] = port
            by_fd[port.fd] = port
            poll.register(port.fd, select.EPOLLIN)
        elif "set" in command:
            port = ports[command.pop("set")]
            for name, value in command.items():
                setattr(port, name, value)
        else:
            counts = {name: [port.sent, port.given, port.lost] for name, port in ports.items()}
            print(json.dumps({"id": command["count"], "result": counts}), flush=True)

    while True:
        pause = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 60
        for fd, event in poll.poll(pause):
            if fd == 0:
                chunk = os.read(0, 65_536)
                if chunk == b"":
                    return
                *lines, text = (text + chunk).split(b"\n")
                for line in lines:
                    obey(line)
            elif event & select.EPOLLIN:
                heard(by_fd[fd])
            else:
                # The interface is down: no error may turn this into a busy loop.
                time.sleep(0.001)
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, port, frame = heapq.heappop(waiting)
            try:
                port.given += os.write(port.fd, frame)
            except OSError:
                port.lost += 1


main()
