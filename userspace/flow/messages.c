// SPDX-License-Identifier: GPL-2.0
/* The table of messages. scripts/messages.py makes the manual page of it. */
#include "flow/messages.h"

#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NAME		"MPIO"
#define DIGITS		4
#define FIXED_MIN	8	/* bytes of a line that have to be the table's */
#define PATTERN_MAX	512

#define SAFE "None: nothing is lost, and nothing is written twice."
#define REFUSED "None: nothing was changed."

const struct message messages[] = {
	{ 1, "session %u: this kernel has no congestion control %s, the system's default stays",
	  "The setting CongestionControl names one that this kernel does not have.",
	  SAFE,
	  "modprobe tcp_NAME, or iscsictl mpio set CongestionControl=default" },
	{ 2, "session %u: %s itt 0x%x: %s (0x%x)",
	  "The target sent something that RFC 7143 does not allow; the connection "
	  "is dropped and made again.",
	  "None: commands under way are sent again, by another path if there is "
	  "one, after the fence.",
	  "Report it to the maker of the target, with the line; iscsictl doctor "
	  "tells whether the network damages data" },
	{ 3, "session %u: %s for itt 0x%x",
	  "A command took longer than its time, so the target is asked to give it up.",
	  "None: the command is answered or sent again.",
	  "Look at the load of the target; iscsictl top shows the path" },
	{ 4, "disk %u: commands wait for a path, the machine stays awake",
	  "The machine was to sleep while commands of this disk waited for a path.",
	  "None: sleep is refused instead.",
	  "iscsictl doctor, or disconnect the disk before the machine sleeps" },
	{ 5, "session %u: opcode 0x%02x has cost %u connections, given up",
	  "Each time this command was sent the connection broke; it fails now.",
	  "Its issuer gets an error. A write of it may or may not be on the disk.",
	  "Report the opcode to the maker of the target" },
	{ 6, "session %u lun %llu: avoided for %u ms, %s",
	  "A path failed again and again, or is far slower than the others, and "
	  "rests.",
	  SAFE,
	  "iscsictl doctor: look at the cable, the port and the network of this path" },
	{ 7, "disk %u: %s over path %u, for writes that may be under way",
	  "A path was lost with writes that the target may still have: the unit is "
	  "reset before they are sent again.",
	  "None: this is what keeps an old write from overtaking a new one.",
	  "Nothing; if it comes often, iscsictl doctor" },
	{ 8, "session %u lun %llu: LOGICAL UNIT RESET refused: %s",
	  "The target does not reset the unit, so held writes wait for time instead.",
	  "None: writes wait longer.",
	  "iscsictl mpio get shows FenceMode and FenceTimeout" },
	{ 9, "disk %u: no path since NoPathTimeout, I/O fails",
	  "No path was ready for as long as NoPathTimeout says.",
	  "Writes that were not answered fail, and the file system above may go "
	  "read-only. What was answered is on the disk.",
	  "iscsictl doctor; once a path is back, check the file system. "
	  "iscsictl mpio set NoPathTimeout=infinite waits for ever" },
	{ 10, "disk %u: what had failed is over, writes go on",
	  "Writes that had failed can no longer be executed by the target.",
	  SAFE, "Nothing" },
	{ 11, "disk %u: %u held writes go on",
	  "What the lost path may have had is over; writes that waited for it are "
	  "sent.",
	  SAFE, "Nothing" },
	{ 12, "disk %u: %u held writes failed%s",
	  "Writes that waited for the end of others failed, as NoPathTimeout was over.",
	  "Their issuer got an error; whether those before them are on the disk is "
	  "not known.",
	  "Check the file system; iscsictl doctor" },
	{ 13, "session %u %s: %s%s%s",
	  "The session entered this state, for the reason behind it.",
	  "None by itself: a lost session comes back, and other paths go on.",
	  "If it is not logged-in: iscsictl doctor" },
	{ 14, "session %u: %s: %s",
	  "The target answered a login in a way RFC 7143 does not know; it was taken "
	  "as iscsi_mpio(4) says.",
	  SAFE, "Report it to the maker of the target; iscsictl session show lists it" },
	{ 15, "session %u: unit %u is no disk (type 0x%02x), one path is used and no other",
	  "A tape or changer has one path only: commands to it cannot be sent twice.",
	  SAFE, "Nothing" },
	{ 16, "session %u: scan incomplete (%d), trying again",
	  "The target did not answer all that was asked about its units.",
	  SAFE, "If it goes on: look at the target; iscsictl rescan" },
	{ 17, "session %u lun %llu: not found, though asked for (%d)",
	  "The target tells of this unit, and then has none there.",
	  SAFE, "Look at the mapping of LUNs at the target; iscsictl rescan" },
	{ 18, "session %u lun %llu fenced: %s",
	  "Behind this path is another unit than before, or it lies: the path is not "
	  "used any more.",
	  "None: nothing is written to the other unit.",
	  "Map the LUN to the same unit at each portal, then iscsictl rescan" },
	{ 19, "%s claims the identity of %s with %s: they stay two disks",
	  "Two units have one designator and differ in something else.",
	  "None: they are kept apart. As one disk they would destroy each other.",
	  "Give each unit a serial of its own at the target; if they are one: "
	  "SameUnit of iscsictl mpio set" },
	{ 20, "disk %u: portal group %u %s active/optimized",
	  "The target was asked to make the ports of the paths that remain the "
	  "good ones (explicit ALUA).",
	  SAFE, "Nothing" },
	{ 21, "disk %u: its registration was removed, nothing is restored",
	  "A cluster took away our reservation key, that is, it shuts this host out.",
	  "Writes of this host are refused by the target, as the cluster wants it.",
	  "Look at the cluster; sg_persist -i -k shows the keys" },
	{ 22, "session %u lun %llu: the target refuses its registration, no I/O goes there",
	  "A path cannot get the reservation key the others have.",
	  "None: the path is not used, so no write is refused.",
	  "sg_persist -i -k, -r; look at the limit of keys at the target" },
	{ 23, "no driver for its type",
	  "The kernel has no driver for this kind of unit (a tape, a changer).",
	  SAFE, "modprobe st or ch; /dev/sgN is there without" },

	{ 101, "session-added", "A session was added.", SAFE, "Nothing" },
	{ 102, "session-state", "A session changed its state.", SAFE,
	  "If it stays away: iscsictl doctor" },
	{ 103, "session-deleted", "A session was logged out and removed.", SAFE,
	  "Nothing" },
	{ 104, "session-scanned", "All units of a login are in place.", SAFE,
	  "Nothing" },
	{ 105, "login-failed", "One attempt to log in failed; others follow unless "
	  "the target refuses for good.", SAFE, "iscsictl doctor" },
	{ 106, "path-added", "A disk has one more path.", SAFE, "Nothing" },
	{ 107, "path-state", "A path became ready, went away, or was fenced.", SAFE,
	  "If it is not ready: iscsictl doctor --disk DISK" },
	{ 108, "path-deleted", "A disk has one path less, as its session or unit went.",
	  SAFE, "Nothing" },
	{ 109, "disk-added", "A new disk.", SAFE, "Nothing" },
	{ 110, "disk-deleted", "A disk went with its last path.", SAFE, "Nothing" },
	{ 111, "disk-no-path", "No path is ready; commands wait, and NoPathTimeout runs.",
	  "None until NoPathTimeout is over.", "iscsictl doctor --disk DISK" },
	{ 112, "disk-failed", "NoPathTimeout is over: commands fail.",
	  "Writes that were not answered fail. What was answered is on the disk.",
	  "iscsictl doctor --disk DISK; then check the file system" },
	{ 113, "disk-recovered", "A path is back, commands go on.", SAFE, "Nothing" },
	{ 114, "disk-clash", "Another unit claims the identity of a disk.",
	  "None: they are kept apart.", "See MPIO0019" },

	{ 201, "error", "Something failed that has no class of its own; the sentence "
	  "says what.", REFUSED, "Read the sentence; with -v there is more" },
	{ 202, "session not found", "There is no session of this number or identifier.",
	  REFUSED, "iscsictl session list" },
	{ 203, "no memory", "There was no memory for it.", REFUSED, "Try again" },
	{ 204, "transport", "The portal refuses the connection, resets it, or cannot "
	  "be reached.", SAFE, "iscsictl doctor --portal ADDR" },
	{ 206, "record store", "A file in /etc/iscsi-mpio is damaged or cannot be "
	  "written.", "None for disks: it is about what the next start brings back.",
	  "iscsictl record list; iscsictl record repair or undo" },
	{ 207, "invalid argument", "A word on the command line is not what it may be.",
	  REFUSED, "iscsictl COMMAND --help" },
	{ 208, "connect timed out", "The portal is silent: down, or behind a firewall "
	  "that drops.", SAFE, "iscsictl doctor --portal ADDR" },
	{ 209, "internal", "The target broke RFC 7143.", SAFE,
	  "Report it to the maker of the target, with the sentence" },
	{ 211, "PDU timed out", "The target took the connection and then did not answer.",
	  SAFE, "iscsictl doctor: large packets may vanish on the way" },
	{ 213, "access", "Only root may do that.", REFUSED, "sudo" },
	{ 215, "session exists", "There is such a session or record already.", REFUSED,
	  "iscsictl session list; iscsictl record list" },
	{ 219, "login failed for good", "The target refuses this login, and trying "
	  "again does not help.", SAFE, "Read the sentence; look at the target's log" },
	{ 221, "nothing found", "There is no such target, portal, record or disk.",
	  REFUSED, "iscsictl discover ADDR; iscsictl target list" },
	{ 224, "authentication failed", "The CHAP name or secret is wrong, or the target "
	  "does not let this initiator in.", SAFE,
	  "iscsictl record set-secret; initiator name: iscsictl initiator get" },
	{ 227, "not supported", "The module is not loaded, or the target or kernel "
	  "cannot do that.", REFUSED, "iscsictl doctor" },
	{ 228, "busy", "A disk is in use, so it is not taken away.", REFUSED,
	  "iscsictl tree names who uses it" },
	{ 229, "the target asks to come back later", "It is busy or starts up.", SAFE,
	  "Nothing: the kernel tries again" },
	{}
};

/* What @text says of the moment becomes a pattern; how much of it is fixed? */
static size_t pattern_of(const char *text, char *regex, size_t size)
{
	size_t used = 0, fixed = 0;
	const char *part;

	while (*text && used + sizeof("[0-9a-fx]+") < size) {
		if (*text == '%') {
			text += 1 + strspn(text + 1, "0123456789l");
			part = *text == 's' ? ".*" : "[0-9a-fx-]+";
			used += strlen(strcpy(regex + used, part));
		} else {
			if (strchr("[]().+*?^$|{}\\", *text))
				regex[used++] = '\\';
			regex[used++] = *text;
			fixed++;
		}
		text += *text != '\0';
	}
	regex[used] = '\0';
	return fixed;
}

/* Is @line, or its end, what @text makes? Its fixed bytes if so, or 0. */
static size_t likeness(const char *text, const char *line)
{
	char regex[PATTERN_MAX];
	size_t fixed = pattern_of(text, regex, sizeof(regex));
	regex_t compiled;
	bool match;

	if (regcomp(&compiled, regex, REG_EXTENDED | REG_NOSUB))
		return 0;
	match = !regexec(&compiled, line, 0, NULL, 0);
	regfree(&compiled);
	return match ? fixed : 0;
}

static const struct message *by_number(unsigned long id)
{
	const struct message *m;

	for (m = messages; m->text; m++)
		if (m->id == id)
			return m;
	return NULL;
}

const struct message *messages_find(const char *words)
{
	const struct message *m, *best = NULL;
	size_t len, most = FIXED_MIN - 1;
	const char *at = strstr(words, NAME);
	char *end;
	unsigned long id;

	if (at) {
		id = strtoul(at + sizeof(NAME) - 1, &end, 10);
		if (end - at == sizeof(NAME) - 1 + DIGITS)
			return by_number(id);
	}
	id = strtoul(words, &end, 10);
	if (*words && !*end)
		return by_number(MESSAGES_ERROR + id);
	for (m = messages; m->text; m++) {
		len = !strcmp(words, m->text) ? FIXED_MIN + strlen(words) :
		      m->id < MESSAGES_EVENT ? likeness(m->text, words) : 0;
		if (len > most) {
			most = len;
			best = m;
		}
	}
	return best;
}
