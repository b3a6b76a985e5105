# SPDX-License-Identifier: GPL-2.0
"""The security stage and CHAP, RFC 7143 12.1 and 9.2.1.

Steps of a login with CHAP: 0 AuthMethod, 1 CHAP_A, 2 CHAP_N and CHAP_R (with
CHAP_I and CHAP_C when the target has to prove itself), 3 operational.
"""
import base64

from case import Case, Drops, Fails, LogsIn, Stops
from cases.hooks import close, on_attempt, silent
from initiator import SCALE

OURS, FOREIGN = b"a-secret-of-ours", b"a-secret-of-target"
STEP = {"AuthMethod": 0, "CHAP_A": 1, "CHAP_R": 2}


def case(name, why, expect, login, rfc="12.1.3", mutual=False, **more):
    more.setdefault("secret", OURS)
    return Case(name, why, expect, rfc, login=login, no_scan=True,
                secret_in=FOREIGN if mutual else b"", **more)


def says(step, *pairs, transit=True, attempts=1):
    """These pairs in answer to that step, on the first connections."""
    def login(conn, req, n):
        if conn.attempt >= attempts or n != STEP[step]:
            return False
        found = [p(conn, req) if callable(p) else [p] for p in pairs]
        conn.login_response(req, sum(found, []), transit=transit)
        return True
    return login


def challenge(*without, **fields):
    """CHAP_A, CHAP_I, CHAP_C, but for those named."""
    def make(conn, req):
        return [p for p in conn.challenge(req, **fields)
                if p.split("=")[0] not in without]
    return make


def proof(*without):
    def make(conn, req):
        return [p for p in conn.proof(req) if p.split("=")[0] not in without]
    return make


def encoded(text, data):
    """CHAP_C=text, which stands for these bytes."""
    def make(conn, req):
        return conn.challenge(req, challenge=data)[:2] + ["CHAP_C=" + text]
    return make


def b64(data):
    return "0b" + base64.b64encode(data).decode()


def reflect(conn, req):
    return ["CHAP_N=target", "CHAP_R=" + req.keys["CHAP_R"]]


def second_challenge(conn, req):
    return conn.proof(req) + ["CHAP_I=9", "CHAP_C=0x00112233445566778899"]


def zero_proof(conn, req):
    size = len(req.keys["CHAP_R"]) - 2
    return ["CHAP_N=target", "CHAP_R=0x" + "0" * size]


def refuses_lists(conn, req, n):
    """A target of old: 0x0200 to any list of more than one algorithm."""
    if n != 1 or "," not in req.keys["CHAP_A"]:
        return False
    conn.login_response(req, status=0x0200, flags=0)
    return True


def md5_only(conn, req, n):
    if n != 1:
        return False
    conn.login_response(req, conn.challenge(req, "5"))
    return True


def closed_once(conn):
    if not conn.attempt:
        close(conn)


def restarts(step, **fields):
    """login hook: that step of the second to the fourth login goes so."""
    def login(conn, req, n):
        if not 0 < conn.attempt < 4 or n != step:
            return False
        conn.login_response(req, **fields)
        return True
    return login


RANDOM = bytes(i * 7 & 255 for i in range(1024))
PROTO = "PROTOCOL"
CASES = [
    case("chap-good", "nothing", LogsIn(), None),
    case("chap-mutual-good", "nothing", LogsIn(), None, mutual=True),
    case("chap-binary-secret", "a secret that is no ASCII", LogsIn(), None,
         secret=bytes(range(200, 255))),
    case("chap-255-byte-secret", "a secret of 255 bytes", LogsIn(), None,
         secret=b"s" * 255),
    *[case(f"chap-alg-{alg}", f"CHAP algorithm {alg}", LogsIn(),
           says("CHAP_A", challenge(alg=alg)))
      for alg in ("5", "6", "7", "8")],

    case("auth-none-for-chap", "AuthMethod=None where CHAP is wanted",
         Stops("AUTH", "does not accept CHAP"),
         says("AuthMethod", "AuthMethod=None"), "12.1"),
    case("auth-reject", "AuthMethod=Reject",
         Stops("AUTH", "does not accept CHAP"),
         says("AuthMethod", "AuthMethod=Reject"), "12.1"),
    case("auth-kerberos", "AuthMethod=KRB5",
         Stops("AUTH", "does not accept CHAP"),
         says("AuthMethod", "AuthMethod=KRB5"), "12.1"),
    case("auth-silent", "AuthMethod not answered",
         Fails(PROTO, "did not answer AuthMethod"),
         says("AuthMethod", transit=False), "12.1"),
    case("auth-skipped", "straight to the next stage",
         Fails(PROTO, "changes stage unasked"),
         on_attempt(lambda c, r: c.login_response(
             r, ["AuthMethod=CHAP"], flags=0x81)), "6.3.2"),
    case("auth-skipped-to-the-end", "straight to the full feature phase",
         Fails(PROTO, "changes stage unasked"),
         on_attempt(lambda c, r: c.login_response(r, [], flags=0x83)),
         "6.3.2"),
    case("auth-twice", "AuthMethod twice", Fails(PROTO, "twice"),
         says("AuthMethod", "AuthMethod=CHAP", "AuthMethod=None"), "12.1"),
    case("auth-demanded", "CHAP demanded of a session without",
         Stops("AUTH", "demands authentication"), on_attempt(
             lambda c, r: c.login_response(r, status=0x0201, flags=0)),
         secret=b""),
    case("chap-early-challenge", "the challenge with AuthMethod",
         Fails(PROTO, "before their turn"),
         says("AuthMethod", "AuthMethod=CHAP", "CHAP_A=5", "CHAP_I=1",
              "CHAP_C=0x00112233")),
    case("chap-early-proof", "CHAP_N and CHAP_R with AuthMethod",
         Fails(PROTO, "before their turn"),
         says("AuthMethod", "AuthMethod=CHAP", "CHAP_N=x", "CHAP_R=0x00")),

    *[case(f"chap-no-{key[-1].lower()}", f"no {key} in the challenge",
           Fails(PROTO, "did not send CHAP_A, CHAP_I and CHAP_C"),
           says("CHAP_A", challenge(key), attempts=2))
      for key in ("CHAP_A", "CHAP_I", "CHAP_C")],
    case("chap-nothing", "nothing in the challenge",
         Fails(PROTO, "did not send CHAP_A, CHAP_I and CHAP_C"),
         says("CHAP_A", attempts=2)),
    case("chap-challenge-and-proof", "CHAP_N and CHAP_R with the challenge",
         Fails(PROTO, "did not send CHAP_A, CHAP_I and CHAP_C"),
         says("CHAP_A", challenge(), "CHAP_N=x", "CHAP_R=0x00", attempts=2)),
    case("chap-a-reject", "CHAP_A=Reject",
         Stops("AUTH", "none of our CHAP algorithms"),
         says("CHAP_A", "CHAP_A=Reject", attempts=9)),
    case("chap-a-not-offered", "CHAP_A=9",
         Fails(PROTO, "was not offered"),
         says("CHAP_A", "CHAP_A=9", "CHAP_I=1", "CHAP_C=0x0011", attempts=2)),
    case("chap-a-list", "CHAP_A=5,7 for an answer",
         Fails(PROTO, "was not offered"),
         says("CHAP_A", "CHAP_A=5,7", "CHAP_I=1", "CHAP_C=0x0011",
              attempts=2)),
    case("chap-a-twice", "CHAP_A twice", Fails(PROTO, "twice"),
         says("CHAP_A", challenge(), "CHAP_A=5", attempts=2)),
    case("chap-i-256", "CHAP_I=256", Fails(PROTO, "malformed CHAP_I"),
         says("CHAP_A", challenge("CHAP_I"), "CHAP_I=256", attempts=2)),
    case("chap-i-text", "CHAP_I=x", Fails(PROTO, "malformed CHAP_I"),
         says("CHAP_A", challenge("CHAP_I"), "CHAP_I=x", attempts=2)),
    case("chap-c-1024", "a challenge of 1024 bytes in hex", LogsIn(),
         says("CHAP_A", challenge(challenge=RANDOM))),
    case("chap-c-1024-base64", "a challenge of 1024 bytes in base64",
         LogsIn(), says("CHAP_A", encoded(b64(RANDOM), RANDOM))),
    case("chap-c-1025", "a challenge of 1025 bytes in hex",
         Fails(PROTO, "over 1024 bytes"),
         says("CHAP_A", challenge(challenge=RANDOM + b"x"), attempts=2)),
    case("chap-c-1025-base64", "a challenge of 1025 bytes in base64",
         Fails(PROTO, "over 1024 bytes"),
         says("CHAP_A", encoded(b64(RANDOM + b"x"), RANDOM), attempts=2)),
    case("chap-c-empty", "CHAP_C=0x", Fails(PROTO, "malformed CHAP_C"),
         says("CHAP_A", encoded("0x", b"x"), attempts=2)),
    case("chap-c-no-prefix", "CHAP_C without 0x",
         Fails(PROTO, "malformed CHAP_C"),
         says("CHAP_A", encoded("0011", b"x"), attempts=2)),
    case("chap-c-odd-hex", "CHAP_C with an odd number of digits", LogsIn(),
         says("CHAP_A", encoded("0x123", b"\x01\x23"))),
    case("chap-c-bad-hex", "CHAP_C=0x00gg", Fails(PROTO, "malformed CHAP_C"),
         says("CHAP_A", encoded("0x00gg", b"x"), attempts=2)),
    case("chap-c-bad-base64", "CHAP_C=0bA", Fails(PROTO, "malformed CHAP_C"),
         says("CHAP_A", encoded("0bA", b"x"), attempts=2)),
    case("chap-c-one-byte", "a challenge of one byte", LogsIn(),
         says("CHAP_A", challenge(challenge=b"x"))),
    case("chap-list-refused", "0x0200 to a list: MD5 alone is tried",
         LogsIn(), refuses_lists),
    case("chap-md5-chosen", "MD5 of the list", LogsIn(), md5_only),

    case("chap-refused", "the target refuses our proof",
         Stops("AUTH", "refuses our authentication"),
         on_attempt(lambda c, r: c.login_response(r, status=0x0201, flags=0),
                    step=2)),
    case("chap-refused-later", "lets us in, then restarts and refuses our "
         "proof three times", Drops("closed by the target", "none"),
         restarts(2, status=0x0201, flags=0), up=closed_once, io="none"),
    case("chap-none-later", "lets us in, then restarts and offers no CHAP three "
         "times", Drops("closed by the target", "none"),
         restarts(0, pairs=["AuthMethod=None"]), up=closed_once, io="none"),
    case("chap-anew", "a new challenge after the proof",
         Fails(PROTO, "begins authentication anew"),
         says("CHAP_R", challenge(alg="5"), transit=False)),
    case("chap-auth-anew", "AuthMethod after the proof",
         Fails(PROTO, "begins authentication anew"),
         says("CHAP_R", "AuthMethod=CHAP", transit=False)),
    case("chap-proof-unasked", "a proof nobody asked for", LogsIn(),
         says("CHAP_R", "CHAP_N=target", "CHAP_R=0x00112233445566778899")),

    case("mutual-skipped", "mutual authentication skipped",
         Stops("AUTH", "skipped mutual authentication"), says("CHAP_R"),
         "9.2.1", mutual=True),
    case("mutual-no-n", "no CHAP_N", Stops("AUTH", "skipped mutual"),
         says("CHAP_R", proof("CHAP_N")), mutual=True),
    case("mutual-no-r", "no CHAP_R", Stops("AUTH", "skipped mutual"),
         says("CHAP_R", proof("CHAP_R")), mutual=True),
    case("mutual-wrong", "a wrong proof",
         Stops("AUTH", "does not know the mutual CHAP secret"),
         says("CHAP_R", zero_proof), mutual=True),
    case("mutual-reflected", "our own response for a proof",
         Stops("AUTH", "reflects our CHAP response"),
         says("CHAP_R", reflect), "9.2.1", mutual=True),
    case("mutual-short", "a proof of 4 bytes",
         Stops("AUTH", "malformed CHAP_R"),
         says("CHAP_R", "CHAP_N=target", "CHAP_R=0x00112233"), mutual=True),
    case("mutual-long", "a proof of 1000 bytes",
         Stops("AUTH", "malformed CHAP_R"),
         says("CHAP_R", "CHAP_N=target", "CHAP_R=0x" + "00" * 1000),
         mutual=True),
    case("mutual-second-challenge", "a second challenge with the proof",
         Fails(PROTO, "anew"),
         says("CHAP_R", second_challenge, transit=False), mutual=True),
    case("mutual-other-name", "another name than the one expected",
         Stops("AUTH", "another CHAP name"), None, mutual=True,
         chap_user_in="somebody"),
    case("mutual-right-name", "the name that is expected", LogsIn(), None,
         mutual=True, chap_user_in="target"),
    *[case(f"chap-silence-{step}", f"silence at step {step}",
           Fails("PDU_TIMEOUT", "no answer in time"),
           on_attempt(silent, step=step), settings={
               "LOGIN_TIMEOUT": 700 * SCALE}) for step in (0, 2, 3)],
]
