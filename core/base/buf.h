/* Growable byte buffers.  Truncation does not exist: they grow or die. */
#ifndef CORE_BASE_BUF_H
#define CORE_BASE_BUF_H

#include <stdint.h>

#include "core/base/span.h"

/* Caller's storage: start from BUF_INIT, end with buf_done().  After every
 * call ptr[len] is NUL once anything was allocated. */
struct buf {
	char *ptr;
	size_t len;
	size_t room;
};

#define BUF_INIT ((struct buf){NULL, 0, 0})

/* Makes sure that more bytes (and a NUL) fit behind len without moving. */
void buf_reserve(struct buf *buf, size_t more);

/* Appends the bytes of s; s must not point into buf.  Written here, as the
 * next two are, because a message is made by thousands of such steps. */
static inline void
buf_add(struct buf *buf, struct span s)
{
	if (s.len >= buf->room - buf->len)
		buf_reserve(buf, s.len);
	if (s.len)
		memcpy(buf->ptr + buf->len, s.ptr, s.len);
	buf->len += s.len;
	buf->ptr[buf->len] = '\0';
}

/* Appends one byte. */
static inline void
buf_char(struct buf *buf, char c)
{
	if (buf->room - buf->len < 2)
		buf_reserve(buf, 1);
	buf->ptr[buf->len++] = c;
	buf->ptr[buf->len] = '\0';
}

/* Appends a NUL-terminated string. */
static inline void
buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, span_of(text));
}

/* Appends printf output; for our own formats, never for foreign ones. */
__attribute__((format(printf, 2, 3))) void buf_printf(
    struct buf *buf, const char *format, ...);

/* Appends value in decimal. */
void buf_int(struct buf *buf, int64_t value);

/* Removes the first count bytes (cut to len). */
void buf_drop(struct buf *buf, size_t count);

/* Empties the buffer, keeping its memory. */
void buf_clear(struct buf *buf);

/* The bytes of buf; valid until buf is next changed. */
static inline struct span
buf_span(const struct buf *buf)
{
	return span_make(buf->ptr, buf->len);
}

/* Frees the memory and leaves BUF_INIT. */
void buf_done(struct buf *buf);

/* Like buf_done(), but wipes the bytes first: for buffers that held secrets.
 * Growth may have left older copies; reserve enough before adding. */
void buf_wipe(struct buf *buf);

#endif
