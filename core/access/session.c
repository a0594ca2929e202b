/* Who the caller is and where from, as the log writes it. */
#include "core/access/access.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/mem.h"

enum { PASSWD_ROOM = 64 * 1024 };

char *
access_user(void)
{
	char *room = mem_new(PASSWD_ROOM);
	struct passwd entry, *found = NULL;
	char *name = NULL;

	if (getpwuid_r(getuid(), &entry, room, PASSWD_ROOM, &found) == 0 &&
	    found)
		name = mem_text(span_of(found->pw_name));
	free(room);
	return name;
}

/* Appends printable ASCII only. */
static void
add_clean(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len && i < 64; i++) {
		if (text.ptr[i] > ' ' && text.ptr[i] < 0x7f)
			buf_char(out, text.ptr[i]);
	}
}

char *
access_origin(void)
{
	struct buf out = BUF_INIT;
	struct span tty = span_of(ttyname(STDIN_FILENO));
	struct span client = span_of(getenv("SSH_CONNECTION"));

	if (span_starts(tty, SPAN("/dev/")))
		tty = span_slice(tty, 5, tty.len);
	add_clean(&out, tty.len ? tty : SPAN("no-tty"));
	client = span_cut(&client, ' ');
	if (client.len) {
		buf_char(&out, ' ');
		add_clean(&out, client);
	}
	return out.ptr;
}
