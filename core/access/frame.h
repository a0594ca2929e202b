/* How agent and parent talk: frames of a kind, a length and text. */
#ifndef CORE_ACCESS_FRAME_H
#define CORE_ACCESS_FRAME_H

#include "core/access/access.h"
#include "core/base/buf.h"

enum { FRAME_HEAD = 5, FRAME_MAX = 1024 };

/* Appends a frame; text is cut at FRAME_MAX octets. */
void frame_add(struct buf *out, enum login_kind kind, struct span text);

/* Takes one frame off the beginning of input: the octets it used with *out
 * filled, 0 when more is needed, -1 when it is no frame (E_PAM_AGENT). */
int frame_take(struct span input, struct login_event *out, struct err *err);

/* Appends code and facts of an error as the text of a LOGIN_DENIED frame. */
void frame_put_err(struct buf *out, const struct err *why);

#endif
