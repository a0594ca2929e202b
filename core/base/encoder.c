/* The way out: iconv, which stops at a character that the charset lacks.  Texts
 * are short and whole, so nothing is kept between them. */
#include "core/base/encoder.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"

struct encoder {
	enum charset charset;
	iconv_t iconv; /* CP932 only */
};

bool
encoder_has(enum charset charset)
{
	return charset == CHARSET_UTF8 || charset == CHARSET_CP932;
}

int
encoder_new(enum charset charset, struct encoder **out, struct err *err)
{
	iconv_t iconv = NULL;

	if (charset != CHARSET_UTF8)
		iconv = iconv_open(charset_name(charset), "UTF-8");
	/* iconv_open() fails with (iconv_t)-1. */
	if (!encoder_has(charset) || (intptr_t)iconv == -1) {
		err_sys(err, E_CHARSET_MISSING, errno);
		return err_fact(err, "charset", span_of(charset_name(charset)));
	}
	*out = mem_new(sizeof **out);
	(*out)->charset = charset;
	(*out)->iconv = iconv;
	return 0;
}

void
encoder_free(struct encoder **encoder)
{
	if (!*encoder)
		return;
	if ((*encoder)->iconv)
		iconv_close((*encoder)->iconv);
	free(*encoder);
	*encoder = NULL;
}

bool
encoder_put(struct encoder *encoder, struct span text, struct buf *out)
{
	size_t before = out->len, left = text.len, room;
	char *in, *to;
	size_t rc;

	if (encoder->charset == CHARSET_UTF8) {
		buf_add(out, text);
		return true;
	}
	/* No character grows. */
	room = text.len;
	buf_reserve(out, room);
	to = out->ptr + out->len;
	/* iconv() does not write to what it is given without const. */
	memcpy(&in, &text.ptr, sizeof in);
	iconv(encoder->iconv, NULL, NULL, NULL, NULL);
	rc = iconv(encoder->iconv, &in, &left, &to, &room);
	out->len = rc == 0 ? (size_t)(to - out->ptr) : before;
	out->ptr[out->len] = '\0';
	return rc == 0;
}

size_t
encoder_put_lossy(struct encoder *encoder, struct span text, struct buf *out,
    struct buf *lost)
{
	size_t count = 0;

	if (encoder_put(encoder, text, out))
		return 0;
	while (text.len) {
		const char *at = text.ptr;
		struct span one;
		uint32_t cp;

		utf8_next(&text, &cp);
		one = span_make(at, (size_t)(text.ptr - at));
		if (encoder_put(encoder, one, out))
			continue;
		encoder_put(encoder, SPAN("〓"), out);
		if (lost)
			buf_add(lost, one);
		count++;
	}
	return count;
}
