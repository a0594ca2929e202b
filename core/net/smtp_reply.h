/* Reading SMTP replies, line by line, within limits. */
#ifndef CORE_NET_SMTP_REPLY_H
#define CORE_NET_SMTP_REPLY_H

#include "core/net/smtp.h"

enum reply_got {
	REPLY_MORE, /* all input is used, the line goes on */
	REPLY_LINE, /* one line of several; reply_line() */
	REPLY_LAST, /* the last line: the reply is whole */
	REPLY_BAD   /* not SMTP, or over a limit: end the connection */
};

/* Plain data, zero-initialised; one per connection. */
struct reply_reader {
	char line[SMTP_LINE_MAX];
	size_t line_len;
	char raw[SMTP_RAW_MAX];
	size_t raw_len, octets;
	unsigned lines;
	int code;
	bool ended; /* the next octet begins a new line */
	bool whole; /* ... and a new reply */
};

/* Takes octets from the front of *input up to the end of one line (CRLF; a
 * bare LF is tolerated).  Sub-codes of one reply must agree. */
enum reply_got reply_read(struct reply_reader *reader, struct span *input);

/* The text of the line just read, behind the code; until the next read. */
struct span reply_line(const struct reply_reader *reader);

/* The reply read last; raw lives until the next reply_read(). */
void reply_fill(const struct reply_reader *reader, struct smtp_reply *out);

/* Adds what one line of an EHLO reply offers (RFC 5321 section 4.1.1.1). */
void reply_caps(struct span line, struct smtp_caps *caps);

#endif
