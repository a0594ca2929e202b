/* The charset of one message. */
#ifndef CORE_COMPOSE_WRITTEN_H
#define CORE_COMPOSE_WRITTEN_H

#include "core/base/buf.h"
#include "core/base/span.h"
#include "core/campaign/campaign.h"
#include "core/mail/encode.h"
#include "core/mail/mime.h"

/* What of a message is text, in UTF-8. */
struct written_source {
	struct span from, to; /* names */
	struct span subject, plain, html;
};

/* The same in the charset in which it leaves; caller's storage,
 * zero-initialised, ended with written_done(). */
struct written {
	enum campaign_charset charset;
	struct mime_text plain, html; /* source or jis_* */
	struct buf jis_plain, jis_html;
};

/* Decides for the message as a whole: UTF-8 as soon as one character of names,
 * subject or plain part has no place in the charset that is wanted.  Spans of
 * source must live as long as written is used. */
void written_choose(struct written *written, enum campaign_charset wanted,
    const struct written_source *source);

/* The charset as encoded words have it. */
enum encode_charset written_words(const struct written *written);

/* Frees its memory. */
void written_done(struct written *written);

#endif
