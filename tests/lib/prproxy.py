# SPDX-License-Identifier: GPL-2.0
"""A network that loses or delays one PERSISTENT RESERVE OUT.

Stands before a portal, in the program that makes it. Both directions are
copied PDU by PDU (no digests) until it is told to
  hold(actions)    keep the next PR OUT with one of these service actions
  mute(actions)    let it pass, keep its answer to itself, and cut
  away(), back()   cut all connections; no new one until back()
What is kept is delivered or lost: deliver(), lose(); both end the connection.
With .no_status the target has no READ FULL STATUS, like one before SPC-3.
"""
import socket
import struct
import threading

from host import read_pdu

PR_IN, PR_OUT, READ_FULL_STATUS = 0x5e, 0x5f, 3
SCSI_CMD, SCSI_RSP, DATA_IN = 0x01, 0x21, 0x25
UNKNOWN = bytes([0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0, 0, 0, 0, 0])


def refusal(bhs):
    """RFC 7143 11.4: the last Data-In as a response, INVALID FIELD IN CDB."""
    data = struct.pack(">H", len(UNKNOWN)) + UNKNOWN
    head = bytearray(bhs)
    head[0:8] = struct.pack(">BBBBI", SCSI_RSP, 0x80, 0, 0x02, len(data))
    head[8:16] = bytes(8)
    head[20:24] = bytes(4)
    head[36:48] = bytes(12)
    return bytes(head) + data + bytes(-len(data) % 4)


def shut(*socks):
    # shutdown, since another thread's recv() keeps a closed socket alive
    for sock in socks:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Connection:
    def __init__(self, proxy, client):
        self.proxy, self.client = proxy, client
        self.target = socket.create_connection(proxy.target, 10)
        self.target.settimeout(None)
        for sock in (self.client, self.target):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.kept = None
        self.answered = threading.Event()	# what was kept, by the target
        self.muted = None	# ITT whose answer is not to arrive
        self.unknown = None	# ITT of what the target shall not know

    def from_client(self):
        try:
            while True:
                bhs, rest = read_pdu(self.client)
                if self.kept:
                    continue
                if self.proxy.looks_at(self, bhs, bhs + rest):
                    self.target.sendall(bhs + rest)
        except (EOFError, OSError):
            pass
        self.end()

    def from_target(self):
        try:
            while True:
                bhs, rest = read_pdu(self.target)
                if bhs[0] & 0x3f == SCSI_RSP and bhs[16:20] == self.muted:
                    self.proxy.muted.set()
                    break
                if bhs[0] & 0x3f == DATA_IN and bhs[16:20] == self.unknown:
                    if not bhs[1] & 1:
                        continue
                    bhs, rest = refusal(bhs), b""
                if not self.kept:
                    self.client.sendall(bhs + rest)
                elif bhs[0] & 0x3f == SCSI_RSP and \
                        bhs[16:20] == self.kept[16:20]:
                    self.answered.set()
        except (EOFError, OSError):
            pass
        self.end()

    def end(self):
        shut(self.client)
        if not self.kept:
            shut(self.target)
            with self.proxy.lock:
                self.proxy.connections.discard(self)


class Proxy:
    def __init__(self, listen, target):
        self.target = target
        self.lock = threading.Lock()
        self.connections = set()
        self.is_away = False
        self.holds = self.mutes = ()
        self.no_status = False
        self.held, self.muted = threading.Event(), threading.Event()
        self.listener = socket.create_server(listen, backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            if self.is_away:
                client.close()
                continue
            try:
                connection = Connection(self, client)
            except OSError:
                client.close()
                continue
            with self.lock:
                self.connections.add(connection)
            for copy in (connection.from_client, connection.from_target):
                threading.Thread(target=copy, daemon=True).start()

    def looks_at(self, connection, bhs, whole):
        """May it pass?"""
        if bhs[0] & 0x3f != SCSI_CMD or bhs[32] not in (PR_IN, PR_OUT):
            return True
        if bhs[32] == PR_IN:
            told = self.no_status and bhs[33] & 0x1f == READ_FULL_STATUS
            connection.unknown = bhs[16:20] if told else None
            return True
        action = bhs[33] & 0x1f
        with self.lock:
            if action in self.mutes:
                self.mutes = ()
                connection.muted = bhs[16:20]
            elif action in self.holds:
                self.holds = ()
                connection.kept = whole
                self.held.set()
                return False
        return True

    def hold(self, actions):
        self.held.clear()
        self.holds = actions

    def mute(self, actions):
        self.muted.clear()
        self.mutes = actions

    def away(self):
        self.is_away = True
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            if connection.kept:
                shut(connection.client)
            else:
                shut(connection.client, connection.target)

    def back(self):
        self.is_away = False

    def _let_go(self, deliver):
        done = 0
        with self.lock:
            connections = [c for c in self.connections if c.kept]
            self.holds = self.mutes = ()
        for connection in connections:
            if deliver:
                try:
                    connection.target.sendall(connection.kept)
                    done += connection.answered.wait(5)
                except OSError:
                    pass
            connection.kept = None
            shut(connection.client, connection.target)
        return done

    def deliver(self):
        """How many the target has executed."""
        return self._let_go(True)

    def lose(self):
        return self._let_go(False)
