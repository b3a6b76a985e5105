/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of the iscsi_mpio module. Sessions, disks and paths appear by
 * the numbers that the netlink interface reports.
 *
 * Texts are copied into arrays of fixed size: they may be gone or different
 * when the ring buffer is read, and __assign_str() changed its arguments
 * between the kernels this must compile for.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM iscsi_mpio

#if !defined(_TRACE_ISCSI_MPIO_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_ISCSI_MPIO_H

#include <linux/string.h>
#include <linux/tracepoint.h>

#include <uapi/linux/iscsi_mpio.h>

#define MPIO_TRACE_REASON	96
#define MPIO_TRACE_FIELD	48

TRACE_DEFINE_ENUM(MPIO_SESSION_CONNECTING);
TRACE_DEFINE_ENUM(MPIO_SESSION_LOGGED_IN);
TRACE_DEFINE_ENUM(MPIO_SESSION_RECOVERING);
TRACE_DEFINE_ENUM(MPIO_SESSION_STOPPED);
TRACE_DEFINE_ENUM(MPIO_SESSION_DELETING);
TRACE_DEFINE_ENUM(MPIO_PATH_RECOVERING);
TRACE_DEFINE_ENUM(MPIO_PATH_READY);
TRACE_DEFINE_ENUM(MPIO_PATH_STANDBY);
TRACE_DEFINE_ENUM(MPIO_PATH_FENCED);
TRACE_DEFINE_ENUM(MPIO_PATH_DISABLED);

#define show_mpio_session_state(state)					\
	__print_symbolic(state,						\
		{ MPIO_SESSION_CONNECTING,	"connecting" },		\
		{ MPIO_SESSION_LOGGED_IN,	"logged-in" },		\
		{ MPIO_SESSION_RECOVERING,	"recovering" },		\
		{ MPIO_SESSION_STOPPED,		"stopped" },		\
		{ MPIO_SESSION_DELETING,	"deleting" })

#define show_mpio_path_state(state)					\
	__print_symbolic(state,						\
		{ MPIO_PATH_RECOVERING,		"recovering" },		\
		{ MPIO_PATH_READY,		"ready" },		\
		{ MPIO_PATH_STANDBY,		"standby" },		\
		{ MPIO_PATH_FENCED,		"fenced" },		\
		{ MPIO_PATH_DISABLED,		"disabled" })

/* A session changed its state. */
TRACE_EVENT(mpio_session_state,
	TP_PROTO(u32 session, const char *target, u32 old, u32 new,
		 const char *reason),
	TP_ARGS(session, target, old, new, reason),
	TP_STRUCT__entry(
		__field(u32, session)
		__field(u32, old)
		__field(u32, new)
		__array(char, target, MPIO_NAME_MAX + 1)
		__array(char, reason, MPIO_TRACE_REASON)
	),
	TP_fast_assign(
		__entry->session = session;
		__entry->old = old;
		__entry->new = new;
		strscpy(__entry->target, target, MPIO_NAME_MAX + 1);
		strscpy(__entry->reason, reason ? reason : "",
			MPIO_TRACE_REASON);
	),
	TP_printk("session=%u target=%s %s -> %s: %s",
		  __entry->session, __entry->target,
		  show_mpio_session_state(__entry->old),
		  show_mpio_session_state(__entry->new), __entry->reason)
);

/* A path changed its state. */
TRACE_EVENT(mpio_path_state,
	TP_PROTO(u32 path, u32 session, u32 disk, u32 old, u32 new,
		 const char *reason),
	TP_ARGS(path, session, disk, old, new, reason),
	TP_STRUCT__entry(
		__field(u32, path)
		__field(u32, session)
		__field(u32, disk)
		__field(u32, old)
		__field(u32, new)
		__array(char, reason, MPIO_TRACE_REASON)
	),
	TP_fast_assign(
		__entry->path = path;
		__entry->session = session;
		__entry->disk = disk;
		__entry->old = old;
		__entry->new = new;
		strscpy(__entry->reason, reason ? reason : "",
			MPIO_TRACE_REASON);
	),
	TP_printk("path=%u session=%u disk=%u %s -> %s: %s",
		  __entry->path, __entry->session, __entry->disk,
		  show_mpio_path_state(__entry->old),
		  show_mpio_path_state(__entry->new), __entry->reason)
);

/* Commands left a path that failed. */
TRACE_EVENT(mpio_failover,
	TP_PROTO(u32 disk, u32 from, u32 commands, const char *reason),
	TP_ARGS(disk, from, commands, reason),
	TP_STRUCT__entry(
		__field(u32, disk)
		__field(u32, from)
		__field(u32, commands)
		__array(char, reason, MPIO_TRACE_REASON)
	),
	TP_fast_assign(
		__entry->disk = disk;
		__entry->from = from;
		__entry->commands = commands;
		strscpy(__entry->reason, reason ? reason : "",
			MPIO_TRACE_REASON);
	),
	TP_printk("disk=%u from_path=%u commands=%u: %s",
		  __entry->disk, __entry->from, __entry->commands,
		  __entry->reason)
);

/* A disk lost its last path (not expired), or NoPathTimeout is over. */
TRACE_EVENT(mpio_no_path,
	TP_PROTO(u32 disk, u32 parked, bool expired),
	TP_ARGS(disk, parked, expired),
	TP_STRUCT__entry(
		__field(u32, disk)
		__field(u32, parked)
		__field(bool, expired)
	),
	TP_fast_assign(
		__entry->disk = disk;
		__entry->parked = parked;
		__entry->expired = expired;
	),
	TP_printk("disk=%u parked=%u%s", __entry->disk, __entry->parked,
		  __entry->expired ? " expired" : "")
);

/* The target sent something that RFC 7143 does not allow. */
TRACE_EVENT(mpio_pdu_error,
	TP_PROTO(u32 session, u8 opcode, u32 itt, const char *field,
		 u32 value),
	TP_ARGS(session, opcode, itt, field, value),
	TP_STRUCT__entry(
		__field(u32, session)
		__field(u32, itt)
		__field(u32, value)
		__field(u8, opcode)
		__array(char, field, MPIO_TRACE_FIELD)
	),
	TP_fast_assign(
		__entry->session = session;
		__entry->itt = itt;
		__entry->value = value;
		__entry->opcode = opcode;
		strscpy(__entry->field, field, MPIO_TRACE_FIELD);
	),
	TP_printk("session=%u opcode=0x%02x itt=0x%08x %s: 0x%x",
		  __entry->session, __entry->opcode, __entry->itt,
		  __entry->field, __entry->value)
);

/* ABORT TASK (1) or QUERY TASK (9) goes out for the command with this ITT. */
TRACE_EVENT(mpio_abort,
	TP_PROTO(u32 session, u32 itt, u8 function),
	TP_ARGS(session, itt, function),
	TP_STRUCT__entry(
		__field(u32, session)
		__field(u32, itt)
		__field(u8, function)
	),
	TP_fast_assign(
		__entry->session = session;
		__entry->itt = itt;
		__entry->function = function;
	),
	TP_printk("session=%u itt=0x%08x function=%u", __entry->session,
		  __entry->itt, __entry->function)
);

#endif /* _TRACE_ISCSI_MPIO_H */

/* Found as <trace/events/iscsi_mpio.h>: -I$(src)/include is in place. */
#include <trace/define_trace.h>
