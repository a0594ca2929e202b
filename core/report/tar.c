/* One header has one form here, so reading compares it with what would have
 * been written: no field can be changed unnoticed, whatever programs make of
 * it. */
#include "core/report/tar.h"

#include <stdio.h>
#include <string.h>

enum {
	AT_MODE = 100,
	AT_UID = 108,
	AT_GID = 116,
	AT_SIZE = 124,
	AT_TIME = 136,
	AT_SUM = 148,
	AT_TYPE = 156,
	AT_MAGIC = 257,
	AT_DEVICE = 329
};

static void
put_octal(char *to, int digits, int64_t value)
{
	char text[24];

	snprintf(
	    text, sizeof text, "%0*llo", digits, (unsigned long long)value);
	memcpy(to, text, (size_t)digits + 1);
}

void
tar_header(char block[TAR_BLOCK], const char *name, int64_t size, int64_t at_s)
{
	unsigned sum = 0;

	memset(block, 0, TAR_BLOCK);
	memcpy(block, name, strnlen(name, TAR_NAME_MAX));
	put_octal(block + AT_MODE, 7, 0600);
	put_octal(block + AT_UID, 7, 0);
	put_octal(block + AT_GID, 7, 0);
	put_octal(block + AT_SIZE, 11, size);
	put_octal(block + AT_TIME, 11, at_s);
	block[AT_TYPE] = '0';
	memcpy(block + AT_MAGIC, "ustar\00000", 8);
	put_octal(block + AT_DEVICE, 7, 0);
	put_octal(block + AT_DEVICE + 8, 7, 0);
	memset(block + AT_SUM, ' ', 8);
	for (int i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)block[i];
	put_octal(block + AT_SUM, 6, (int64_t)sum);
}

size_t
tar_padding(int64_t size)
{
	return (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

static bool
get_octal(const char *from, int digits, int64_t *out)
{
	*out = 0;
	for (int i = 0; i < digits; i++) {
		if (from[i] < '0' || from[i] > '7')
			return false;
		*out = *out * 8 + (from[i] - '0');
	}
	return from[digits] == '\0';
}

static bool
is_zero(struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.ptr[i])
			return false;
	}
	return true;
}

/* Letters, digits and the few signs of our own names. */
static bool
is_name(const char *name)
{
	static const char others[] = "./-_";

	for (const char *c = name; *c; c++) {
		bool plain = (*c >= 'a' && *c <= 'z') ||
			     (*c >= 'A' && *c <= 'Z') ||
			     (*c >= '0' && *c <= '9');

		if (!plain && !strchr(others, *c))
			return false;
	}
	return *name && *name != '/';
}

enum tar_step
tar_next(struct span *rest, struct tar_member *out)
{
	char again[TAR_BLOCK];
	int64_t size, at_s;
	struct span block = span_slice(*rest, 0, TAR_BLOCK), padding;

	*out = (struct tar_member){.data = {NULL, 0}};
	if (block.len < TAR_BLOCK)
		return TAR_DAMAGED;
	if (rest->len == 2 * (size_t)TAR_BLOCK && is_zero(*rest))
		return TAR_END;
	memcpy(out->name, block.ptr, TAR_NAME_MAX);
	if (!is_name(out->name) || !get_octal(block.ptr + AT_SIZE, 11, &size) ||
	    !get_octal(block.ptr + AT_TIME, 11, &at_s))
		return TAR_DAMAGED;
	tar_header(again, out->name, size, at_s);
	if (memcmp(again, block.ptr, TAR_BLOCK) != 0 ||
	    (uint64_t)size > rest->len - TAR_BLOCK)
		return TAR_DAMAGED;
	*rest = span_slice(*rest, TAR_BLOCK, rest->len);
	out->data = span_slice(*rest, 0, (size_t)size);
	padding =
	    span_slice(*rest, (size_t)size, (size_t)size + tar_padding(size));
	*rest = span_slice(*rest, (size_t)size + tar_padding(size), rest->len);
	return padding.len == tar_padding(size) && is_zero(padding)
		   ? TAR_MEMBER
		   : TAR_DAMAGED;
}
