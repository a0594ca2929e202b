/* Frames between agent and parent.  The parent trusts the agent no more than a
 * network peer: PAM modules run in it. */
#include "core/access/frame.h"

#include <stdio.h>

void
frame_add(struct buf *out, enum login_kind kind, struct span text)
{
	uint32_t len = (uint32_t)(text.len < FRAME_MAX ? text.len : FRAME_MAX);

	buf_char(out, (char)kind);
	buf_add(out, span_make(&len, sizeof len));
	buf_add(out, span_slice(text, 0, len));
}

void
frame_put_err(struct buf *out, const struct err *why)
{
	buf_text(out, err_name(why->code));
	for (unsigned i = 0; i < why->fact_count; i++) {
		buf_printf(
		    out, "\n%s=%s", why->fact[i].name, why->fact[i].value);
	}
}

static void
read_err(struct span text, struct err *out)
{
	char name[ERR_NAME_MAX + 1];

	err_set(out, err_code_of(span_cut(&text, '\n')));
	while (text.len) {
		struct span line = span_cut(&text, '\n');
		struct span key = span_cut(&line, '=');

		snprintf(name, sizeof name, "%.*s", SPAN_ARG(key));
		err_fact(out, name, line);
	}
}

static int
bad_frame(struct err *err)
{
	return err_set(err, E_PAM_AGENT);
}

int
frame_take(struct span input, struct login_event *out, struct err *err)
{
	struct span text;
	uint32_t len;

	if (input.len < FRAME_HEAD)
		return 0;
	memcpy(&len, input.ptr + 1, sizeof len);
	if (len > FRAME_MAX || (unsigned char)input.ptr[0] > LOGIN_DENIED)
		return bad_frame(err);
	if (input.len < FRAME_HEAD + len)
		return 0;
	text = span_slice(input, FRAME_HEAD, FRAME_HEAD + len);
	memset(out, 0, sizeof *out);
	out->kind = (enum login_kind)input.ptr[0];
	if (out->kind == LOGIN_DENIED)
		read_err(text, &out->err);
	else if (out->kind == LOGIN_DELAY && !span_int(text, &out->delay_ms))
		return bad_frame(err);
	snprintf(out->text, sizeof out->text, "%.*s", SPAN_ARG(text));
	return (int)(FRAME_HEAD + len);
}
