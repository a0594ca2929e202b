/* Errors as codes and facts. */
#include "core/base/err.h"

#include <assert.h>
#include <stdio.h>

static const char *const names[] = {
#define X(code, name) [code] = name,
#include "core/base/err.def"
#undef X
};
static_assert(
    sizeof names / sizeof *names == ERR_CODE_COUNT, "name every error code");

int
err_set(struct err *err, enum err_code code)
{
	return err_sys(err, code, 0);
}

int
err_sys(struct err *err, enum err_code code, int sys)
{
	if (err) {
		err->code = code;
		err->sys = sys;
		err->fact_count = 0;
	}
	return -1;
}

/* The longest prefix of s within limit that does not end inside a character. */
static size_t
cut_at_character(struct span s, size_t limit)
{
	size_t len = s.len;

	if (len <= limit)
		return len;
	len = limit;
	while (len > 0 && ((unsigned char)s.ptr[len] & 0xc0) == 0x80)
		len--;
	return len;
}

int
err_fact(struct err *err, const char *name, struct span value)
{
	struct err_fact *fact;
	size_t len;

	if (!err || err->fact_count == ERR_FACTS_MAX)
		return -1;
	fact = &err->fact[err->fact_count++];
	snprintf(fact->name, sizeof fact->name, "%s", name);
	len = cut_at_character(value, ERR_VALUE_MAX);
	if (len)
		memcpy(fact->value, value.ptr, len);
	fact->value[len] = '\0';
	return -1;
}

int
err_fact_int(struct err *err, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)value);
	return err_fact(err, name, span_of(text));
}

const char *
err_find(const struct err *err, const char *name)
{
	for (unsigned i = 0; i < err->fact_count; i++) {
		if (!strcmp(err->fact[i].name, name))
			return err->fact[i].value;
	}
	return "";
}

const char *
err_name(enum err_code code)
{
	return (unsigned)code < ERR_CODE_COUNT ? names[code] : names[E_BUG];
}

enum err_code
err_code_of(struct span name)
{
	for (int i = 0; i < ERR_CODE_COUNT; i++) {
		if (span_equal(span_of(names[i]), name))
			return (enum err_code)i;
	}
	return E_BUG;
}
