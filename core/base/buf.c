/* Growable byte buffers. */
#include "core/base/buf.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"

void
buf_reserve(struct buf *buf, size_t more)
{
	size_t want, room = buf->room ? buf->room : 64;

	if (__builtin_add_overflow(buf->len, more, &want) ||
	    __builtin_add_overflow(want, (size_t)1, &want) ||
	    want > SIZE_MAX / 2)
		abort();
	if (want <= buf->room)
		return;
	while (room < want)
		room *= 2;
	buf->ptr = mem_grow(buf->ptr, room);
	buf->room = room;
	buf->ptr[buf->len] = '\0';
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	int need;

	va_start(args, format);
	va_copy(again, args);
	need = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (need < 0)
		abort();
	buf_reserve(buf, (size_t)need);
	vsnprintf(buf->ptr + buf->len, (size_t)need + 1, format, again);
	va_end(again);
	buf->len += (size_t)need;
}

void
buf_int(struct buf *buf, int64_t value)
{
	char digits[20]; /* INT64_MIN has 19, and its sign */
	char *at = digits + sizeof digits;
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		*--at = '-';
	buf_add(buf, span_make(at, (size_t)(digits + sizeof digits - at)));
}

void
buf_drop(struct buf *buf, size_t count)
{
	if (!buf->ptr)
		return;
	if (count > buf->len)
		count = buf->len;
	memmove(buf->ptr, buf->ptr + count, buf->len - count);
	buf->len -= count;
	buf->ptr[buf->len] = '\0';
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
	if (buf->ptr)
		buf->ptr[0] = '\0';
}

void
buf_done(struct buf *buf)
{
	free(buf->ptr);
	*buf = BUF_INIT;
}

void
buf_wipe(struct buf *buf)
{
	if (buf->ptr)
		OPENSSL_cleanse(buf->ptr, buf->room);
	buf_done(buf);
}
