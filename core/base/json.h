/* JSON (RFC 8259), read in place: the fields of a contact are an object. */
#ifndef CORE_BASE_JSON_H
#define CORE_BASE_JSON_H

#include "core/base/buf.h"
#include "core/base/span.h"

enum { JSON_DEPTH_MAX = 32 }; /* arrays and objects in each other */

enum json_type {
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
	JSON_OBJECT,
	JSON_ARRAY
};

/* Walks an object or array without allocating; borrowed bytes. */
struct json_walk {
	struct span rest;
	enum { JSON_FIRST, JSON_LATER, JSON_END, JSON_BAD } state;
	char close;          /* what ends it */
	enum json_type type; /* of the value found last */
};

/* Begins at a text that should be an object; json_next() finds out. */
void json_begin(struct json_walk *walk, struct span text);

/* Begins at a text that should be an array. */
void json_begin_array(struct json_walk *walk, struct span text);

/* The next member or element: 1, 0 after the last one with nothing behind,
 * -1 when the text is not what it should be in strict JSON (controls, bad
 * UTF-8, half a surrogate pair and too many levels are refused).  A key, and a
 * value that is a string, are still escaped and without quotes; another value
 * is as it is written, and right throughout.  The key of an element is
 * empty. */
int json_next(struct json_walk *walk, struct span *key, struct span *value);

/* Reads a text that is one value and nothing else; *value as json_next()
 * gives it.  False when it is not. */
bool json_value(struct span text, enum json_type *type, struct span *value);

/* True when the escaped span, as json_next() gave it, means plain. */
bool json_is(struct span escaped, struct span plain);

/* Finds the first member of an object with this plain name, its value as
 * json_next() gives it: 1, 0 when there is none, -1 when the text before it is
 * no object. */
int json_find(struct span object, struct span name, enum json_type *type,
    struct span *value);

/* Appends what the escaped span means. */
void json_unescape(struct span escaped, struct buf *out);

/* Appends a value as json_next() gave it, for people: a string as it reads,
 * null as nothing, all else as it is written. */
void json_show(enum json_type type, struct span value, struct buf *out);

/* Appends plain (valid UTF-8) as a string with its quotes; one text has one
 * form, so that equal objects written in one order are equal bytes. */
void json_quote(struct buf *out, struct span plain);

/* Appends a value as json_next() gave it, as JSON again. */
void json_copy(enum json_type type, struct span value, struct buf *out);

#endif
