/* One mailbox address: read, checked, and put into the three forms the program
 * needs (RFC 5321 sections 4.1.2 and 4.5.3.1, RFC 5890 for the domain). */
#ifndef CORE_MAIL_ADDRESS_H
#define CORE_MAIL_ADDRESS_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/span.h"

/* Limits in octets; the path counts the angle brackets. */
enum {
	ADDRESS_LOCAL_MAX = 64,
	ADDRESS_DOMAIN_MAX = 253, /* as text; 255 on the wire of DNS */
	ADDRESS_LABEL_MAX = 63,
	ADDRESS_PATH_MAX = 256
};

/* What is unusual about an address that was accepted all the same. */
enum address_quirk {
	ADDRESS_PLAIN,
	/* Dots where RFC 5321 allows none, issued by a Japanese carrier:
	 * stored without quotes, quoted on the wire. */
	ADDRESS_CARRIER_DOTS
};

/* All spans live in the arena given to address_parse(). */
struct address {
	struct span address; /* as typed, domain in ASCII: to store and show */
	struct span canon;   /* local part byte for byte, '@', lower-case
			      * A-labels: the key for duplicates; parses again
			      * to itself */
	struct span wire;    /* for RCPT and To: the local part quoted where
			      * the grammar wants it */
	struct span local;   /* without quotes and backslashes */
	struct span domain;  /* lower-case A-labels */
	enum address_quirk quirk;
};

/* Reads one address that fills text but for spaces and tabs around it; angle
 * brackets, display names and comments are refused.  Address literals and
 * domains without a dot are refused.  *out lives as long as the arena.
 * E_ADDRESS_SYNTAX (why: empty, encoding, control, at, local, dots, quote,
 * space, literal, name, mailto, two, tail), E_ADDRESS_LENGTH, E_ADDRESS_DOMAIN (why:
 * empty, label, length, single, numeric, idna), E_ADDRESS_UTF8,
 * E_ADDRESS_WIDTH (full-width or invisible characters).  Where a harmless
 * change would make it valid, the fact "fix" holds the result, for the
 * operator to accept; nothing is repaired silently. */
int address_parse(struct span text, struct arena *arena, struct address *out,
    struct err *err);

/* Reads a domain alone: its lower-case A-labels in *out, which lives as long
 * as the arena.  E_ADDRESS_DOMAIN (why as above), E_ADDRESS_WIDTH,
 * E_ADDRESS_SYNTAX (why: encoding, control, literal). */
int address_domain(
    struct span text, struct arena *arena, struct span *out, struct err *err);

/* Appends a host name as people read it: lower case, A-labels decoded.  False,
 * with *out as it was, when it is no host name. */
bool address_domain_shown(struct span domain, struct buf *out);

/* True for the carrier domains whose old addresses break the dot-atom rule;
 * domain in lower-case A-labels. */
bool address_is_carrier(struct span domain);

/* What a character that looks like ASCII, or like nothing, stands for in an
 * address: an ASCII character, 0 for one to drop, or cp itself for any other. */
uint32_t address_plain_form(uint32_t cp);

#endif
