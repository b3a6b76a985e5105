#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""hoard-proxy.py LISTEN-ADDRESS:PORT TARGET-ADDRESS:PORT

A network that holds packets back. Stands before a target and copies both ways
until SIGUSR1: from then on all that the initiator sends is acknowledged and
kept, the target is told neither of it nor of the initiator's end, and new
connections get no answer. SIGUSR2 delivers what is kept; then those connections
end and new ones are copied again. Prints one line for each:
  hoarding / delivered BYTES
"""
import collections
import signal
import socket
import sys
import threading

lock = threading.Condition()
connections = []
silent = []
state = {"hoarding": False}


class Connection:
    def __init__(self, client, address):
        self.client = client
        self.target = socket.create_connection(address)
        for sock in (self.client, self.target):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.hoard = collections.deque()
        self.hoarded = False
        self.ended = False

    def from_client(self):
        """The initiator's bytes, to the target or into the hoard."""
        try:
            while data := self.client.recv(262144):
                with lock:
                    if state["hoarding"]:
                        self.hoarded = True
                    if self.hoarded:
                        self.hoard.append(data)
                        continue
                self.target.sendall(data)
        except OSError:
            pass
        with lock:
            self.ended = True
            if state["hoarding"] or self.hoarded:
                self.hoarded = True
                return
        self.close()

    def from_target(self):
        """The target's bytes; nobody may be there to take them."""
        try:
            while data := self.target.recv(262144):
                try:
                    self.client.sendall(data)
                except OSError:
                    pass
        except OSError:
            pass
        with lock:
            if self.hoarded:
                return
        self.close()

    def deliver(self):
        total = 0
        try:
            while self.hoard:
                data = self.hoard.popleft()
                self.target.sendall(data)
                total += len(data)
        except OSError:
            pass
        self.close()
        return total

    def close(self):
        # shutdown, since another thread's recv() keeps a closed socket alive
        for sock in (self.client, self.target):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        with lock:
            if self in connections:
                connections.remove(self)


def control():
    while True:
        number = signal.sigwait({signal.SIGUSR1, signal.SIGUSR2})
        with lock:
            state["hoarding"] = number == signal.SIGUSR1
            hoarded = [c for c in connections if c.hoarded]
            unanswered = silent[:]
            silent.clear()
        for client in unanswered:
            client.close()
        if number == signal.SIGUSR1:
            print("hoarding", flush=True)
        else:
            total = sum(c.deliver() for c in hoarded)
            print("delivered", total, flush=True)


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGUSR2})
    threading.Thread(target=control, daemon=True).start()
    listener = socket.create_server(address(sys.argv[1]), backlog=64)
    target = address(sys.argv[2])
    while True:
        client, _ = listener.accept()
        with lock:
            if state["hoarding"]:
                silent.append(client)
                continue
        try:
            connection = Connection(client, target)
        except OSError:
            client.close()
            continue
        with lock:
            connections.append(connection)
        for copy in (connection.from_client, connection.from_target):
            threading.Thread(target=copy, daemon=True).start()


main()
