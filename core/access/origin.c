/* Where somebody sits.  The terminal's login record was written by sshd or
 * login as root; what the environment says is the user's own word and not asked.
 * Hosts that keep no utmp any more (Debian 13) have the record of
 * systemd-logind, found by the audit session that pam_loginuid has set once for
 * all. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utmpx.h>

#include "core/access/admit.h"
#include "core/base/file.h"
#include "core/net/network.h"

enum { RECORD_MAX = 16 * 1024 };

static bool
is_console_line(struct span tty)
{
	return span_starts(tty, SPAN("tty")) || span_starts(tty, SPAN("hvc")) ||
	       span_equal(tty, SPAN("console"));
}

static void
take_address(struct origin *out, struct span text)
{
	struct net_address address;

	if (!net_address_read(text, &address))
		return;
	out->kind = ORIGIN_ADDRESS;
	inet_ntop(address.length == 4 ? AF_INET : AF_INET6, address.bytes,
	    out->address, sizeof out->address);
}

/* ut_addr_v6: an IPv4 address stands in the first word, with three zero
 * words behind it. */
static void
take_words(struct origin *out, const int32_t words[4])
{
	char text[INET6_ADDRSTRLEN];
	bool four = !words[1] && !words[2] && !words[3];

	if (four && !words[0])
		return;
	if (inet_ntop(four ? AF_INET : AF_INET6, words, text, sizeof text))
		take_address(out, span_of(text));
}

/* False when the terminal has no record in utmp. */
static bool
read_utmp(struct origin *out)
{
	struct utmpx want = {.ut_type = LOGIN_PROCESS};
	const struct utmpx *got;
	struct span host;

	span_text(want.ut_line, sizeof want.ut_line, span_of(out->tty));
	setutxent();
	got = getutxline(&want);
	if (!got || got->ut_type != USER_PROCESS) {
		endutxent();
		return false;
	}
	host = span_make(got->ut_host, strnlen(got->ut_host, 256));
	take_words(out, got->ut_addr_v6);
	if (out->kind != ORIGIN_ADDRESS)
		take_address(out, host);
	if (out->kind != ORIGIN_ADDRESS && host.len == 0 &&
	    is_console_line(span_of(out->tty)))
		out->kind = ORIGIN_CONSOLE;
	endutxent();
	return true;
}

/* A file that only root can have written. */
static bool
read_roots(const char *path, struct buf *out)
{
	struct stat info;

	if (lstat(path, &info) < 0 || !S_ISREG(info.st_mode) ||
	    info.st_uid != 0 || info.st_mode & 022)
		return false;
	return file_read(path, RECORD_MAX, out, NULL) == 0;
}

void
origin_of_session(struct origin *out, struct span record)
{
	struct span host = SPAN(""), seat = SPAN(""), tty = SPAN("");

	while (record.len) {
		struct span value = span_cut(&record, '\n');
		struct span name = span_cut(&value, '=');

		if (span_equal(name, SPAN("REMOTE_HOST")))
			host = value;
		else if (span_equal(name, SPAN("SEAT")))
			seat = value;
		else if (span_equal(name, SPAN("TTY")))
			tty = value;
	}
	if (tty.len && !span_equal(tty, span_of(out->tty)))
		return;
	if (host.len)
		take_address(out, host);
	else if (seat.len)
		out->kind = ORIGIN_CONSOLE;
}

static void
read_logind(struct origin *out)
{
	struct buf number = BUF_INIT, record = BUF_INIT;
	int64_t session;
	char path[64];

	if (file_read("/proc/self/sessionid", 64, &number, NULL) == 0 &&
	    span_int(span_trim(buf_span(&number)), &session) &&
	    session < UINT32_MAX) {
		snprintf(path, sizeof path, "/run/systemd/sessions/%lld",
		    (long long)session);
		if (read_roots(path, &record))
			origin_of_session(out, buf_span(&record));
	}
	buf_done(&number);
	buf_done(&record);
}

void
origin_of_tty(struct span tty, struct origin *out)
{
	*out = (struct origin){.kind = ORIGIN_UNKNOWN};
	if (span_starts(tty, SPAN("/dev/")))
		tty = span_slice(tty, 5, tty.len);
	if (tty.len == 0)
		return;
	span_text(out->tty, sizeof out->tty, tty);
	if (read_utmp(out))
		return;
	read_logind(out);
	if (out->kind == ORIGIN_UNKNOWN && is_console_line(tty))
		out->kind = ORIGIN_CONSOLE;
}

void
origin_read(struct origin *out)
{
	origin_of_tty(span_of(ttyname(STDIN_FILENO)), out);
}

const char *
origin_text(const struct origin *origin)
{
	if (origin->kind == ORIGIN_ADDRESS)
		return origin->address;
	return origin->tty[0] ? origin->tty : "?";
}

bool
origin_is_in(const struct origin *origin, struct span networks,
    enum console_rule console)
{
	struct net_address address;

	if (span_trim(networks).len == 0)
		return true;
	if (origin->kind == ORIGIN_CONSOLE)
		return console == CONSOLE_INSIDE;
	return origin->kind == ORIGIN_ADDRESS &&
	       net_address_read(span_of(origin->address), &address) &&
	       networks_hold(networks, &address);
}
