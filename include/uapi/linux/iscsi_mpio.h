/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Generic netlink interface of the iscsi_mpio module.
 *
 * Every operation needs CAP_NET_ADMIN in the initial user namespace. Strings
 * are NUL terminated, numbers are in host byte order, times are milliseconds
 * unless an attribute says otherwise. Attributes marked "secret" are only
 * ever accepted, never reported. A refusal carries one sentence in the
 * extended acknowledgement.
 *
 * Sessions and disks are named by numbers that are never reused while the
 * module stays loaded. Adding is asynchronous: the reply carries the session
 * number at once, progress arrives as MPIO_CMD_EVENT on the group "events",
 * to which a caller subscribes before it asks.
 */
#ifndef _UAPI_LINUX_ISCSI_MPIO_H
#define _UAPI_LINUX_ISCSI_MPIO_H

#define MPIO_GENL_NAME		"iscsi_mpio"
#define MPIO_GENL_VERSION	1
#define MPIO_GENL_GROUP_EVENTS	"events"

/* Bounds of string and binary attributes, terminating NUL not counted. */
#define MPIO_NAME_MAX		223	/* iSCSI name, RFC 7143 4.2.7.1 */
#define MPIO_SECRET_MIN		12
#define MPIO_SECRET_MAX		255
#define MPIO_USER_MAX		255
#define MPIO_KEY_MAX		255	/* description of a logon key */
#define MPIO_RECORD_MAX		32
#define MPIO_LATENCY_BUCKETS	26
#define MPIO_IFACE_MAX		15
#define MPIO_ERROR_MAX		191
#define MPIO_ADDRESS_MAX	63	/* text of an address with scope */
#define MPIO_PATH_KEY_MAX	191
#define MPIO_ISID_LEN		6
#define MPIO_FOREVER		0xffffffffU	/* NoPathTimeout: infinite */

enum mpio_cmd {
	MPIO_CMD_UNSPEC,
	MPIO_CMD_INFO_GET,	/* do: MPIO_A_INFO_* */
	MPIO_CMD_SESSION_ADD,	/* do: reply SESSION_ID */
	MPIO_CMD_SESSION_DEL,	/* do: returns when the session is gone */
	MPIO_CMD_SESSION_GET,	/* do, dump */
	MPIO_CMD_SESSION_SET,	/* do: settings, records, secrets, kick */
	MPIO_CMD_PATH_GET,	/* dump; optional SESSION_ID or DISK_ID */
	MPIO_CMD_PATH_SET,	/* do: PATH_ID and what to change */
	MPIO_CMD_DISK_GET,	/* dump */
	MPIO_CMD_POLICY_SET,	/* do: POLICY and DISK_ID | TARGET | default */
	MPIO_CMD_SETTING_GET,	/* do: the module-wide defaults */
	MPIO_CMD_SETTING_SET,	/* do: change the module-wide defaults */
	MPIO_CMD_SCAN,		/* do: SESSION_ID; see MPIO_SA_SCAN_PENDING */
	MPIO_CMD_EVENT,		/* multicast only */
	__MPIO_CMD_MAX
};
#define MPIO_CMD_MAX (__MPIO_CMD_MAX - 1)

/* Session::State of the tool's JSON. */
enum mpio_session_state {
	MPIO_SESSION_CONNECTING,	/* never logged in so far */
	MPIO_SESSION_LOGGED_IN,		/* full feature phase */
	MPIO_SESSION_RECOVERING,	/* lost, reconnecting for ever */
	MPIO_SESSION_STOPPED,		/* refused for good, see LAST_ERROR */
	MPIO_SESSION_DELETING,
	__MPIO_SESSION_STATE_MAX
};

/* Path::State of the tool's JSON. */
enum mpio_path_state {
	MPIO_PATH_RECOVERING,	/* its session is down or not verified */
	MPIO_PATH_READY,	/* may carry I/O */
	MPIO_PATH_STANDBY,	/* usable once better paths are gone */
	MPIO_PATH_FENCED,	/* identity changed or lies; never used */
	MPIO_PATH_DISABLED,	/* by the administrator */
	__MPIO_PATH_STATE_MAX
};

/* SPC-4 6.39 asymmetric access states; 0xff when the LU reports none. */
enum mpio_alua_state {
	MPIO_ALUA_OPTIMIZED = 0x0,
	MPIO_ALUA_NONOPTIMIZED = 0x1,
	MPIO_ALUA_STANDBY = 0x2,
	MPIO_ALUA_UNAVAILABLE = 0x3,
	MPIO_ALUA_LBA_DEPENDENT = 0x4,
	MPIO_ALUA_OFFLINE = 0xe,
	MPIO_ALUA_TRANSITIONING = 0xf,
	MPIO_ALUA_NONE = 0xff
};

/* Load balance policies; codes 1 to 6 are those of mpclaim. */
enum mpio_policy {
	MPIO_POLICY_UNSET = 0,	/* inherit: disk, target, default, by ALUA */
	MPIO_POLICY_FOO = 1,	/* fail over only */
	MPIO_POLICY_RR = 2,	/* round robin */
	MPIO_POLICY_RRWS = 3,	/* round robin with subset */
	MPIO_POLICY_LQD = 4,	/* least queue depth */
	MPIO_POLICY_WP = 5,	/* weighted paths, lowest weight wins */
	MPIO_POLICY_LB = 6,	/* least blocks */
	MPIO_POLICY_LATENCY = 7,
	__MPIO_POLICY_MAX
};

/* What has to happen before a write of a lost connection is sent again. */
enum mpio_fence_mode {
	MPIO_FENCE_REINSTATE,	/* a login for the old session, trusted */
	MPIO_FENCE_RESET,	/* the logical unit is reset, whatever else */
	MPIO_FENCE_WAIT,	/* FenceTimeout, or the session is back */
	MPIO_FENCE_NONE,	/* nothing */
	MPIO_FENCE_AUTO,	/* what it takes, by the target */
	__MPIO_FENCE_MAX
};

enum mpio_auth {
	MPIO_AUTH_NONE,
	MPIO_AUTH_CHAP,		/* one-way */
	MPIO_AUTH_CHAP_MUTUAL,
	__MPIO_AUTH_MAX
};

enum mpio_digest {
	MPIO_DIGEST_NONE,
	MPIO_DIGEST_CRC32C,
	__MPIO_DIGEST_MAX
};

/* What logins to a target that does not stand it leave out. */
enum mpio_avoid_bit {
	MPIO_AVOID_CHAP_LISTS = 0x1,	/* CHAP algorithms but MD5 */
	MPIO_AVOID_LEVEL = 0x2,		/* iSCSIProtocolLevel */
	MPIO_AVOID_SECURITY = 0x4,	/* the security stage, without CHAP */
	MPIO_AVOID_NO_DIGEST = 0x8	/* a session without digests */
};
#define MPIO_AVOID_ALL		0xf

/*
 * Class of the last error; numbers are the exit codes of the control tool,
 * which are those of iscsiadm(8).
 */
enum mpio_error {
	MPIO_ERROR_OK = 0,
	MPIO_ERROR_OTHER = 1,
	MPIO_ERROR_NOMEM = 3,
	MPIO_ERROR_TRANSPORT = 4,	/* refused, reset, unreachable */
	MPIO_ERROR_CONNECT_TIMEOUT = 8,	/* portal silent */
	MPIO_ERROR_PDU_TIMEOUT = 11,	/* login or NOP not answered */
	MPIO_ERROR_PROTOCOL = 9,	/* the target broke RFC 7143 */
	MPIO_ERROR_LOGIN = 19,		/* refused for good */
	MPIO_ERROR_NOT_FOUND = 21,	/* no such target at this portal */
	MPIO_ERROR_AUTH = 24,
	MPIO_ERROR_ADMIN = 28,		/* by the administrator's order */
	MPIO_ERROR_AGAIN = 29		/* the target is busy: later, it says */
};

enum mpio_event {
	MPIO_EVENT_SESSION_ADDED = 1,
	MPIO_EVENT_SESSION_STATE,	/* session state changed */
	MPIO_EVENT_SESSION_DELETED,
	MPIO_EVENT_SESSION_SCANNED,	/* all LUs of a login are in place */
	MPIO_EVENT_LOGIN_FAILED,	/* one attempt failed; see LAST_ERROR */
	MPIO_EVENT_PATH_ADDED,
	MPIO_EVENT_PATH_STATE,
	MPIO_EVENT_PATH_DELETED,
	MPIO_EVENT_DISK_ADDED,
	MPIO_EVENT_DISK_DELETED,
	MPIO_EVENT_DISK_NO_PATH,	/* I/O waits, NoPathTimeout runs */
	MPIO_EVENT_DISK_FAILED,		/* NoPathTimeout is over: I/O fails */
	MPIO_EVENT_DISK_RECOVERED,
	MPIO_EVENT_DISK_CLASH,		/* see MPIO_DA_CLASH */
	__MPIO_EVENT_MAX
};

/* In what two units of one designator differ. */
enum mpio_clash {
	MPIO_CLASH_NOTHING,	/* and they are not known to be one */
	MPIO_CLASH_TYPE = 2,	/* peripheral device type */
	MPIO_CLASH_VENDOR,
	MPIO_CLASH_PRODUCT,
	MPIO_CLASH_SERIAL,	/* VPD page 80 */
	MPIO_CLASH_SIZE,
	__MPIO_CLASH_MAX
};

/* Top level attributes of every operation. */
enum mpio_attr {
	MPIO_A_UNSPEC,
	MPIO_A_PAD,
	/* what an operation speaks about */
	MPIO_A_SESSION_ID,	/* u32 number, 1... */
	MPIO_A_DISK_ID,		/* u32 number of the disk */
	MPIO_A_PATH_ID,		/* u32 number, unique in the module */
	MPIO_A_FORCE,		/* flag: SESSION_DEL of a disk in use */
	/* objects: exactly one of these in each reply, dump part or event */
	MPIO_A_SESSION,		/* nest of MPIO_SA_* */
	MPIO_A_PATH,		/* nest of MPIO_PA_* */
	MPIO_A_DISK,		/* nest of MPIO_DA_* */
	MPIO_A_SETTINGS,	/* nest of MPIO_TA_* */
	MPIO_A_INFO,		/* nest of MPIO_IA_* */
	MPIO_A_EVENT,		/* u32 enum mpio_event */
	MPIO_A_TIME,		/* u64 CLOCK_REALTIME nanoseconds of the event */
	MPIO_A_TARGET,		/* string: target name (POLICY_SET, filters) */
	MPIO_A_POLICY,		/* u32 enum mpio_policy */
	MPIO_A_KICK,		/* flag, SESSION_SET: log in now (STOPPED too) */
	__MPIO_A_MAX
};
#define MPIO_A_MAX (__MPIO_A_MAX - 1)

/* Session. "in": accepted by SESSION_ADD; "set": also by SESSION_SET. */
enum mpio_session_attr {
	MPIO_SA_UNSPEC,
	MPIO_SA_PAD,
	MPIO_SA_ID,		/* u32 session number */
	MPIO_SA_INSTANCE,	/* u64 left half of SessionIdentifier */
	MPIO_SA_UNIQUE,		/* u64 right half of SessionIdentifier */
	MPIO_SA_STATE,		/* u32 enum mpio_session_state */
	MPIO_SA_TARGET_NAME,	/* in, string */
	MPIO_SA_INITIATOR_NAME,	/* in, string */
	MPIO_SA_PORTAL,		/* in, set, binary sockaddr_in or sockaddr_in6 */
	MPIO_SA_SOURCE,		/* in, optional, same: address to bind to */
	MPIO_SA_IFACE,		/* in, optional, string: device to bind to */
	MPIO_SA_ISID,		/* in, 6 bytes as on the wire */
	MPIO_SA_TSIH,		/* u32 */
	MPIO_SA_TPGT,		/* in (optional: expected), u32 */
	MPIO_SA_MULTIPATH,	/* in, flag */
	MPIO_SA_DISCOVERED,	/* in, flag: the target came from discovery */
	MPIO_SA_NO_SCAN,	/* in, flag: add no disks by itself */
	MPIO_SA_AUTH,		/* in, u32 enum mpio_auth */
	MPIO_SA_CHAP_USER,	/* in, string: CHAP_N we answer with */
	MPIO_SA_CHAP_SECRET,	/* in, set, binary, secret: for later logins */
	MPIO_SA_CHAP_USER_IN,	/* in, optional: CHAP_N wanted of the target */
	MPIO_SA_CHAP_SECRET_IN,	/* in, set, binary, secret: the target's */
	MPIO_SA_HEADER_DIGEST,	/* in, u32 enum mpio_digest */
	MPIO_SA_DATA_DIGEST,	/* in, u32 */
	MPIO_SA_INITIAL_R2T,	/* in, u32 0/1: value offered */
	MPIO_SA_IMMEDIATE_DATA,	/* in, u32 0/1 */
	MPIO_SA_FIRST_BURST,	/* in, u32 bytes */
	MPIO_SA_MAX_BURST,	/* in, u32 bytes */
	MPIO_SA_MAX_RECV_DSL,	/* in, u32 bytes */
	MPIO_SA_MAX_R2T,	/* in, u32 */
	MPIO_SA_NEGOTIATED,	/* nest of MPIO_NA_*: of the present login */
	MPIO_SA_SETTINGS,	/* in, set, nest of MPIO_TA_* */
	/* record ids it stands for; SET replaces all, one empty one clears */
	MPIO_SA_RECORD,		/* in, set, multi, string */
	MPIO_SA_LAST_ERROR,	/* string, empty if none */
	MPIO_SA_LAST_ERROR_CODE, /* u32 enum mpio_error */
	MPIO_SA_RECONNECTS,	/* u32 logins after the first */
	MPIO_SA_CONNECTED_MS,	/* u64 since the present login */
	MPIO_SA_LOCAL,		/* binary sockaddr of the present connection */
	MPIO_SA_REMOTE,		/* binary sockaddr: after a redirect another */
	MPIO_SA_DISK,		/* multi, string: kernel names of its disks */
	MPIO_SA_POLICY,		/* in, u32 enum mpio_policy for its target */
	MPIO_SA_SCANNED,	/* flag: LUs of the present login are in place */
	MPIO_SA_TRANSITION,	/* multi, nest of MPIO_XA_*, oldest first */
	MPIO_SA_HOST,		/* u32 SCSI host number, once it has one */
	/*
	 * in, string "kind:name": the logon key in the caller's keyrings that
	 * holds CHAP_SECRET or CHAP_SECRET_IN, instead of these. Looked up once
	 */
	MPIO_SA_CHAP_KEY,
	MPIO_SA_CHAP_KEY_IN,
	/*
	 * in, multi, nest of MPIO_PA_LUN, _LUN_LAST, _WEIGHT, _PREFERRED: what
	 * paths to these LUNs have from the start. Later ones override
	 */
	MPIO_SA_PATH,
	/*
	 * in, u32, bits of enum mpio_avoid_bit: what logins leave out because
	 * the target fails with it. The session adds what it finds out
	 */
	MPIO_SA_AVOID,
	MPIO_SA_QUIRK,		/* multi, string: what the target got wrong */
	MPIO_SA_SCAN_PENDING,	/* flag: a CMD_SCAN is not carried out yet */
	/*
	 * string "name:port": where the target redirected to, a name that needs
	 * an address; set, with PORTAL: the address of that name
	 */
	MPIO_SA_REDIRECT,
	__MPIO_SA_MAX
};
#define MPIO_SA_MAX (__MPIO_SA_MAX - 1)

/* One state change of a session, for the administrator. */
enum mpio_transition_attr {
	MPIO_XA_UNSPEC,
	MPIO_XA_PAD,
	MPIO_XA_TIME,		/* u64 CLOCK_REALTIME nanoseconds */
	MPIO_XA_STATE,		/* u32 enum mpio_session_state entered */
	MPIO_XA_REASON,		/* string */
	__MPIO_XA_MAX
};
#define MPIO_XA_MAX (__MPIO_XA_MAX - 1)

/* Negotiated values, RFC 7143 13; all u32. */
enum mpio_negotiated_attr {
	MPIO_NA_UNSPEC,
	MPIO_NA_HEADER_DIGEST,
	MPIO_NA_DATA_DIGEST,
	MPIO_NA_INITIAL_R2T,
	MPIO_NA_IMMEDIATE_DATA,
	MPIO_NA_FIRST_BURST,
	MPIO_NA_MAX_BURST,
	MPIO_NA_MAX_RECV_DSL,
	MPIO_NA_MAX_XMIT_DSL,
	MPIO_NA_MAX_R2T,
	MPIO_NA_TIME2WAIT,
	MPIO_NA_TIME2RETAIN,
	MPIO_NA_ERL,
	MPIO_NA_MAX_CONNECTIONS,
	MPIO_NA_CHAP_ALG,	/* 5 MD5, 6 SHA1, 7 SHA-256, 8 SHA3-256 */
	__MPIO_NA_MAX
};
#define MPIO_NA_MAX (__MPIO_NA_MAX - 1)

/* Settings; all u32, times in milliseconds. Names in the tool: see right. */
enum mpio_setting_attr {
	MPIO_TA_UNSPEC,
	MPIO_TA_NOP_INTERVAL,		/* NopInterval, 0 = off */
	MPIO_TA_NOP_TIMEOUT,		/* NopTimeout */
	MPIO_TA_LOGIN_TIMEOUT,		/* LoginTimeout */
	MPIO_TA_RECONNECT_DELAY_MIN,	/* ReconnectDelayMin */
	MPIO_TA_RECONNECT_DELAY_MAX,	/* ReconnectDelayMax */
	MPIO_TA_NO_PATH_TIMEOUT,	/* NoPathTimeout, MPIO_FOREVER */
	MPIO_TA_TMF_TIMEOUT,		/* TmfTimeout */
	MPIO_TA_FENCE_MODE,		/* FenceMode, enum mpio_fence_mode */
	MPIO_TA_FENCE_TIMEOUT,		/* FenceTimeout */
	MPIO_TA_QUEUE_DEPTH,		/* QueueDepth per LU */
	MPIO_TA_MARGINAL_HOLD_DOWN,	/* MarginalHoldDown */
	MPIO_TA_PROCESSOR,		/* Processor, MPIO_ANY_PROCESSOR */
	MPIO_TA_DSCP,			/* Dscp, RFC 2474 */
	MPIO_TA_CONGESTION_CONTROL,	/* CongestionControl, see below */
	MPIO_TA_PATH_VERIFY_PERIOD,	/* PathVerifyPeriod */
	MPIO_TA_MARGINAL_RANK,		/* MarginalRank, see below */
	MPIO_TA_SAME_UNIT,		/* SameUnit, 0/1: see below */
	__MPIO_TA_MAX
};
#define MPIO_TA_MAX (__MPIO_TA_MAX - 1)

/*
 * SameUnit: units of this session and of another with it that say the same of
 * themselves are one, even if their designator is not world-wide or they are
 * two LUN numbers of one session. For units that appear from then on.
 */
#define MPIO_ANY_PROCESSOR	0xffffffffU

enum mpio_congestion_control {
	MPIO_CONGESTION_DEFAULT,	/* that of the network namespace */
	MPIO_CONGESTION_RENO,
	MPIO_CONGESTION_CUBIC,
	MPIO_CONGESTION_BBR,
	MPIO_CONGESTION_DCTCP,
	MPIO_CONGESTION_HTCP,
	MPIO_CONGESTION_VEGAS,
	MPIO_CONGESTION_WESTWOOD,
	__MPIO_CONGESTION_MAX
};

/* Where a path that rests comes among the others. */
enum mpio_marginal_rank {
	MPIO_MARGINAL_ACCESS,	/* behind those of the same access state */
	MPIO_MARGINAL_LAST,	/* behind all */
	__MPIO_MARGINAL_MAX
};

enum mpio_path_attr {
	MPIO_PA_UNSPEC,
	MPIO_PA_PAD,
	MPIO_PA_ID,		/* u32 */
	MPIO_PA_KEY,		/* string, PathKey */
	MPIO_PA_SESSION_ID,	/* u32 */
	MPIO_PA_DISK_ID,	/* u32 */
	MPIO_PA_DISK,		/* string, kernel name */
	MPIO_PA_LUN,		/* u64, SAM flat number */
	MPIO_PA_STATE,		/* u32 enum mpio_path_state */
	MPIO_PA_ALUA_STATE,	/* u32 enum mpio_alua_state */
	MPIO_PA_TPG,		/* u32 SPC target port group */
	MPIO_PA_PREFERRED,	/* set, u32 0/1, administrator's */
	MPIO_PA_ALUA_PREF,	/* u32 0/1, PREF bit of the target */
	MPIO_PA_WEIGHT,		/* set, u32, at most 65535 */
	MPIO_PA_ENABLED,	/* set, u32 0 = path fail, 1 = reinstate */
	MPIO_PA_IN_FLIGHT,	/* u32 */
	MPIO_PA_IOS,		/* u64 */
	MPIO_PA_BYTES,		/* u64 */
	MPIO_PA_ERRORS,		/* u64 */
	MPIO_PA_FAILOVERS,	/* u64 commands moved away from it */
	MPIO_PA_LATENCY_US,	/* u32 moving average */
	MPIO_PA_REASON,		/* string: why it is not ready */
	MPIO_PA_TARGET_NAME,	/* string */
	MPIO_PA_PORTAL,		/* binary sockaddr */
	/*
	 * u64[MPIO_LATENCY_BUCKETS]: commands by latency. 0 counts those under
	 * 2 us, i those of 2^i us to less than 2^(i+1), the last all above.
	 */
	MPIO_PA_LATENCY_COUNTS,
	MPIO_PA_REST_MS,	/* u32: marginal, so much longer avoided; or 0 */
	MPIO_PA_LUN_LAST,	/* u64, SA_PATH: LUN to this one (none: LUN) */
	__MPIO_PA_MAX
};
#define MPIO_PA_MAX (__MPIO_PA_MAX - 1)

enum mpio_disk_attr {
	MPIO_DA_UNSPEC,
	MPIO_DA_PAD,
	MPIO_DA_ID,		/* u32 */
	MPIO_DA_NAME,		/* string, kernel name; absent if not a disk */
	MPIO_DA_HCTL,		/* string "host:channel:id:lun" */
	MPIO_DA_WWID,		/* string, e.g. "naa.6001405..." */
	MPIO_DA_SERIAL,		/* string */
	MPIO_DA_SIZE,		/* u64 bytes */
	MPIO_DA_PATHS,		/* u32 number of paths */
	MPIO_DA_PATHS_READY,	/* u32 */
	MPIO_DA_POLICY,		/* u32 in force */
	MPIO_DA_POLICY_SOURCE,	/* u32: 0 by ALUA, 1 default, 2 target, 3 disk */
	MPIO_DA_OPENERS,	/* u32 openers of the block device */
	MPIO_DA_PARKED,		/* u32 commands waiting for a path */
	MPIO_DA_FAILED,		/* flag: NoPathTimeout is over */
	MPIO_DA_TARGET_NAME,	/* string of the first path */
	MPIO_DA_FAILOVERS,	/* u64 */
	MPIO_DA_REQUEUES,	/* u64 commands parked for lack of a path */
	MPIO_DA_NO_PATH_ERRORS,	/* u64 commands failed for lack of a path */
	/*
	 * u32: number of another disk with the same designator; absent: none.
	 * They are two units, by enum mpio_clash, or cannot be told apart.
	 */
	MPIO_DA_CLASH,
	MPIO_DA_CLASH_BY,	/* u32 enum mpio_clash */
	/* u32 writes that wait until others cannot be executed any more */
	MPIO_DA_HELD,
	/*
	 * u32 paths, such that are gone as well, of which writes have failed that may
	 * yet be executed: until they are over, new ones wait. Absent: none
	 */
	MPIO_DA_GHOSTS,
	MPIO_DA_GHOST,		/* string, PathKey of the first of these */
	__MPIO_DA_MAX
};
#define MPIO_DA_MAX (__MPIO_DA_MAX - 1)

enum mpio_info_attr {
	MPIO_IA_UNSPEC,
	MPIO_IA_PAD,
	MPIO_IA_INSTANCE,	/* u64 left half of every SessionIdentifier */
	MPIO_IA_VERSION,	/* string, version of the module */
	MPIO_IA_ABI,		/* u32, MPIO_GENL_VERSION of the module */
	MPIO_IA_SESSIONS,	/* u32 */
	MPIO_IA_CHAP_ALGS,	/* u32 bit mask, bit n = algorithm n */
	MPIO_IA_POLICY,		/* u32 default policy */
	__MPIO_IA_MAX
};
#define MPIO_IA_MAX (__MPIO_IA_MAX - 1)

#endif /* _UAPI_LINUX_ISCSI_MPIO_H */
