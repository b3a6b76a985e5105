// SPDX-License-Identifier: GPL-2.0
/*
 * Apart from store/ and from what works on sessions, which the helper of the
 * initramfs has as well: that shows no tables.
 */
#include "flow/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/address.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/print.h"
#include "module/ids.h"
#include "module/kernel.h"
#include "module/model.h"
#include "store/record.h"
#include "store/record_key.h"
#include "store/settings.h"

void show_settings(const struct settings *settings)
{
	const char *text;
	unsigned int i;
	char number[16];

	for (i = 1; i <= MPIO_TA_MAX; i++) {
		if (settings->value[i] == UNSET) {
			print_unset(settings_name(i), NULL);
			continue;
		}
		text = settings_text(i, settings->value[i], number);
		if (text == number)
			print_u64(settings_name(i), NULL, settings->value[i]);
		else
			print_str(settings_name(i), NULL, text);
	}
}

void show_record(const struct record *record)
{
	struct record_property property;
	size_t i;

	for (i = 0; record_key_at(record, i, &property); i++) {
		if (!property.given)
			print_unset(property.name, property.heading);
		else if (property.is_bool)
			print_bool(property.name, property.heading,
				   *property.text == 'Y');
		else if (property.is_number)
			print_u64(property.name, property.heading,
				  strtoul(property.text, NULL, 10));
		else
			print_str(property.name, property.heading,
				  property.text);
	}
	show_settings(&record->login.settings);
}

struct negotiated_row {
	const char *name;
	bool yes_no;
};

static const struct negotiated_row negotiated_rows[MPIO_NA_MAX + 1] = {
	[MPIO_NA_HEADER_DIGEST] = { "HeaderDigest", true },
	[MPIO_NA_DATA_DIGEST] = { "DataDigest", true },
	[MPIO_NA_INITIAL_R2T] = { "InitialR2T", true },
	[MPIO_NA_IMMEDIATE_DATA] = { "ImmediateData", true },
	[MPIO_NA_FIRST_BURST] = { "FirstBurstLength", false },
	[MPIO_NA_MAX_BURST] = { "MaxBurstLength", false },
	[MPIO_NA_MAX_RECV_DSL] = { "MaxRecvDataSegmentLength", false },
	[MPIO_NA_MAX_XMIT_DSL] = { "MaxXmitDataSegmentLength", false },
	[MPIO_NA_MAX_R2T] = { "MaxOutstandingR2T", false },
	[MPIO_NA_TIME2WAIT] = { "DefaultTime2Wait", false },
	[MPIO_NA_TIME2RETAIN] = { "DefaultTime2Retain", false },
	[MPIO_NA_ERL] = { "ErrorRecoveryLevel", false },
	[MPIO_NA_MAX_CONNECTIONS] = { "MaxConnections", false },
	[MPIO_NA_CHAP_ALG] = { "ChapAlgorithm", false },
};

static const char *chap_name(uint32_t alg)
{
	switch (alg) {
	case 5:
		return "MD5";
	case 6:
		return "SHA1";
	case 7:
		return "SHA-256";
	case 8:
		return "SHA3-256";
	default:
		return "none";
	}
}

static void print_negotiated(const struct negotiated *n)
{
	unsigned int i;

	print_object("Negotiated");
	for (i = 1; i <= MPIO_NA_MAX; i++) {
		if (n->value[i] == UNSET || !negotiated_rows[i].name)
			continue;
		if (i == MPIO_NA_CHAP_ALG)
			print_str(negotiated_rows[i].name, NULL,
				  chap_name(n->value[i]));
		else if (negotiated_rows[i].yes_no)
			print_bool(negotiated_rows[i].name, NULL,
				   n->value[i]);
		else
			print_u64(negotiated_rows[i].name, NULL, n->value[i]);
	}
	print_object_end();
}

static void print_transitions(const struct session *s)
{
	char text[64];
	struct tm tm;
	time_t secs;
	size_t i;

	print_array("Transitions");
	for (i = 0; i < s->transitions; i++) {
		secs = s->transition[i].time / 1000000000;
		gmtime_r(&secs, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(text + strlen(text), 8, ".%03dZ",
			 (int)(s->transition[i].time / 1000000 % 1000));
		print_object(NULL);
		print_str("Time", NULL, text);
		print_str("State", NULL,
			  model_session_state_name(s->transition[i].state));
		print_str("Reason", NULL, s->transition[i].reason);
		print_object_end();
	}
	print_array_end();
}

/* Sentences: in a line of text a blank would not tell them apart. */
static void print_quirks(const struct session *s)
{
	char *text, *more;
	size_t i;

	if (options_given()->json) {
		print_list("Quirks", NULL, &s->quirks);
		return;
	}
	text = xstrdup("");
	for (i = 0; i < s->quirks.count; i++) {
		more = xasprintf("%s%s%s", text, i ? "; " : "",
				 s->quirks.item[i]);
		free(text);
		text = more;
	}
	print_str("Quirks", NULL, text);
	free(text);
}

static void print_portal(const struct session *s)
{
	char text[ADDRESS_TEXT];

	if (!options_given()->json)
		print_str("TargetPortal", "PORTAL",
			  address_port_text(&s->login.portal, text));
	print_str("TargetPortalAddress", NULL,
		  address_text(&s->login.portal, text));
	print_u64("TargetPortalPortNumber", NULL,
		  address_port(&s->login.portal));
	print_u64("TargetPortalGroupTag", NULL, s->tpgt);
}

static void print_initiator(const struct session *s)
{
	char text[ADDRESS_TEXT];

	print_str("InitiatorNodeAddress", NULL, s->login.initiator);
	address_text(s->login.source.ss_family ? &s->login.source : &s->local,
		     text);
	print_str("InitiatorPortalAddress", NULL, text);
	print_str("InitiatorInterface", NULL, s->login.iface);
	ids_isid_text(s->login.isid, text);
	print_str("InitiatorSideIdentifier", NULL, text);
}

void show_session(const struct session *s)
{
	bool connected = s->state == MPIO_SESSION_LOGGED_IN;
	char text[SESSION_ID_LEN + 1];

	print_row();
	print_u64("SessionNumber", "NO", s->id);
	ids_session_text(s, text);
	print_str("SessionIdentifier", "SESSION", text);
	print_str("TargetNodeAddress", "TARGET", s->login.target);
	snprintf(text, sizeof(text), "%04x", s->tsih);
	print_str("TargetSideIdentifier", NULL, text);
	print_initiator(s);
	print_portal(s);
	print_str("State", "STATE", model_session_state_name(s->state));
	print_str("AuthenticationType", NULL, model_auth_name(s->login.auth));
	print_bool("IsConnected", NULL, connected);
	print_bool("IsPersistent", "PERSISTENT", s->login.records.count);
	print_bool("IsDiscovered", NULL, s->login.discovered);
	print_bool("IsMultipathEnabled", "MULTIPATH", s->login.multipath);
	print_bool("IsHeaderDigest", NULL,
		   s->negotiated.value[MPIO_NA_HEADER_DIGEST] == 1);
	print_bool("IsDataDigest", NULL,
		   s->negotiated.value[MPIO_NA_DATA_DIGEST] == 1);
	print_u64("NumberOfConnections", NULL, connected);
	print_list("RecordIdentifiers", NULL, &s->login.records);
	print_list("Disks", "DISKS", &s->disks);
	print_str("LastError", NULL, s->last_error);
	print_u64("LastErrorCode", NULL, s->last_error_code);
	print_quirks(s);
	print_u64("ReconnectCount", NULL, s->reconnects);
	print_u64("ConnectedSeconds", NULL, s->connected_ms / 1000);
	print_negotiated(&s->negotiated);
	print_object("Settings");
	show_settings(&s->login.settings);
	print_object_end();
	print_transitions(s);
}

int show_sessions(const uint32_t *id, size_t count)
{
	struct session_list live = {};
	const struct session *s;
	size_t i;
	int ret = kernel_get_sessions(&live);

	if (ret)
		return failed(ret, "cannot list sessions");
	print_open(PRINT_TABLE);
	for (i = 0; i < count; i++) {
		s = model_session_by_number(&live, id[i]);
		if (s)
			show_session(s);
	}
	print_close();
	model_session_list_free(&live);
	return 0;
}
