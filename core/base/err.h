/* Errors: a code, the system's errno and a few named facts.  Core never makes
 * sentences of them; tui/text does, and the audit log stores the stable name. */
#ifndef CORE_BASE_ERR_H
#define CORE_BASE_ERR_H

#include <stdint.h>

#include "core/base/span.h"

enum err_code {
#define X(code, name) code,
#include "core/base/err.def"
#undef X
	ERR_CODE_COUNT
};

enum { ERR_FACTS_MAX = 5, ERR_NAME_MAX = 15, ERR_VALUE_MAX = 255 };

/* One named fact; value is cut at a UTF-8 boundary and may hold foreign
 * bytes: whoever shows it passes it through the screen's text gate. */
struct err_fact {
	char name[ERR_NAME_MAX + 1];
	char value[ERR_VALUE_MAX + 1];
};

/* Filled by the callee that fails; zero-initialise before first use.  Every
 * function that takes a struct err * accepts NULL for "not interested". */
struct err {
	enum err_code code;
	int sys; /* errno, or 0 */
	unsigned fact_count;
	struct err_fact fact[ERR_FACTS_MAX];
};

/* Forgets what err held, sets the code; always -1, so that a function can
 * fail with "return err_set(err, E_...)". */
int err_set(struct err *err, enum err_code code);

/* err_set() with an errno value. */
int err_sys(struct err *err, enum err_code code, int sys);

/* Adds the fact name = value; always -1.  A fact too many is dropped, a value
 * too long is cut at a character. */
int err_fact(struct err *err, const char *name, struct span value);

/* err_fact() with a decimal number. */
int err_fact_int(struct err *err, const char *name, int64_t value);

/* The value of a fact, or the empty string; lives as long as err. */
const char *err_find(const struct err *err, const char *name);

/* The stable name of a code ("store.page"); a static string. */
const char *err_name(enum err_code code);

/* The code with this stable name, or E_BUG when there is none. */
enum err_code err_code_of(struct span name);

#endif
