/* The one shape of JSON (RFC 8259) the store knows: an object of strings. */
#ifndef CORE_CONTACTS_JSON_H
#define CORE_CONTACTS_JSON_H

#include "core/base/buf.h"
#include "core/base/span.h"

/* Walks an object without allocating; borrowed bytes. */
struct json_walk {
	struct span rest;
	enum { JSON_FIRST, JSON_LATER, JSON_END, JSON_BAD } state;
};

/* Begins at a text that should be an object; json_next() finds out. */
void json_begin(struct json_walk *walk, struct span text);

/* The next member, both spans still escaped and without quotes: 1, 0 after
 * the last one with nothing behind the object, -1 when the text is not an
 * object of strings in strict JSON (controls, bad UTF-8, half a surrogate
 * pair and other types of value are refused). */
int json_next(struct json_walk *walk, struct span *key, struct span *value);

/* True when the escaped span, as json_next() gave it, means plain. */
bool json_is(struct span escaped, struct span plain);

/* Appends what the escaped span means. */
void json_unescape(struct span escaped, struct buf *out);

/* Appends plain (valid UTF-8) as a string with its quotes; one text has one
 * form, so that equal objects written in one order are equal bytes. */
void json_quote(struct buf *out, struct span plain);

#endif
