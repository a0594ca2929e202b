/* cmocka with the headers it wants, in one place (1.1.5 and 2.x differ). */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/span.h"

/* Fails the test unless span s holds exactly the literal or string text. */
#define assert_span_equal(s, text)                                             \
	do {                                                                   \
		struct span got_ = (s), want_ = span_of(text);                 \
		assert_int_equal(got_.len, want_.len);                         \
		assert_memory_equal(got_.ptr, want_.ptr, want_.len);           \
	} while (0)

/* Fails the test, naming the error, unless the call succeeded. */
#define assert_ok(call, err)                                                   \
	do {                                                                   \
		if ((call) < 0)                                                \
			fail_msg("%s: %s %s=%s", #call, err_name((err)->code), \
			    (err)->fact[0].name, (err)->fact[0].value);        \
	} while (0)

#endif
