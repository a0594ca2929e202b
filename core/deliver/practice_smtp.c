/* SMTP as a server, strict where a mistake could hide: commands and messages
 * with bare CR or LF are refused, nothing said before TLS counts after it, and
 * whoever makes too many errors is sent away.  AUTH exists inside TLS only. */
#include "core/deliver/practice_smtp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "core/base/mem.h"

enum {
	DECODED_MAX = PRACTICE_LINE_MAX,
	PATH_MAX_LEN = 254,
	KEEP_ROOM = 256 * 1024 /* memory kept from one message to the next */
};

enum mode {
	MODE_COMMAND,
	MODE_PLAIN, /* the next line is AUTH PLAIN's answer */
	MODE_LOGIN_USER,
	MODE_LOGIN_PASSWORD,
	MODE_DATA,
	MODE_TLS,
	MODE_CLOSE
};

struct practice_session {
	const struct practice_rules *rules; /* borrowed */
	enum mode mode;
	bool greeted, encrypted, authenticated, in_mail, user_fits;
	unsigned errors, accepted_rcpts;
	char line[PRACTICE_LINE_MAX];
	size_t line_len;
	bool line_too_long;
	struct buf out;
	struct buf sender;
	struct buf rcpts; /* addresses, each ended by a NUL */
	struct buf data;
	bool data_too_long;
};

static void
reply(struct practice_session *session, const char *text)
{
	buf_text(&session->out, text);
	buf_add(&session->out, SPAN("\r\n"));
}

/* A reply that counts against the client. */
static void
complain(struct practice_session *session, const char *text)
{
	if (++session->errors > PRACTICE_ERRORS_MAX) {
		reply(session, "421 4.7.0 Too many errors");
		session->mode = MODE_CLOSE;
		return;
	}
	reply(session, text);
}

struct practice_session *
practice_session_new(const struct practice_rules *rules)
{
	struct practice_session *session = mem_new(sizeof *session);

	session->rules = rules;
	reply(session, "220 localhost ESMTP practice relay");
	return session;
}

void
practice_session_free(struct practice_session **session)
{
	if (!*session)
		return;
	buf_done(&(*session)->out);
	buf_done(&(*session)->sender);
	buf_done(&(*session)->rcpts);
	buf_done(&(*session)->data);
	OPENSSL_cleanse(*session, sizeof **session);
	free(*session);
	*session = NULL;
}

static void
forget_mail(struct practice_session *session)
{
	session->in_mail = false;
	session->accepted_rcpts = 0;
	session->data_too_long = false;
	buf_clear(&session->sender);
	buf_clear(&session->rcpts);
	if (session->data.room > KEEP_ROOM)
		buf_done(&session->data);
	buf_clear(&session->data);
}

/* ---- commands ---- */

static void
on_ehlo(struct practice_session *session, struct span argument)
{
	if (argument.len == 0) {
		complain(session, "501 5.5.4 Name yourself");
		return;
	}
	forget_mail(session);
	session->greeted = true;
	reply(session, "250-localhost");
	reply(session, "250-PIPELINING");
	buf_printf(&session->out, "250-SIZE %d\r\n", PRACTICE_SIZE_MAX);
	if (!session->encrypted)
		reply(session, "250-STARTTLS");
	else if (session->rules->user)
		reply(session, "250-AUTH PLAIN LOGIN");
	reply(session, "250-ENHANCEDSTATUSCODES");
	reply(session, "250 8BITMIME");
}

static void
on_helo(struct practice_session *session, struct span argument)
{
	if (argument.len == 0) {
		complain(session, "501 Name yourself");
		return;
	}
	forget_mail(session);
	session->greeted = true;
	reply(session, "250 localhost");
}

static void
on_starttls(struct practice_session *session, struct span argument)
{
	if (session->encrypted) {
		complain(session, "503 5.5.1 Encrypted already");
	} else if (argument.len) {
		complain(session, "501 5.5.4 No parameters");
	} else {
		reply(session, "220 2.0.0 Go ahead");
		session->mode = MODE_TLS;
	}
}

/* Decodes base64 into out (DECODED_MAX); -1 when it is none. */
static int
decode(struct span text, unsigned char *out)
{
	int len;

	if (text.len % 4 || text.len / 4 * 3 > DECODED_MAX)
		return -1;
	if (text.len == 0)
		return 0;
	len = EVP_DecodeBlock(
	    out, (const unsigned char *)text.ptr, (int)text.len);
	for (size_t i = 1; len > 0 && i <= 2; i++)
		len -= text.ptr[text.len - i] == '=';
	return len;
}

static bool
is_user(const struct practice_session *session, const void *bytes, size_t len)
{
	return span_equal(span_make(bytes, len), span_of(session->rules->user));
}

static bool
is_password(
    const struct practice_session *session, const void *bytes, size_t len)
{
	const struct secret *password = session->rules->password;

	return password && password->len == len &&
	       !CRYPTO_memcmp(password->bytes, bytes, len);
}

static void
end_auth(struct practice_session *session, bool fits)
{
	session->mode = MODE_COMMAND;
	if (fits) {
		session->authenticated = true;
		reply(session, "235 2.7.0 Welcome");
	} else {
		complain(session, "535 5.7.8 Authentication failed");
	}
}

/* RFC 4616: authorisation identity, NUL, user, NUL, password. */
static bool
plain_fits(
    const struct practice_session *session, const unsigned char *text, int len)
{
	struct span rest = span_make(text, (size_t)len);
	struct span as = span_cut(&rest, '\0'), user = span_cut(&rest, '\0');

	return (as.len == 0 || is_user(session, as.ptr, as.len)) &&
	       is_user(session, user.ptr, user.len) &&
	       is_password(session, rest.ptr, rest.len);
}

static void
on_auth_line(struct practice_session *session, struct span line)
{
	unsigned char text[DECODED_MAX];
	int len = decode(line, text);

	if (len < 0) {
		session->mode = MODE_COMMAND;
		complain(session, "501 5.5.2 Not base64, or cancelled");
	} else if (session->mode == MODE_PLAIN) {
		end_auth(session, plain_fits(session, text, len));
	} else if (session->mode == MODE_LOGIN_USER) {
		session->user_fits = is_user(session, text, (size_t)len);
		session->mode = MODE_LOGIN_PASSWORD;
		reply(session, "334 UGFzc3dvcmQ6");
	} else {
		end_auth(session, is_password(session, text, (size_t)len) &&
				      session->user_fits);
	}
	OPENSSL_cleanse(text, sizeof text);
}

static void
on_auth(struct practice_session *session, struct span argument)
{
	struct span mech = span_cut(&argument, ' ');
	bool plain = span_equal_nocase(mech, SPAN("PLAIN"));

	if (!session->encrypted) {
		complain(session, "538 5.7.11 Encryption required");
	} else if (!session->rules->user) {
		complain(session, "503 5.5.1 No accounts here");
	} else if (session->authenticated || session->in_mail) {
		complain(session, "503 5.5.1 Not now");
	} else if (!plain && !span_equal_nocase(mech, SPAN("LOGIN"))) {
		complain(session, "504 5.5.4 Mechanism unknown");
	} else {
		session->mode = plain ? MODE_PLAIN : MODE_LOGIN_USER;
		if (argument.len)
			on_auth_line(session, span_equal(argument, SPAN("="))
						  ? SPAN("")
						  : argument);
		else
			reply(session, plain ? "334 " : "334 VXNlcm5hbWU6");
	}
}

/* Cuts "<address>" off the front of *argument; a quoted local part may hold
 * ">" and spaces (RFC 5321 section 4.1.2). */
static bool
cut_path(struct span *argument, struct span *address)
{
	bool quoted = false;
	size_t i;

	if (argument->len == 0 || argument->ptr[0] != '<')
		return false;
	for (i = 1; i < argument->len; i++) {
		unsigned char c = (unsigned char)argument->ptr[i];

		if (c < ' ' || c > '~')
			return false;
		if (c == '"')
			quoted = !quoted;
		if (quoted && c == '\\')
			i++;
		else if (!quoted && (c == '>' || c == ' ' || c == '<'))
			break;
	}
	if (i >= argument->len || argument->ptr[i] != '>')
		return false;
	*address = span_slice(*argument, 1, i);
	*argument = span_slice(*argument, i + 1, argument->len);
	return address->len <= PATH_MAX_LEN &&
	       (argument->len == 0 || argument->ptr[0] == ' ');
}

/* NULL, or what is wrong with the parameters of MAIL. */
static const char *
check_params(struct span params)
{
	while (params.len) {
		struct span value = span_cut(&params, ' ');
		struct span key = span_cut(&value, '=');
		int64_t size;

		if (key.len == 0 && value.len == 0)
			continue;
		if (span_equal_nocase(key, SPAN("SIZE"))) {
			if (!span_int(value, &size))
				return "501 5.5.4 SIZE is a number";
			if (size > PRACTICE_SIZE_MAX)
				return "552 5.3.4 Message too big";
		} else if (!span_equal_nocase(key, SPAN("BODY")) ||
			   (!span_equal_nocase(value, SPAN("7BIT")) &&
			       !span_equal_nocase(value, SPAN("8BITMIME")))) {
			return "555 5.5.4 Parameter unknown";
		}
	}
	return NULL;
}

static void
on_mail(struct practice_session *session, struct span argument)
{
	struct span sender;
	const char *wrong;

	if (!session->greeted || session->in_mail) {
		complain(session, "503 5.5.1 Not now");
	} else if (session->rules->user && !session->authenticated) {
		complain(session, "530 5.7.0 Authentication required");
	} else if (!cut_path(&argument, &sender)) {
		complain(session, "501 5.1.7 Bad sender address");
	} else if ((wrong = check_params(argument)) != NULL) {
		complain(session, wrong);
	} else {
		session->in_mail = true;
		buf_add(&session->sender, sender);
		reply(session, "250 2.1.0 Sender ok");
	}
}

static void
on_rcpt(struct practice_session *session, struct span argument)
{
	struct practice_port *port = session->rules->port;
	struct span address;
	const char *verdict;

	if (!session->in_mail) {
		complain(session, "503 5.5.1 MAIL first");
		return;
	}
	if (!cut_path(&argument, &address) || address.len == 0 ||
	    span_trim(argument).len) {
		complain(session, "501 5.1.3 Bad recipient address");
		return;
	}
	if (session->accepted_rcpts == PRACTICE_RCPT_MAX) {
		reply(session, "452 4.5.3 Too many recipients");
		return;
	}
	verdict = port->judge(port, address);
	if (verdict) {
		reply(session, verdict);
		return;
	}
	session->accepted_rcpts++;
	buf_add(&session->rcpts, address);
	buf_char(&session->rcpts, '\0');
	reply(session, "250 2.1.5 Recipient ok");
}

static void
on_data(struct practice_session *session)
{
	if (!session->in_mail) {
		complain(session, "503 5.5.1 MAIL first");
	} else if (session->accepted_rcpts == 0) {
		reply(session, "554 5.5.1 No valid recipients");
	} else {
		session->mode = MODE_DATA;
		reply(session, "354 End with a dot on a line");
	}
}

static void
on_simple(struct practice_session *session, struct span verb)
{
	if (span_equal_nocase(verb, SPAN("RSET"))) {
		forget_mail(session);
		reply(session, "250 2.0.0 Forgotten");
	} else if (span_equal_nocase(verb, SPAN("NOOP"))) {
		reply(session, "250 2.0.0 Nothing done");
	} else if (span_equal_nocase(verb, SPAN("VRFY"))) {
		reply(session, "252 2.5.0 Send mail and see");
	} else if (span_equal_nocase(verb, SPAN("QUIT"))) {
		reply(session, "221 2.0.0 Bye");
		session->mode = MODE_CLOSE;
	} else {
		complain(session, "500 5.5.2 Command unknown");
	}
}

/* "MAIL FROM:<...>" as argument "<...>"; the colon belongs to the verb. */
static bool
cut_verb(struct span *line, struct span verb)
{
	if (line->len < verb.len ||
	    !span_equal_nocase(span_slice(*line, 0, verb.len), verb))
		return false;
	*line = span_slice(*line, verb.len, line->len);
	return true;
}

static void
on_command(struct practice_session *session, struct span line)
{
	struct span rest = line, verb = span_cut(&rest, ' ');

	if (cut_verb(&line, SPAN("MAIL FROM:")))
		on_mail(session, line);
	else if (cut_verb(&line, SPAN("RCPT TO:")))
		on_rcpt(session, line);
	else if (span_equal_nocase(verb, SPAN("DATA")) && rest.len == 0)
		on_data(session);
	else if (span_equal_nocase(verb, SPAN("EHLO")))
		on_ehlo(session, span_trim(rest));
	else if (span_equal_nocase(verb, SPAN("HELO")))
		on_helo(session, span_trim(rest));
	else if (span_equal_nocase(verb, SPAN("STARTTLS")))
		on_starttls(session, rest);
	else if (span_equal_nocase(verb, SPAN("AUTH")))
		on_auth(session, rest);
	else
		on_simple(session, verb);
}

/* ---- lines and messages ---- */

static void
end_line(struct practice_session *session)
{
	struct span line = span_make(session->line, session->line_len);
	bool cr = line.len && line.ptr[line.len - 1] == '\r';
	bool too_long = session->line_too_long;

	session->line_len = 0;
	session->line_too_long = false;
	if (cr)
		line.len--;
	if (too_long)
		complain(session, "500 5.5.2 Line too long");
	else if (!cr || span_index(line, '\r') < line.len ||
		 span_index(line, '\0') < line.len)
		complain(session, "500 5.5.2 Lines end with CRLF only");
	else if (session->mode == MODE_COMMAND)
		on_command(session, line);
	else
		on_auth_line(session, line);
}

static void
take_line(struct practice_session *session, struct span *bytes)
{
	size_t at = span_index(*bytes, '\n');
	struct span piece = span_slice(*bytes, 0, at);
	bool ended = at < bytes->len;

	if (piece.len > sizeof session->line - session->line_len) {
		session->line_too_long = true;
		piece.len = 0;
	}
	if (piece.len)
		memcpy(session->line + session->line_len, piece.ptr, piece.len);
	session->line_len += piece.len;
	*bytes = span_slice(*bytes, ended ? at + 1 : at, bytes->len);
	if (ended)
		end_line(session);
}

/* Where the message ends in data (behind the CRLF before the dot), looking
 * from octet from on; data.len when the end has not come. */
static size_t
find_end(const struct practice_session *session, size_t from)
{
	struct span data = buf_span(&session->data), end = SPAN("\r\n.\r\n");
	size_t at;

	if (!session->data_too_long && span_starts(data, SPAN(".\r\n")))
		return 0;
	from = from > end.len ? from - end.len : 0;
	at = from + span_search(span_slice(data, from, data.len), end);
	return at < data.len ? at + 2 : data.len;
}

/* Halves doubled dots in place; false when a CR, LF or NUL stands where it
 * must not. */
static bool
unstuff(char *bytes, size_t *len)
{
	size_t put = 0, at = 0;

	while (at < *len) {
		struct span rest = span_make(bytes + at, *len - at);
		size_t end = span_index(rest, '\n');
		size_t dot = rest.ptr[0] == '.';

		if (end == rest.len || span_index(rest, '\r') + 1 != end)
			return false;
		if (put != at + dot)
			memmove(bytes + put, bytes + at + dot, end + 1 - dot);
		put += end + 1 - dot;
		at += end + 1;
	}
	*len = put;
	return span_index(span_make(bytes, put), '\0') == put;
}

static void
keep_message(struct practice_session *session, struct span message)
{
	struct practice_port *port = session->rules->port;
	struct span rcpts = buf_span(&session->rcpts), rcpt;
	int failed = 0;

	while (rcpts.len) {
		rcpt = span_cut(&rcpts, '\0');
		failed |=
		    port->keep(port, buf_span(&session->sender), rcpt, message);
	}
	if (failed)
		reply(session, "451 4.3.0 Cannot write");
	else
		buf_printf(&session->out, "250 2.0.0 Ok: queued as P%06llu\r\n",
		    (unsigned long long)++port->messages);
}

/* The message is data up to end, its dot takes three octets more. */
static void
end_message(struct practice_session *session, size_t end)
{
	size_t len = end;

	if (session->data_too_long)
		complain(session, "552 5.3.4 Message too big");
	else if (!unstuff(session->data.ptr, &len))
		complain(session, "550 5.6.0 Bare CR or LF, or NUL");
	else
		keep_message(session, span_make(session->data.ptr, len));
	forget_mail(session);
	if (session->mode == MODE_DATA)
		session->mode = MODE_COMMAND;
}

static void
take_data(struct practice_session *session, struct span *bytes)
{
	size_t before = session->data.len, end, room = 64 * 1024;
	struct span piece = span_slice(*bytes, 0, room);

	buf_add(&session->data, piece);
	end = find_end(session, before);
	if (end < session->data.len) {
		*bytes = span_slice(*bytes, end + 3 - before, bytes->len);
		end_message(session, end);
		return;
	}
	*bytes = span_slice(*bytes, piece.len, bytes->len);
	if (session->data.len > PRACTICE_SIZE_MAX)
		session->data_too_long = true;
	if (session->data_too_long && session->data.len > 4)
		buf_drop(&session->data, session->data.len - 4);
}

/* After STARTTLS nothing in clear may follow: it could have been injected. */
void
practice_input(struct practice_session *session, struct span bytes)
{
	while (bytes.len && session->mode != MODE_CLOSE) {
		if (session->mode == MODE_TLS)
			session->mode = MODE_CLOSE;
		else if (session->mode == MODE_DATA)
			take_data(session, &bytes);
		else
			take_line(session, &bytes);
	}
}

struct buf *
practice_output(struct practice_session *session)
{
	return &session->out;
}

enum practice_wish
practice_wish(const struct practice_session *session)
{
	if (session->mode == MODE_CLOSE)
		return PRACTICE_CLOSE;
	return session->mode == MODE_TLS ? PRACTICE_TLS : PRACTICE_IO;
}

void
practice_tls_done(struct practice_session *session)
{
	forget_mail(session);
	session->mode = MODE_COMMAND;
	session->encrypted = true;
	session->greeted = session->authenticated = false;
	session->line_len = 0;
}
