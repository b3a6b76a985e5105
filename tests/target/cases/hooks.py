# SPDX-License-Identifier: GPL-2.0
"""What many cases have in common: when to misbehave."""
import socket
import struct

import pdu
from target import Gone, is_magic


def at_magic(function, always=False):
    """serve hook: function(conn, cmd) answers the command the case is about,
    on its first coming only, unless `always`."""
    def serve(conn, got):
        if not is_magic(got) or not (always or conn.case.once()):
            return False
        function(conn, got)
        return True
    return serve


def at_opcode(opcode, function, always=False):
    """The same for the first PDU of another kind."""
    def serve(conn, got):
        if got.opcode != opcode or not (always or conn.case.once()):
            return False
        function(conn, got)
        return True
    return serve


def first_login(attempts=1, **fields):
    """login hook: the first response of the first connections has these
    fields; pairs= gives its text."""
    def login(conn, req, n):
        if conn.attempt >= attempts or n:
            return False
        pairs = fields.get("pairs")
        rest = {k: v for k, v in fields.items() if k != "pairs"}
        if pairs is None:
            pairs = conn.answers(req)
        conn.login_response(req, pairs, **rest)
        return True
    return login


def on_attempt(function, attempt=0, step=0, attempts=1):
    """login hook: function(conn, req) at that request of that connection, and
    of those after it."""
    def login(conn, req, n):
        if not attempt <= conn.attempt < attempt + attempts or n != step:
            return False
        function(conn, req)
        return True
    return login


def close(conn, _=None):
    """FIN."""
    try:
        conn.sock.shutdown(socket.SHUT_RDWR)
    except OSError as error:	# the other side was first
        raise Gone from error


def reset(conn, _=None):
    """RST."""
    conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         struct.pack("ii", 1, 0))
    conn.sock.close()


def silent(conn, _=None):
    conn.hold()


def answer(conn, cmd):
    """What a good target does with a SCSI command."""
    conn.command(cmd)


def then_answer(function):
    """function(conn, cmd), after which the command is answered properly."""
    def both(conn, cmd):
        function(conn, cmd)
        answer(conn, cmd)
    return both


SLOT_BITS = 13	# of an ITT of the module that are the slot


def foreign(cmd):
    """An ITT that was never given out."""
    return cmd.itt + (5 << SLOT_BITS) & pdu.NONE
